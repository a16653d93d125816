"""Saved answers of listTransactions → facts, for a preview."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from connector.domain.facts import Fact
from connector.errors import Broken, Unreadable
from connector.sources.amazon.answers import Transaction, Transactions, read, written
from connector.sources.amazon.deferrals import translate_transaction

FILE_BYTES = 200 * 1024 * 1024


def saved_transactions(paths: Sequence[Path], zone: str) -> Iterator[Fact | Unreadable]:
    """A fact of each transaction, or the Unreadable that says why not. A file holds one answer or a list of them; of
    one transaction twice, the last counts."""
    transactions: dict[str, Transaction] = {}
    for path in paths:
        try:
            transactions |= {each.transaction_id: each for each in _transactions(path)}
        except (Broken, OSError) as error:
            yield Unreadable(f"{path.name} cannot be read: {error}.")
    for name, transaction in transactions.items():
        try:
            yield translate_transaction(name, written(transaction), zone)
        except Broken as error:
            yield Unreadable(f"Transaction {name} cannot be read: {error}.")


def _transactions(path: Path) -> tuple[Transaction, ...]:
    if path.stat().st_size > FILE_BYTES:
        raise Broken(f"it is larger than {FILE_BYTES // 1024 // 1024} MB")
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf").strip()
    try:
        pages = read(content, tuple[Transactions, ...]) if content.startswith(b"[") else (read(content, Transactions),)
    except Broken as error:
        raise Broken(
            f"a .json file is read as what listTransactions answered, and this is not that ({error})"
        ) from None
    return tuple(each for page in pages for each in page.payload.transactions or ())
