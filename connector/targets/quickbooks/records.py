"""What we read from QuickBooks and what we write there; money is integer minor units on our side of this file.

QuickBooks adds fields without a new version number: unknown keys are passed over."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec

from connector.domain.money import decimal_text, parse_minor
from connector.errors import Broken

MONEY = frozenset({"Amount", "TaxAmount"})
RATES = frozenset({"ExchangeRate"})
_RATE = re.compile(r"\d{1,9}(\.\d{1,12})?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record before it is written, with QuickBooks' field names; amounts are minor units of its CurrencyRef."""

    kind: str
    payload: dict[str, object]


class Ref(msgspec.Struct, frozen=True):
    value: str = ""
    name: str | None = None


class Account(msgspec.Struct, frozen=True, rename="pascal"):
    """`current_balance` is debit positive, and 0 for every account of the profit and loss."""

    id: str
    name: str
    account_type: str
    account_sub_type: str | None = None
    fully_qualified_name: str | None = None
    acct_num: str | None = None
    active: bool = True
    tax_account: bool | None = None
    current_balance: Decimal | None = None
    currency_ref: Ref | None = None


class TaxCode(msgspec.Struct, frozen=True, rename="pascal"):
    id: str
    name: str
    active: bool = True


class Place(msgspec.Struct, frozen=True, rename="pascal"):
    """A Department (a location, as people see it) or a Class."""

    id: str
    name: str
    fully_qualified_name: str | None = None


class CompanyInfo(msgspec.Struct, frozen=True, rename="pascal"):
    company_name: str
    country: str


class AccountingInfoPrefs(msgspec.Struct, frozen=True, rename="pascal"):
    """`book_close_date` is missing where the books are open."""

    book_close_date: date | None = None
    track_departments: bool = False
    class_tracking_per_txn: bool = False
    class_tracking_per_txn_line: bool = False


class CurrencyPrefs(msgspec.Struct, frozen=True, rename="pascal"):
    home_currency: Ref
    multi_currency_enabled: bool = False


class Preferences(msgspec.Struct, frozen=True, rename="pascal"):
    accounting_info_prefs: AccountingInfoPrefs
    currency_prefs: CurrencyPrefs


class JournalEntryLineDetail(msgspec.Struct, frozen=True, rename="pascal"):
    posting_type: str = ""
    account_ref: Ref = Ref()
    tax_code_ref: Ref | None = None
    tax_amount: Decimal | None = None


class JournalLine(msgspec.Struct, frozen=True, rename="pascal"):
    """A line; one that only describes has no detail."""

    amount: Decimal | None = None
    journal_entry_line_detail: JournalEntryLineDetail | None = None


class JournalEntry(msgspec.Struct, frozen=True, rename="pascal"):
    """TotalAmt is left unread: it is 0 whatever the entry holds."""

    id: str
    sync_token: str
    txn_date: str = ""
    doc_number: str | None = None
    currency_ref: Ref | None = None
    line: tuple[JournalLine, ...] = ()


class Transfer(msgspec.Struct, frozen=True, rename="pascal"):
    """It has no number of its own: our mark ends the note."""

    id: str
    sync_token: str
    txn_date: str = ""
    private_note: str | None = None
    amount: Decimal | None = None
    from_account_ref: Ref = Ref()
    to_account_ref: Ref = Ref()
    currency_ref: Ref | None = None


Side = tuple[str, str, int]  # account id, Debit or Credit, minor units without tax
Taxed = tuple[str, str, str, int]  # account id, Debit or Credit, tax code id, minor units of tax


def wire(payload: dict[str, object]) -> str:
    """The JSON text that goes out: amounts as numbers with the currency's own decimals, never a float on the way.

    Raises Broken where an amount is not an integer or a rate not a plain decimal."""
    return msgspec.json.encode(_numbered(payload, currency_of(payload))).decode()


def currency_of(payload: dict[str, object]) -> str:
    return text_in(payload, "CurrencyRef", "value")


def text_in(payload: object, *path: str) -> str:
    """The text at the end of a path through maps; empty where there is none."""
    for name in path:
        payload = payload.get(name) if isinstance(payload, dict) else None
    return payload if isinstance(payload, str) else ""


def minor(amount: Decimal | None, currency: str) -> int:
    """An amount as read, in minor units; raises Broken where it has more decimals than the currency."""
    try:
        return parse_minor(f"{amount or Decimal(0):f}", currency)
    except ValueError as error:
        raise Broken(f"QuickBooks says an amount that cannot be: {error}") from error


def sides(entry: JournalEntry, currency: str) -> Counter[Side]:
    """The lines of an entry, in no order."""
    return Counter(
        (detail.account_ref.value, detail.posting_type, minor(line.amount, currency))
        for line in entry.line
        if (detail := line.journal_entry_line_detail)
    )


def taxes(entry: JournalEntry, currency: str) -> Counter[Taxed]:
    """The tax on the lines of an entry, in no order."""
    return Counter(
        (detail.account_ref.value, detail.posting_type, detail.tax_code_ref.value, minor(detail.tax_amount, currency))
        for line in entry.line
        if (detail := line.journal_entry_line_detail) and detail.tax_code_ref
    )


def _numbered(value: object, currency: str) -> object:
    if isinstance(value, dict):
        return {name: _number(name, inner, currency) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_numbered(inner, currency) for inner in value]
    return value


def _number(name: str, value: object, currency: str) -> object:
    if name in MONEY:
        if type(value) is not int or not currency:
            raise Broken(f"{name} is an integer number of minor units of a known currency, not {value!r}")
        return msgspec.Raw(decimal_text(value, currency).encode())
    if name in RATES:
        if not isinstance(value, str) or not _RATE.match(value):
            raise Broken(f"{name} is a plain decimal in text, not {value!r}")
        return msgspec.Raw(value.encode())
    return _numbered(value, currency)
