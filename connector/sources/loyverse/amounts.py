"""Amounts: JSON numbers as they are written, and the whole minor units that they are.

There are thirty to a receipt, and the same ones again and again. As text they are made once and looked up at once;
making a Decimal of each, and finding what was made of it before, takes longer than all the rest of a receipt."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import cache

import msgspec

from connector.domain.money import exponent
from connector.domain.remembered import Remembered
from connector.errors import Broken

MOST_DIGITS = 15  # an amount of more is no amount, and would cost a computer dearly
Amount = object
"""A JSON number, or null: an int, or the Digits of a decimal. Whatever else is there is NoAmount when it is read."""


class Digits(str):
    """A decimal as it is written."""

    __slots__ = ()


class NoAmount(Broken):
    """What stands in the place of an amount is no number."""


class Inexact(ValueError):
    """An amount has more decimals than its currency knows."""


def minor(amount: Amount, currency: str) -> int:
    """The amount in whole minor units; an absent one is nothing. Raises Inexact where the currency has no such unit,
    NoAmount where it is no number."""
    scaled = exact(amount) * _unit(currency)
    whole = int(scaled)
    if whole != scaled:
        raise Inexact(f"{amount} has more decimals than {currency} knows")
    return whole


def rounded(amount: Amount, currency: str) -> int:
    """The nearest number of minor units, halves to even."""
    return round(exact(amount) * _unit(currency))


def exact(amount: Amount) -> Decimal:
    """The number itself, nothing where there is none; raises NoAmount where it is no number."""
    if amount is None:
        return Decimal(0)
    if isinstance(amount, int | str | Decimal) and not isinstance(amount, bool):
        try:
            found = Decimal(amount)
        except InvalidOperation:
            found = Decimal("NaN")
        if found.is_finite() and abs(found.adjusted()) <= MOST_DIGITS:
            return found
    raise NoAmount(f"{str(amount)[:40]!r} is no amount as Loyverse writes it")


digits = Remembered(Digits).__getitem__


def number(amount: object) -> msgspec.Raw:
    """The digits as JSON has them, for an encoder."""
    return msgspec.Raw(str(amount).encode())


@cache
def _unit(currency: str) -> int:
    return int(10 ** exponent(currency))
