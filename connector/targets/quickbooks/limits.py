"""QuickBooks' published limits on calls, for each company. Batches have limits of their own and are not used."""

from __future__ import annotations

from datetime import timedelta

from connector.transport.budget import Limit

AT_ONCE = 10


def limits(realm: str) -> tuple[Limit, ...]:
    """500 a minute and 10 a second. QuickBooks does not say what is left: a pace that is almost even keeps both."""
    return minute(realm), _second(realm)


def minute(realm: str) -> Limit:
    """The limit that a refused call is held against: QuickBooks does not say which it was."""
    return Limit(
        key=f"quickbooks:realm:{realm}:minute",
        name="QuickBooks' calls a minute",
        calls=500,
        window=timedelta(minutes=1),
        burst=20,
    )


def _second(realm: str) -> Limit:
    return Limit(
        key=f"quickbooks:realm:{realm}:second",
        name="QuickBooks' calls a second",
        calls=10,
        window=timedelta(seconds=1),
        burst=1,
    )
