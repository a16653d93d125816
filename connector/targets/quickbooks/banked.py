"""What already brought an amount to an account: looked at before a payout is posted there a second time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal

from connector.domain.books import Account
from connector.domain.drift import Standing
from connector.domain.money import parse_minor
from connector.targets.contract import Banked
from connector.targets.quickbooks.client import QuickBooksClient, quoted
from connector.targets.quickbooks.marks import is_voided, mark_of
from connector.targets.quickbooks.records import Record

KINDS = ("Deposit", "JournalEntry", "Payment", "RefundReceipt", "SalesReceipt", "Transfer")


def banked(
    client: QuickBooksClient, account: Account, amounts: Collection[int] | None, days: tuple[date, date]
) -> list[Banked]:
    """Records of anybody, dated from the first to the last of `days`, with exactly one of these amounts (any where
    it is None) on the account.

    Amounts are in minor units of the account's currency, debit positive (money that came in)."""
    first, last = days
    where = f"where TxnDate >= {quoted(first.isoformat())} and TxnDate <= {quoted(last.isoformat())}"
    wanted = None if amounts is None else frozenset(amounts)
    return [
        Banked(
            standing=_standing(kind, record),
            amount=amount,
            day=date.fromisoformat(record.txn_date),
            others=tuple(dict.fromkeys(other for other, put in _sides(kind, record) if put * amount < 0)),
        )
        for kind in KINDS
        for record in client.rows(kind, Record, where)
        if not is_voided(record.private_note)
        for on, moved in dict.fromkeys(_sides(kind, record))
        if on == account.account_id
        if (amount := parse_minor(f"{moved:f}", account.currency)) in (wanted if wanted is not None else (amount,))
    ]


def _sides(kind: str, record: Record) -> Iterator[tuple[str, Decimal]]:
    """The accounts that a record names, and what it does to each, debit positive."""
    total, amount = record.total_amt or Decimal(0), record.amount or Decimal(0)
    if record.deposit_to_account_ref:
        yield record.deposit_to_account_ref.value, -total if kind == "RefundReceipt" else total
    if record.from_account_ref and record.to_account_ref:
        yield record.from_account_ref.value, -amount
        yield record.to_account_ref.value, amount
    for line in record.line:
        if line.detail and line.detail.account_ref:
            is_debit = line.detail.posting_type == "Debit"
            yield line.detail.account_ref.value, (line.amount or Decimal(0)) * (1 if is_debit else -1)


def _standing(kind: str, record: Record) -> Standing:
    return Standing(
        kind=kind,
        target_id=record.id,
        version=record.sync_token,
        mark=mark_of(kind, record.doc_number, record.private_note),
        changed_at=record.meta_data.last_updated_time,
    )
