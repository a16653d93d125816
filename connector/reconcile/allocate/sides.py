"""Payments and items as columns: what a million rows are settled from."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

_DIGITS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Payments or items as columns of equal length.

    `groups` numbers account and currency, `days` are ordinals, `names` payment ids or invoice numbers, `lines` the
    lines of invoices (0 for payments), `amounts` what is open in minor units: credits and money paid back negative."""

    groups: array[int]
    days: array[int]
    names: Sequence[str]
    lines: array[int]
    amounts: array[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Which payer settles which item with how much, in the order of settling, and what is left of each.

    Payers are numbered: the payments first, then the items (as credit lines). Items have their own row. What is left
    of a payer or item is positive; only rows with something left are named."""

    payers: Sequence[int]
    items: Sequence[int]
    amounts: Sequence[int]
    left_payers: Sequence[tuple[int, int]]
    left_items: Sequence[tuple[int, int]]


def in_order(names: Sequence[str]) -> Sequence[str]:
    """Texts that sort as the names do: those of digits only by their number, all others as text."""
    if not any(map(str.isdigit, names)):
        return names
    return [name.zfill(_DIGITS) if name.isdigit() else name for name in names]
