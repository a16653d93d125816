"""Taxes of a line: their names, and which part of a tax belongs to the price, the discount and the charge."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from connector.domain.facts import Problem
from connector.domain.money import share_half_even
from connector.sources.square.records import AppliedTax, Tax, minor

UNKNOWN_TAX = "Unknown tax"
_PERCENTAGE = re.compile(r"\d{1,4}(\.\d{1,12})?\Z")


class Charged(NamedTuple):
    """A tax on one line: its whole amount as the source has it, never computed. (A tuple, as there are many.)"""

    name: str
    percentage: str
    is_inclusive: bool
    amount: int


class Taxed(NamedTuple):
    """A line or charge as far as its tax goes: what it is called, the taxes applied to it, their total, and the
    additive part of it that its own totals imply."""

    what: str
    name: str
    applied: Sequence[AppliedTax]
    total: int
    additive: int

    @property
    def label(self) -> str:
        return f"{self.what} {self.name}".strip()


def charged_taxes(taxed: Taxed, taxes: Mapping[str, Tax], problems: list[Problem]) -> Sequence[Charged]:
    """The taxes on a line. One without applied taxes takes the order's only tax; with several it is a problem."""
    if not taxed.applied and not taxed.total:
        return ()
    found = [(taxes.get(each.tax_uid or ""), _applied_amount(each, taxed)) for each in taxed.applied]
    if not found:
        found = [(next(iter(taxes.values())) if len(taxes) == 1 else None, taxed.total)]
    charged = [_charged(tax, amount, taxed) for tax, amount in found]
    _add_problems(charged, taxed, problems)
    return charged


def joined_name(charged: Sequence[Charged]) -> str:
    """The tax code of a line: the names of its taxes, in order of the alphabet; empty where there are none."""
    if len(charged) == 1:
        return charged[0].name
    return " + ".join(sorted({tax.name for tax in charged}))


def share(tax: Charged, amount: int, charged: Sequence[Charged]) -> int:
    """The part of a tax that an amount carries at the tax's rate, halves to even.

    An amount with inclusive taxes holds them all: its part is amount × rate ÷ (100 + their rates)."""
    inside = tuple(each.percentage for each in charged if each.is_inclusive) if tax.is_inclusive else ()
    numerator, denominator = _ratio(tax.percentage, inside)
    return share_half_even(amount, numerator, denominator)


@lru_cache(maxsize=4096)
def tax_name(name: str | None, percentage: str | None) -> str:
    """Name and percentage: "Sales Tax 8%", "VAT 20%"."""
    percent = f"{_plain(percentage)}%" if percentage else ""
    named = name or "Tax"
    return named if not percent or named.endswith(percent) else f"{named} {percent}"


def _applied_amount(each: AppliedTax, taxed: Taxed) -> int:
    return taxed.total if each.applied_money is None and len(taxed.applied) == 1 else minor(each.applied_money)


def _charged(tax: Tax | None, amount: int, taxed: Taxed) -> Charged:
    if tax is None:
        return Charged(UNKNOWN_TAX, "", is_inclusive=not taxed.additive, amount=amount)
    name = tax_name(tax.name, tax.percentage)
    return Charged(name, tax.percentage or "", is_inclusive=tax.type == "INCLUSIVE", amount=amount)


def _add_problems(charged: Sequence[Charged], taxed: Taxed, problems: list[Problem]) -> None:
    off = taxed.total
    for tax in charged:
        off -= tax.amount
        if tax.name == UNKNOWN_TAX:
            message = f"{taxed.label} is taxed, but the order does not say by which of its taxes"
            problems.append(Problem(code="tax_unknown", message=message))
    if off:
        message = f"{taxed.label}: the tax and the sum of its taxes differ"
        problems.append(Problem(code="S3", message=message, difference=off))


@lru_cache(maxsize=4096)
def _ratio(percentage: str, inside: tuple[str, ...]) -> tuple[int, int]:
    ratio = _rate(percentage) / (100 + sum(map(_rate, inside)))
    return ratio.numerator, ratio.denominator


def _rate(percentage: str) -> Fraction:
    return Fraction(percentage) if _PERCENTAGE.match(percentage) else Fraction(0)


def _plain(percentage: str) -> str:
    whole, dot, part = percentage.strip().partition(".")
    return f"{whole}.{part.rstrip('0')}".rstrip(".") if dot else whole
