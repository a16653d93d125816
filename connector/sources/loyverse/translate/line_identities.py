"""What must add up in a line by itself, and by how much it does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from connector.domain.facts import Problem
from connector.sources.loyverse.amounts import exact, minor, rounded
from connector.sources.loyverse.records import LineItem
from connector.sources.loyverse.translate.taxes import Charged, share


class RateOff(NamedTuple):
    """By how much a tax of a line is not its rate, of the price less everything taken off and of the full price."""

    tax: str
    of_reduced: int
    of_full: int


def rate_offs(taxes: Sequence[Charged], reduced: int, full: int) -> tuple[RateOff, ...]:
    """Of each tax. Lines with both kinds of tax are left out: what the added one is charged on is not documented."""
    if len({tax.is_included for tax in taxes}) != 1:
        return ()
    return tuple(
        RateOff(tax.name, tax.amount - share(tax, reduced, taxes), tax.amount - share(tax, full, taxes))
        for tax in taxes
    )


def gross_problems(item: LineItem, currency: str) -> tuple[Problem, ...]:
    """First half of L4: the gross of a line is its quantity × price with modifiers, within a minor unit."""
    unit = exact(item.price) + sum(exact(modifier.price) for modifier in item.line_modifiers or ())
    off = minor(item.gross_total_money, currency) - rounded(exact(item.quantity) * unit, currency)
    if abs(off) <= 1:
        return ()
    message = f"line {item.item_name or ''}: its gross and its quantity × price with modifiers differ"
    return (Problem(code="L4", message=message, difference=off),)
