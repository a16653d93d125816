"""From fractions of a minor unit to whole ones: lines have five decimals, documents two."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache


@lru_cache(maxsize=1 << 16)
def whole(amount: Decimal) -> int:
    """The nearest whole minor unit, halves away from zero."""
    return int(amount.to_integral_value(rounding=ROUND_HALF_UP))
