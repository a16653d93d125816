"""Payments, items and earlier links, read from tables of text."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import cast, get_args

from connector.errors import Unreadable
from connector.reconcile.allocate.sides import Side
from connector.reconcile.allocate.values import Kind
from connector.reconcile.columns import Block, Column, amounts_of, currency_of, day_of, name_of, read_blocks, text_of

_ACCOUNT = Column(name="account", others=("account_id", "client", "client_id", "customer", "customer_id"))
_CURRENCY = Column(name="currency", others=("currency_code",), is_needed=False)
PAYMENTS = (
    Column(name="payment", others=("payment_id", "payment_no", "payment_number", "id")),
    _ACCOUNT,
    Column(name="date", others=("payment_date", "paid_on")),
    Column(name="amount", others=("open", "unreconciled", "balance")),
    _CURRENCY,
)
RULED = (
    *PAYMENTS,
    Column(name="kind", others=("type",)),
    Column(name="invoice", others=("invoice_no", "invoice_number", "invoice_id"), is_needed=False),
    Column(name="reconcile", is_needed=False),
)
ITEMS = (
    Column(name="invoice", others=("invoice_no", "invoice_number", "invoice_id", "item", "item_id", "id")),
    Column(name="line", others=("line_no", "line_number", "item_no", "item_number"), is_needed=False),
    _ACCOUNT,
    Column(name="date", others=("invoice_date", "invoiced_on", "item_date")),
    Column(name="amount", others=("open", "owing", "balance", "amount_due")),
    _CURRENCY,
)
_LARGEST_LINE = 10**9
Groups = dict[tuple[str, str], int]
Ruled = tuple[Kind, str, bool]
_YES, _NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0", ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table's file name and its lines of text, heading first; `currency` stands in where it has no such column."""

    file: str
    lines: Iterable[str]
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Both sides of one run. `groups` is the account and currency behind each number, in the order of their names.

    `ruled` are kind, invoice and an administrator's choice of each payment, where they were asked for."""

    payments: Side
    items: Side
    groups: Sequence[tuple[str, str]]
    ruled: Sequence[Ruled]


def read_ledger(payments: Source, items: Source, *, with_rules: bool = False) -> Ledger:
    """Reads both tables; raises Unreadable with file, line and column for what cannot be read, and for a payment, or an
    invoice and line, that stands twice on one account."""
    numbers: Groups = defaultdict(count().__next__)
    paid, owed = _Rows(), _Rows()
    for block in read_blocks(payments.lines, RULED if with_rules else PAYMENTS, payments.file):
        paid.take(block, payments.currency, numbers)
    for block in read_blocks(items.lines, ITEMS, items.file):
        owed.take(block, items.currency, numbers)
    owed.count_lines()
    names = sorted(numbers)
    places = {numbers[name]: place for place, name in enumerate(names)}
    ledger = Ledger(payments=paid.side(places), items=owed.side(places), groups=names, ruled=paid.ruled)
    _refuse_twice(ledger.payments, payments.file, "payment")
    _refuse_twice(ledger.items, items.file, "item")
    return ledger


def of_account(ledger: Ledger, account: str) -> Ledger:
    """The ledger with nothing open on any other account; raises Unreadable where the account has no row."""
    wanted = {number for number, group in enumerate(ledger.groups) if group[0] == account}
    if not wanted:
        raise Unreadable(f"There is no payment and no item of the account {account}.")
    return replace(ledger, payments=_only(ledger.payments, wanted), items=_only(ledger.items, wanted))


def _only(side: Side, wanted: set[int]) -> Side:
    amounts = zip(side.groups, side.amounts, strict=True)
    return replace(side, amounts=array("q", [amount if group in wanted else 0 for group, amount in amounts]))


@dataclass(slots=True)
class _Rows:
    """A side while it is read, its groups numbered as they come."""

    groups: array[int] = field(default_factory=lambda: array("q"))
    days: array[int] = field(default_factory=lambda: array("q"))
    names: list[str] = field(default_factory=list)
    lines: array[int] = field(default_factory=lambda: array("q"))
    amounts: array[int] = field(default_factory=lambda: array("q"))
    ruled: list[Ruled] = field(default_factory=list)
    has_lines: bool = True
    known_days: dict[str, int] = field(default_factory=dict)
    known_lines: dict[str, int] = field(default_factory=dict)
    known_accounts: dict[str, str] = field(default_factory=dict)
    known_currencies: dict[str, str] = field(default_factory=dict)
    known_amounts: dict[str, dict[str, int]] = field(default_factory=dict)

    def take(self, block: Block, currency: str, numbers: Groups) -> None:
        columns = block.columns
        accounts = block.read("account", name_of, self.known_accounts)
        currencies = self._currencies(block, currency)
        self.groups.extend(map(numbers.__getitem__, zip(accounts, currencies, strict=True)))
        self.days.extend(block.read("date", _ordinal, self.known_days))
        self.names += block.names("payment" if "payment" in columns else "invoice")
        self.amounts.extend(amounts_of(block, "amount", currencies, self.known_amounts))
        self.has_lines = "line" in columns
        self.lines.extend(block.read("line", _line, self.known_lines) if self.has_lines else bytes(len(accounts)))
        if "kind" in columns:
            self.ruled += _ruled(block)

    def _currencies(self, block: Block, currency: str) -> Sequence[str]:
        if "currency" in block.columns:
            return block.read("currency", currency_of, self.known_currencies)
        if not currency:
            raise Unreadable(f"{block.file} has no column currency; add it, or say which one with --currency.")
        return [currency] * len(block.numbers)

    def count_lines(self) -> None:
        """Where the table does not number the lines of an invoice, they count in the order they stand."""
        if self.has_lines:
            return
        seen: dict[tuple[int, str], int] = {}
        for row, invoice in enumerate(zip(self.groups, self.names, strict=True)):
            seen[invoice] = self.lines[row] = seen.get(invoice, 0) + 1

    def side(self, places: Mapping[int, int]) -> Side:
        groups = array("q", map(places.__getitem__, self.groups))
        return Side(groups=groups, days=self.days, names=self.names, lines=self.lines, amounts=self.amounts)


def _ruled(block: Block) -> Iterable[Ruled]:
    size = len(block.numbers)
    invoices = block.read("invoice", text_of, {}) if "invoice" in block.columns else [""] * size
    choices = block.read("reconcile", _choice, {}) if "reconcile" in block.columns else [False] * size
    return zip(block.read("kind", _kind, {}), invoices, choices, strict=True)


def _kind(text: str) -> Kind:
    for known in get_args(Kind):
        if text.lower() == known:
            return cast(Kind, known)
    raise ValueError(f"{text_of(text)!r} is not one of {', '.join(get_args(Kind))}")


def _choice(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ValueError(f"{text_of(text)!r} is neither yes nor no")
    return text.lower() in _YES


def _ordinal(text: str) -> int:
    return day_of(text).toordinal()


def _line(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > _LARGEST_LINE:
        raise ValueError(f"{text_of(text)!r} is not the number of a line")
    return int(text)


def _refuse_twice(side: Side, file: str, what: str) -> None:
    if len(set(side.names)) == len(side.names):
        return
    seen: set[tuple[int, str, int]] = set(zip(side.groups, side.names, side.lines, strict=True))
    if len(seen) == len(side.names):
        return
    seen.clear()
    for key in zip(side.groups, side.names, side.lines, strict=True):
        if key in seen:
            raise Unreadable(f"{file} has {what} {key[1]}{f' line {key[2]}' if what == 'item' else ''} twice.")
        seen.add(key)
