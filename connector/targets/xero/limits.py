"""Xero's published limits on calls, and what its answers say of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from connector.transport.budget import Limit

AT_ONCE = 5

APP_MINUTE = Limit(
    key="xero:app:minute",
    name="Xero's calls a minute of all organisations",
    calls=10_000,
    window=timedelta(minutes=1),
    burst=5_000,
)
_LEFT = {
    "minute": "x-minlimit-remaining",
    "day": "x-daylimit-remaining",
    "appminute": "x-appminlimit-remaining",
}


def limits(tenant: str) -> tuple[Limit, ...]:
    """60 a minute and 5,000 a day for each organisation, 10,000 a minute for the application. A cheaper plan has 1,000
    a day: the first answer says so."""
    return tuple(_limits(tenant).values())


def left(tenant: str, headers: Mapping[str, str]) -> list[tuple[Limit, int]]:
    """What an answer says is left of each limit; header names in lower case."""
    told = {problem: headers.get(name, "") for problem, name in _LEFT.items()}
    return [(limit, int(told[problem])) for problem, limit in _limits(tenant).items() if told[problem].isdecimal()]


def exceeded(tenant: str, problem: str) -> Limit:
    """The limit that X-Rate-Limit-Problem names; for one of another name (such as "concurrent") that of the minute."""
    known = _limits(tenant)
    return known.get(problem.strip().lower(), known["minute"])


def _limits(tenant: str) -> dict[str, Limit]:
    """By Xero's own word for each. All calls of a minute may come at once; a day's are not all spent by noon."""
    return {
        "minute": Limit(
            key=f"xero:tenant:{tenant}:minute",
            name="Xero's calls a minute",
            calls=60,
            window=timedelta(minutes=1),
            burst=60,
        ),
        "day": Limit(
            key=f"xero:tenant:{tenant}:day",
            name="Xero's calls a day",
            calls=5_000,
            window=timedelta(days=1),
            burst=4_000,
        ),
        "appminute": APP_MINUTE,
    }
