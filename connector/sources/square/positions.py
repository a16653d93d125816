"""How far a stream was read, kept as text between pulls; moments are parsed, never compared as text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from connector.sources.square.records import read

BEGINNING = datetime(2009, 1, 1, tzinfo=UTC)  # before Square; an absent begin would mean one year ago
OVERLAP = timedelta(minutes=10)  # lists are some seconds behind what was written
PAYOUT_WINDOW = timedelta(days=30)  # payouts have no window on changes: the trailing ones are listed again


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest moment seen; for payout entries also the state each payout was in when its entries were read.

    A first pull may be given {"since": "2026-01-01T00:00:00Z"}, to leave older records where they are."""

    since: datetime | None = None
    seen: dict[str, str] = {}

    @staticmethod
    def of(text: str) -> Position:
        """The position kept as text; the beginning for empty text."""
        return read(text.encode(), Position) if text else Position()

    @property
    def text(self) -> str:
        return msgspec.json.encode(self).decode()

    @property
    def begin(self) -> datetime:
        """From when on changes are asked for."""
        return self.since - OVERLAP if self.since else BEGINNING

    @property
    def payouts_begin(self) -> datetime:
        """From when on payouts are listed, so that a late change of their state is seen."""
        return self.since - PAYOUT_WINDOW if self.since else BEGINNING


def newest(since: datetime | None, moments: Iterable[datetime | None]) -> datetime | None:
    """The latest of the moments there are."""
    return max((moment for moment in (since, *moments) if moment), default=None)


def written(moment: datetime) -> str:
    """As Square wants it: UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
