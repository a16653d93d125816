"""The worksheet of a tax return: for each place and tax what was sold, what of it was taxed, and the tax, as
the records say and as the books hold it. Sales and what is owed are positive, in minor units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connector.domain.facts import BucketKey
from connector.domain.money import share_half_even

TAXED_SALES = frozenset({"sales", "refund", "discount", "service_charge"})
"""The roles that a tax is charged on: a return or discount takes from them."""

BY_MARKETPLACE = "through the marketplace"
"""The row of what settlements tell: they name no place and no tax for a sale."""

_REMITTED = "_withheld"
_MONTH = len("2026-04")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A piece of a sale or of its tax, credit positive, and in the books the account it stands on."""

    key: BucketKey
    role: str
    amount: int
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """One tax of one place. `gross` is everything sold there, `taxable` what this tax was charged on, by the records;
    `tax` what was charged, `remitted` what of it the marketplace pays over itself. `booked_…` is the same by documents
    in the books, on `accounts`. Without a name: what was sold without any tax."""

    place: str
    name: str
    currency: str
    gross: int
    taxable: int
    tax: int
    remitted: int
    booked_taxable: int
    booked_tax: int
    accounts: tuple[str, ...]

    @property
    def exempt(self) -> int:
        return self.gross - self.taxable

    @property
    def owed(self) -> int:
        return self.tax - self.remitted

    @property
    def rate(self) -> str:
        """The tax in percent of what it was charged on, such as 8.875; empty where it was charged on nothing."""
        if not self.taxable or not self.tax:
            return ""
        sign = 1 if self.taxable > 0 else -1
        thousandths = share_half_even(self.tax * sign * 100_000, 1, abs(self.taxable))
        return f"{thousandths // 1000}.{thousandths % 1000:03}"

    @property
    def is_tied(self) -> bool:
        return (self.taxable, self.owed) == (self.booked_taxable, self.booked_tax)


def worksheet(by_records: Sequence[Sold], in_books: Sequence[Sold], known: Iterable[BucketKey]) -> list[TaxRow]:
    """A row for every tax of every place, by name. `known` are the keys of taxes at any time: they tell which taxes a
    code of the source stands for ("City + State" for both), so that each has its own row with its own base."""
    taxes = _taxes(known)
    said, booked = _summed(by_records, taxes), _summed(in_books, taxes)
    gross: dict[tuple[str, str], int] = defaultdict(int)
    for each in by_records:
        if each.role in TAXED_SALES:
            gross[each.key.location, each.key.currency] += each.amount
    return [
        TaxRow(
            place=place,
            name=name,
            currency=currency,
            gross=gross[place, currency],
            taxable=said[place, name, currency].taxable,
            tax=said[place, name, currency].tax,
            remitted=said[place, name, currency].remitted,
            booked_taxable=booked[place, name, currency].taxable,
            booked_tax=booked[place, name, currency].tax - booked[place, name, currency].remitted,
            accounts=tuple(sorted(booked[place, name, currency].accounts)),
        )
        for place, name, currency in sorted(said.keys() | booked.keys())
        if said[place, name, currency].is_any or booked[place, name, currency].is_any
    ]


@dataclass(slots=True)
class _Sum:
    taxable: int = 0
    tax: int = 0
    remitted: int = 0
    accounts: set[str] = field(default_factory=set)

    @property
    def is_any(self) -> bool:
        return bool(self.taxable or self.tax or self.remitted)


_Taxes = dict[tuple[str, str], set[str]]


def _taxes(keys: Iterable[BucketKey]) -> _Taxes:
    """The taxes that a tax code of the source stands for, at each place."""
    found: _Taxes = defaultdict(set)
    for key in keys:
        found[key.location, key.tax_code].add(key.code)
    return found


def _summed(pieces: Iterable[Sold], taxes: _Taxes) -> dict[tuple[str, str, str], _Sum]:
    sums: dict[tuple[str, str, str], _Sum] = defaultdict(_Sum)
    for each in pieces:
        key = each.key
        of_settlement = len(key.period) == _MONTH
        if each.role == "tax":
            of = sums[key.location, BY_MARKETPLACE if of_settlement else key.code, key.currency]
            of.accounts |= {each.account} - {""}
            if key.kind.endswith(_REMITTED):
                of.remitted -= each.amount
            else:
                of.tax += each.amount
        elif each.role in TAXED_SALES:
            names = taxes.get((key.location, key.tax_code)) or {key.tax_code}
            for name in {BY_MARKETPLACE} if of_settlement else names:
                sums[key.location, name, key.currency].taxable += each.amount
    return sums
