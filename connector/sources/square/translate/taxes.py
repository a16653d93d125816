"""Taxes of a line: their names, and which part of a tax belongs to the price, the discount and the charge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from connector.domain.facts import Problem
from connector.sources.square.records import AppliedTax, minor

UNKNOWN_TAX = "Unknown tax"
_PERCENTAGE = re.compile(r"\d{1,4}(\.\d{1,12})?\Z")


class NamedTax(NamedTuple):
    """A tax as an order names it, without an amount. (A tuple, as the names of a line's pieces are kept by it.)"""

    name: str
    percentage: str
    is_inclusive: bool


Ratio = tuple[int, int]  # numerator and denominator
_UNKNOWN = (NamedTax(UNKNOWN_TAX, "", is_inclusive=False), NamedTax(UNKNOWN_TAX, "", is_inclusive=True))


def charged_taxes(
    applied: Sequence[AppliedTax], total: int, additive: int, taxes: Mapping[str, NamedTax]
) -> tuple[tuple[NamedTax, ...], Sequence[int]]:
    """The taxes on a line and their whole amounts, as the source has them, never computed, from those applied, their
    total, and the additive part that the line's own totals imply. A line without applied taxes takes the order's only
    tax."""
    if not applied:
        return (((_only(taxes) or _UNKNOWN[not additive]),), (total,)) if total else ((), ())
    unknown = _UNKNOWN[not additive]
    if len(applied) == 1:
        (each,) = applied
        amount = total if each.applied_money is None else each.applied_money.amount or 0
        return (taxes.get(each.tax_uid or "", unknown),), (amount,)
    named = tuple([taxes.get(each.tax_uid or "", unknown) for each in applied])
    return named, [minor(each.applied_money) for each in applied]


def tax_problems(label: str, taxes: Sequence[NamedTax], off: int) -> Iterator[Problem]:
    """Where the taxes of a line are not known, and where they are `off` its total tax."""
    for tax in taxes:
        if tax.name == UNKNOWN_TAX:
            message = f"{label} is taxed, but the order does not say by which of its taxes"
            yield Problem(code="tax_unknown", message=message)
    if off:
        yield Problem(code="S3", message=f"{label}: the tax and the sum of its taxes differ", difference=off)


def joined_name(taxes: Sequence[NamedTax]) -> str:
    """The tax code of a line: the names of its taxes, in order of the alphabet; empty where there are none."""
    return " + ".join(sorted({tax.name for tax in taxes}))


def included(taxes: Sequence[NamedTax], charged: Sequence[int]) -> int:
    """What of the taxes on a line stands inside its amount."""
    if len(taxes) == 1:
        return charged[0] if taxes[0].is_inclusive else 0
    return sum([amount for tax, amount in zip(taxes, charged, strict=True) if tax.is_inclusive])


@lru_cache(maxsize=4096)
def rates(taxes: tuple[NamedTax, ...]) -> tuple[Ratio, ...]:
    """For each tax on a line, which part of an amount it is: of one with inclusive taxes, which holds them all, rate ÷
    (100 + their rates)."""
    inside = 100 + sum(_rate(each.percentage) for each in taxes if each.is_inclusive)
    parts = [_rate(each.percentage) / (inside if each.is_inclusive else 100) for each in taxes]
    return tuple((part.numerator, part.denominator) for part in parts)


@lru_cache(maxsize=4096)
def named_tax(name: str | None, percentage: str | None, kind: str | None) -> NamedTax:
    """A tax of an order by its words: orders repeat them."""
    return NamedTax(tax_name(name, percentage), percentage or "", kind == "INCLUSIVE")


def tax_name(name: str | None, percentage: str | None) -> str:
    """Name and percentage: "Sales Tax 8%", "VAT 20%"."""
    percent = f"{_plain(percentage)}%" if percentage else ""
    named = name or "Tax"
    return named if not percent or named.endswith(percent) else f"{named} {percent}"


def _only(taxes: Mapping[str, NamedTax]) -> NamedTax | None:
    return next(iter(taxes.values())) if len(taxes) == 1 else None


def _rate(percentage: str) -> Fraction:
    return Fraction(percentage) if _PERCENTAGE.match(percentage) else Fraction(0)


def _plain(percentage: str) -> str:
    whole, dot, part = percentage.strip().partition(".")
    return f"{whole}.{part.rstrip('0')}".rstrip(".") if dot else whole
