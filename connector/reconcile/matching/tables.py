"""Bank lines and ledger entries read from tables of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from connector.errors import Unreadable
from connector.reconcile.columns import Block, Column, amounts_of, currency_of, day_of, read_blocks, text_of
from connector.reconcile.matching.values import BankLine, Entry

_DATE = Column(name="date", others=("day", "booked_on", "posted", "transaction_date"))
_AMOUNT = Column(name="amount", others=("value",))
_CURRENCY = Column(name="currency", others=("currency_code",), is_needed=False)
STATEMENT = (
    Column(name="id", others=("line", "line_id", "transaction_id", "fitid")),
    _DATE,
    _AMOUNT,
    _CURRENCY,
    Column(name="text", others=("description", "narrative", "memo", "payee", "name"), is_needed=False),
    Column(name="reference", others=("ref",), is_needed=False),
)
LEDGER = (
    Column(name="id", others=("entry", "entry_id", "transaction_id")),
    _DATE,
    _AMOUNT,
    _CURRENCY,
    Column(name="channel", others=("source", "account"), is_needed=False),
    Column(name="reference", others=("ref", "invoice", "number"), is_needed=False),
    Column(name="batch", others=("payout", "payout_id", "settlement", "settlement_id"), is_needed=False),
    Column(name="fee", is_needed=False),
    Column(name="text", others=("description", "memo", "customer", "name"), is_needed=False),
)


def read_lines(lines: Iterable[str], file: str, currency: str = "") -> list[BankLine]:
    """The bank lines; raises Unreadable with file, line and column, or for an id that stands twice."""
    found: list[BankLine] = []
    for block in read_blocks(lines, STATEMENT, file):
        currencies = currencies_of(block, currency)
        days, amounts = block.read("date", day_of, {}), amounts_of(block, "amount", currencies, {})
        texts = _texts(block, "text"), _texts(block, "reference")
        found += [
            BankLine(line_id=name, day=day, amount=amount, currency=code, text=text, reference=reference)
            for name, day, amount, code, text, reference in zip(
                block.names("id"), days, amounts, currencies, *texts, strict=True
            )
        ]
    _refuse_twice([line.line_id for line in found], file)
    return found


def read_entries(lines: Iterable[str], file: str, currency: str = "") -> list[Entry]:
    """The ledger entries, in the sign that the bank line would have; raises as `read_lines`."""
    found: list[Entry] = []
    for block in read_blocks(lines, LEDGER, file):
        currencies = currencies_of(block, currency)
        texts = [_texts(block, name) for name in ("channel", "reference", "batch", "text")]
        days, amounts = block.read("date", day_of, {}), amounts_of(block, "amount", currencies, {})
        found += [
            Entry(
                entry_id=name,
                day=day,
                amount=amount,
                currency=code,
                fee=fee,
                channel=channel,
                reference=reference,
                batch=batch,
                text=text,
            )
            for name, day, amount, code, fee, channel, reference, batch, text in zip(
                block.names("id"), days, amounts, currencies, _fees(block, currencies), *texts, strict=True
            )
        ]
    _refuse_twice([entry.entry_id for entry in found], file)
    return found


def currencies_of(block: Block, currency: str) -> Sequence[str]:
    """The currency of each row, by its column or the one that stands in; raises Unreadable without either."""
    if "currency" in block.columns:
        return block.read("currency", currency_of, {})
    if not currency:
        raise Unreadable(f"{block.file} has no column currency; add it, or say which one with --currency.")
    return [currency] * len(block.numbers)


def _texts(block: Block, name: str) -> Sequence[str]:
    return block.read(name, text_of, {}) if name in block.columns else [""] * len(block.numbers)


def _fees(block: Block, currencies: Sequence[str]) -> Sequence[int]:
    """An empty fee is none."""
    if "fee" not in block.columns:
        return [0] * len(block.numbers)
    filled = replace(block, columns={"fee": [text.strip() or "0" for text in block.columns["fee"]]})
    return amounts_of(filled, "fee", currencies, {})


def _refuse_twice(names: Sequence[str], file: str) -> None:
    if len(set(names)) < len(names):
        twice = Counter(names).most_common(1)[0][0]
        raise Unreadable(f"{file} has the id {twice} twice.")
