"""Money: integer minor units with an ISO currency."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial

from connector.domain.remembered import Remembered

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = dict.fromkeys(_NONE.split(), 0) | dict.fromkeys(_THREE.split(), 3)
_DECIMAL = re.compile(r"([+-]?)(\d+)(?:\.(\d*))?\Z")
_MOST_DIGITS, _LONGEST = 15, 28  # before or behind the point, and what decimals reckon with exactly
_CURRENCY = re.compile(r"[A-Z]{3}\Z")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Money:
    """An amount in the smallest unit of its currency; never a fraction of it."""

    currency: str
    minor: int

    def __post_init__(self) -> None:
        if not _CURRENCY.match(self.currency):
            raise ValueError(f"{self.currency!r} is not an ISO 4217 currency code")
        if type(self.minor) is not int:
            raise ValueError(f"an amount is an integer number of minor units, not {self.minor!r}")

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return Money(minor=self.minor + other.minor, currency=self.currency)

    def __neg__(self) -> Money:
        return Money(minor=-self.minor, currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + -other

    def __str__(self) -> str:
        return f"{decimal_text(self.minor, self.currency)} {self.currency}"


def exponent(currency: str) -> int:
    """How many decimals the currency has: JPY none, KWD three, most two (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def decimal_text(minor: int, currency: str) -> str:
    """The amount as a plain decimal: 123456 USD is "1234.56", 123456 JPY is "123456"."""
    places = exponent(currency)
    if not places:
        return str(minor)
    digits = str(abs(minor)).rjust(places + 1, "0")
    return f"{'-' if minor < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def grouped_text(minor: int, currency: str) -> str:
    """As a person reads it: 123456 USD is "1,234.56"."""
    whole, dot, part = decimal_text(abs(minor), currency).partition(".")
    return f"{'-' if minor < 0 else ''}{int(whole):,}{dot}{part}"


def parse_minor(text: str, currency: str) -> int:
    """Reads a plain decimal exactly; raises ValueError where it has more decimals than the currency."""
    found = _DECIMAL.match(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a plain decimal amount")
    sign, whole, part = found.groups()
    part, places = (part or ""), exponent(currency)
    if part[places:].strip("0"):
        raise ValueError(f"{text!r} has more decimals than {currency} knows")
    minor = int(whole + part[:places].ljust(places, "0"))
    return -minor if sign == "-" else minor


@lru_cache(maxsize=16)
def parts_of(decimals: int) -> Remembered[object, int]:
    """Numbers as JSON or text has them, an absent one nothing, by `whole_parts`; TypeError for lists and such."""
    return Remembered(partial(whole_parts, decimals=decimals))


def whole_parts(number: object, decimals: int) -> int:
    """A number as whole parts of one, so many decimals behind its point: 1.25 is 1250 at three, None is 0. Raises
    ValueError where it is finer than that, no number, or of more than fifteen digits."""
    if number is None:
        return 0
    if not isinstance(number, int | str) or isinstance(number, bool):
        raise ValueError(f"{str(number)[:_LONGEST]!r} is no number")
    try:
        exact = Decimal(number)
    except InvalidOperation as error:
        raise ValueError(f"{str(number)[:_LONGEST]!r} is no number") from error
    if not exact.is_finite() or abs(exact.adjusted()) > _MOST_DIGITS or len(str(number)) > _LONGEST:
        raise ValueError(f"{str(number)[:_LONGEST]!r} is no amount")
    scaled = exact.scaleb(decimals)
    parts = int(scaled)
    if parts != scaled:
        raise ValueError(f"{number!r} has more than {decimals} decimals")
    return parts


def total(amounts: Iterable[Money]) -> dict[str, int]:
    """Sums by currency; amounts of different currencies are never mixed."""
    sums: dict[str, int] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, 0) + money.minor
    return sums


def split(minor: int, weights: Sequence[int]) -> list[int]:
    """Cuts an amount in proportion to the weights without losing a cent; the largest remainders are served first."""
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights are not negative and sum to more than nothing")
    sign, size = (-1 if minor < 0 else 1), abs(minor)
    parts = [size * weight // whole for weight in weights]
    rest = size - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
    for i in by_remainder[:rest]:
        parts[i] += 1
    return [sign * part for part in parts]


def share_half_even(amount: int, numerator: int, denominator: int) -> int:
    """amount × numerator ÷ denominator, rounded half to even, in integers."""
    if denominator <= 0:
        raise ValueError("a share needs a positive denominator")
    quotient, rest = divmod(amount * numerator, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and quotient % 2):
        quotient += 1
    return quotient
