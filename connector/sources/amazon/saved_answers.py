"""Saved answers of listTransactions → facts, for a preview."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from connector.domain.facts import Fact
from connector.errors import Broken, Unreadable
from connector.sources.amazon.answers import RELEASED, Transaction, Transactions, read, written
from connector.sources.amazon.deferrals import translate_transaction
from connector.sources.saved import SavedRecord, content_of, facts_of, gathered


def saved_transactions(paths: Sequence[Path], zone: str) -> Iterator[Fact | Unreadable]:
    """A fact of each transaction, or the Unreadable that says why not. A file holds one answer or a list of them; of
    one transaction twice, the one that was released counts."""
    records, wrong = gathered(paths, _records)
    yield from wrong
    yield from facts_of(records, lambda each: translate_transaction(each.source_id, each.body, zone))


def _records(file: Path) -> Iterator[SavedRecord | Unreadable]:
    content = content_of(file)
    try:
        pages = read(content, tuple[Transactions, ...]) if content.startswith(b"[") else (read(content, Transactions),)
    except Broken as error:
        raise Broken(
            f"a .json file is read as what listTransactions answered, and this is not that ({error})."
        ) from None
    for raw in (raw for page in pages for raw in page.payload.transactions or ()):
        try:
            found = read(raw, Transaction)
        except Broken as error:
            yield Unreadable(f"{file}: a transaction cannot be read: {error}")
            continue
        rank = (found.transaction_status == RELEASED,)
        yield SavedRecord(
            stream="transactions", source_id=found.transaction_id, body=written(found), file=file, rank=rank
        )
