"""The rates of the books themselves, for what comes in another currency without one: invented, the same every day."""

from decimal import Decimal

# One unit of each in US dollars.
_IN_DOLLARS = {
    "USD": "1",
    "CAD": "0.73",
    "GBP": "1.27",
    "EUR": "1.08",
    "AUD": "0.66",
    "NZD": "0.6",
    "JPY": "0.0067",
    "MXN": "0.055",
}


def own_rate(currency: str, per: str) -> Decimal:
    """Units of `currency` for one unit of `per`, six decimals; 1 where either is not known here."""
    if currency not in _IN_DOLLARS or per not in _IN_DOLLARS:
        return Decimal(1)
    return (Decimal(_IN_DOLLARS[per]) / Decimal(_IN_DOLLARS[currency])).quantize(Decimal("0.000001")).normalize()
