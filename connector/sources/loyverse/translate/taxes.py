"""Taxes of a line: their names, and which part of a tax belongs to the price and which to a discount."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from connector.domain.facts import Problem
from connector.domain.money import share_half_even
from connector.sources.loyverse.amounts import Amount, exact, minor
from connector.sources.loyverse.plain import PlainTax
from connector.sources.loyverse.records import Tax

INCLUDED, ADDED = "INCLUDED", "ADDED"


class Charged(NamedTuple):
    """A tax on one line: its whole amount as Loyverse has it, never computed. (A tuple, as there are many.)"""

    key: str
    name: str
    rate: Decimal
    is_included: bool
    amount: int
    unknown_type: str = ""


class TaxRate(NamedTuple):
    """A tax that stands alone on its line: its code, and which part of an amount it is."""

    code: str
    is_included: bool
    numerator: int
    denominator: int


UNTAXED = TaxRate("", False, 0, 1)


def charged_taxes(taxes: Sequence[Tax], currency: str) -> tuple[Charged, ...]:
    """The taxes on a line, in minor units; one of an unknown type counts as added, see `type_problems`."""
    return tuple([_charged(tax, exact(tax.rate), currency) for tax in taxes])


def _charged(tax: Tax, rate: Decimal, currency: str) -> Charged:
    return Charged(
        key=tax_key(tax),
        name=tax_name(tax.name, tax.rate),
        rate=rate,
        is_included=tax.type == INCLUDED,
        amount=minor(tax.money_amount, currency),
        unknown_type="" if tax.type in (INCLUDED, ADDED) else tax.type or "(none)",
    )


def joined_name(charged: Sequence[Charged]) -> str:
    """The tax code of a line: the names of its taxes, in order of the alphabet; empty where there are none."""
    return " + ".join(sorted({tax.name for tax in charged}))


def share(tax: Charged, amount: int, charged: Sequence[Charged]) -> int:
    """The part of a tax that an amount carries at the tax's rate, halves to even.

    An amount with included taxes holds them all: its part is amount × rate ÷ (100 + their rates)."""
    inside = tuple(each.rate for each in charged if each.is_included) if tax.is_included else ()
    numerator, denominator = _ratio(tax.rate, inside)
    return share_half_even(amount, numerator, denominator)


@lru_cache(maxsize=4096)
def tax_rate(type_: str | None, name: str | None, rate: Amount) -> TaxRate:
    """A tax that is alone on its line, by its words: receipts repeat them. Raises ValueError for an unknown type."""
    if type_ not in (INCLUDED, ADDED):
        raise ValueError(f"the tax type {type_} is not known")
    percent = exact(rate)
    return TaxRate(tax_name(name, rate), type_ == INCLUDED, *_ratio(percent, (percent,) if type_ == INCLUDED else ()))


def type_problems(charged: Sequence[Charged]) -> Sequence[Problem]:
    """A tax is in the price or added to it; of a third way nothing is known."""
    unknown = {tax.unknown_type for tax in charged if tax.unknown_type}
    return [Problem(code="unknown_tax_type", message=f"the tax type {each} is not known") for each in sorted(unknown)]


def tax_key(tax: Tax | PlainTax) -> str:
    """What a tax of the receipt and of its lines is the same by."""
    return tax.id or tax.name or ""


@lru_cache(maxsize=4096)
def tax_name(name: str | None, rate: Amount) -> str:
    """Name and rate: "VAT 20%", "Sales Tax 8.875%"."""
    percent = f"{_plain(exact(rate))}%" if rate is not None else ""
    named = name or "Tax"
    return named if not percent or named.endswith(percent) else f"{named} {percent}"


@lru_cache(maxsize=4096)
def _ratio(rate: Decimal, inside: tuple[Decimal, ...]) -> tuple[int, int]:
    ratio = Fraction(rate) / (100 + sum(map(Fraction, inside)))
    return ratio.numerator, ratio.denominator


def _plain(rate: Decimal) -> str:
    text = f"{rate:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
