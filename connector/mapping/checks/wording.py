"""The words that findings share: money and lists of names."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.money import grouped_text


def money(minor: int, currency: str) -> str:
    """As a person reads it."""
    return f"{grouped_text(minor, currency)} {currency}"


def listed(names: Iterable[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    found = sorted(set(names))
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
