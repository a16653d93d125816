"""Amounts as Xero writes them, in minor units of their currency."""

from decimal import ROUND_HALF_UP, Decimal

from connector.sandbox.body import Body, number
from connector.sandbox.xero.refusals import Malformed

_WITHOUT_CENTS = frozenset(["CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"])
_THOUSANDTHS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def places(currency: str) -> int:
    """The decimals of a currency."""
    return 0 if currency in _WITHOUT_CENTS else 3 if currency in _THOUSANDTHS else 2


def minor_sent(sent: Body, field: str, currency: str) -> int:
    """An amount in minor units, half up. Raises Malformed when it is no JSON number."""
    value = number(sent, field)
    if value is None:
        raise Malformed(f"{field} must be a number")
    return minor_of(value, currency)


def minor_of(value: Decimal, currency: str) -> int:
    """A decimal amount in minor units, half up."""
    return int(value.scaleb(places(currency)).quantize(Decimal(1), ROUND_HALF_UP))


def amount_of(minor: int, currency: str) -> Decimal:
    """Minor units as the number Xero writes."""
    return Decimal(minor).scaleb(-places(currency))


def converted(minor: int, rate: Decimal, currency: str, base: str) -> int:
    """Minor units of a currency in those of the base currency; `rate`: units of the currency for one of the base."""
    return minor_of(amount_of(minor, currency) / rate, base)
