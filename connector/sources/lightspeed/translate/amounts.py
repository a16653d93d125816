"""Lightspeed's decimals as whole minor units: amounts of a line may have seven decimals, those of a sale have two."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import lru_cache

from connector.domain.money import exponent
from connector.errors import Broken


@lru_cache(maxsize=1 << 16)
def scaled(value: Decimal, currency: str) -> Decimal:
    """The amount in minor units, with whatever fraction of one it has; raises Broken for what is no number."""
    if not value.is_finite() or value.adjusted() > 15:
        raise Broken(f"{value} is not an amount")
    return value.scaleb(exponent(currency))


@lru_cache(maxsize=1 << 16)
def minor(value: Decimal, currency: str) -> int:
    """Whole minor units, halves away from zero, as Lightspeed rounds: 1.4995 is 1.50."""
    return int(scaled(value, currency).to_integral_value(ROUND_HALF_UP))


def is_whole(value: Decimal, currency: str) -> bool:
    """Whether the amount has no fraction of a minor unit."""
    amount = scaled(value, currency)
    return amount == amount.to_integral_value()


def shared(total: int, exact: Sequence[Decimal]) -> list[int]:
    """Exact parts in minor units as whole ones that sum to the total, each within one of its own; the largest
    fractions are served first. A total that the parts cannot reach stays unreached."""
    parts = [int(part.to_integral_value(ROUND_FLOOR)) for part in exact]
    by_fraction = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_fraction[: max(0, total - sum(parts))]:
        parts[i] += 1 if exact[i] else 0
    return parts
