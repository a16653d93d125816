"""Turning pages, and how far they reach: a list that leads back to itself is given up at once, not read for ever."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connector.errors import Broken


def turned(asked: str, given: str, what: str) -> str:
    """What asks for the next page (a cursor, a token, an address), as an answer gave it; empty at the end of a list.

    Raises Broken where it is what that answer itself was asked with."""
    if given and given == asked:
        raise Broken(f"{what} goes round in a circle: a page leads to itself. Nothing after it was read.")
    return given


def newest(since: datetime | None, moments: Iterable[datetime | None], now: datetime) -> datetime | None:
    """The latest of the moments there are, and never later than now: what a clock ahead of ours wrote is read again
    until its moment has come, and carries nothing else away."""
    return max((min(moment, now) for moment in (since, *moments) if moment), default=None)
