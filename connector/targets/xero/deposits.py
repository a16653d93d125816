"""Money that already stands on a bank account: looked for before a payout is posted there a second time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal

from connector.domain.books import Account
from connector.domain.money import parse_minor
from connector.targets.contract import Banked
from connector.targets.xero.changes import standing
from connector.targets.xero.client import XeroClient
from connector.targets.xero.records import RecordKind, RecordRead
from connector.targets.xero.wire import day

_MOVED_BY_TRANSFER = "-TRANSFER"  # a transfer stands among the bank transactions a second time, once for each end
_PAID_OUT = frozenset({"ACCPAYPAYMENT", "ARCREDITPAYMENT"})


def banked(
    client: XeroClient, account: Account, amounts: Collection[int] | None, days: tuple[date, date]
) -> list[Banked]:
    """Records of anybody, dated from the first to the last of `days`, with exactly one of these amounts (any where
    it is None) on the account.

    Amounts are in minor units of the account's currency, debit positive (money that came in)."""
    between = f"Date >= {_day(days[0])} AND Date <= {_day(days[1])}"
    on_account = f'BankAccount.AccountID == guid("{account.account_id}") AND {between}'
    wanted = None if amounts is None else frozenset(amounts)
    lists: dict[RecordKind, str] = {"bank_transaction": on_account, "bank_transfer": between, "payment": between}
    return [
        Banked(
            standing=standing(kind, record),
            amount=amount,
            day=date.fromisoformat(day(record.date)),
            is_matched=_is_matched(kind, record, account.account_id),
            others=tuple(dict.fromkeys(line.account_code for line in record.line_items if line.account_code)),
        )
        for kind, condition in lists.items()
        for record in client.where(kind, condition)
        if not record.is_gone
        for on, moved in dict.fromkeys(_sides(kind, record))
        if on == account.account_id
        if (amount := parse_minor(f"{moved:f}", account.currency)) in (wanted if wanted is not None else (amount,))
    ]


def _sides(kind: RecordKind, record: RecordRead) -> Iterator[tuple[str, Decimal]]:
    """The accounts that a record moves money on, and how much, debit positive."""
    if kind == "bank_transfer":
        yield record.from_bank_account.account_id, -record.amount
        yield record.to_bank_account.account_id, record.amount
    elif kind == "payment":
        amount = record.bank_amount or record.amount
        yield record.account.account_id, -amount if record.payment_type in _PAID_OUT else amount
    elif not record.type.endswith(_MOVED_BY_TRANSFER):
        yield record.bank_account.account_id, -record.total if record.type.startswith("SPEND") else record.total


def _is_matched(kind: RecordKind, record: RecordRead, account_id: str) -> bool:
    """Whether it is matched on that account: a transfer has two ends, each matched by itself."""
    if kind != "bank_transfer":
        return record.is_reconciled
    return record.from_is_reconciled if record.from_bank_account.account_id == account_id else record.to_is_reconciled


def _day(at: date) -> str:
    return f"DateTime({at.year},{at.month},{at.day})"
