"""An acquirer's own table of batches: what was taken, and what it kept of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from connector.errors import Unreadable
from connector.reconcile.columns import Block, Column, amounts_of, day_of, read_blocks, text_of
from connector.reconcile.matching.tables import currencies_of

_TABLE = (
    Column(name="date", others=("day", "batch_date", "processed_on", "transaction_date")),
    Column(name="reference", others=("batch", "batch_id", "ref", "settlement", "id")),
    Column(name="gross", others=("amount", "sales", "turnover")),
    Column(name="fee", others=("fees", "charges", "commission"), is_needed=False),
    Column(name="net", others=("paid", "deposit", "payout"), is_needed=False),
    Column(name="currency", others=("currency_code",), is_needed=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch, in minor units: `fee` is what the acquirer kept of `gross`, positive."""

    day: date
    reference: str
    currency: str
    gross: int
    fee: int


def read_acquirer(lines: Iterable[str], file: str, currency: str = "") -> list[Batch]:
    """The batches; raises Unreadable with file, line and column, where neither fee nor net is told, or where gross less
    fee is not the net that stands beside it."""
    found: list[Batch] = []
    for block in read_blocks(lines, _TABLE, file):
        currencies = currencies_of(block, currency)
        days, references = block.read("date", day_of, {}), block.read("reference", text_of, {})
        gross = amounts_of(block, "gross", currencies, {})
        fees = _fees(block, gross, currencies)
        found += [
            Batch(day=day, reference=reference, currency=code, gross=amount, fee=fee)
            for day, reference, code, amount, fee in zip(days, references, currencies, gross, fees, strict=True)
        ]
    return found


def _fees(block: Block, gross: Sequence[int], currencies: Sequence[str]) -> list[int]:
    if "fee" not in block.columns and "net" not in block.columns:
        raise Unreadable(f"{block.file} has neither a column fee nor a column net.")
    if "fee" not in block.columns:
        return [whole - net for whole, net in zip(gross, amounts_of(block, "net", currencies, {}), strict=True)]
    fees = [abs(fee) for fee in amounts_of(block, "fee", currencies, {})]
    if "net" in block.columns:
        for row, net in enumerate(amounts_of(block, "net", currencies, {})):
            if gross[row] - fees[row] != net:
                raise block.wrong(row, "net", "it is not gross less fee")
    return fees
