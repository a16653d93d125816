"""How far a stream was read, kept as text between pulls; moments are parsed, never compared as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from connector.sources.square.records import read

BEGINNING = datetime(2009, 1, 1, tzinfo=UTC)  # before Square; an absent begin would mean one year ago
OVERLAP = timedelta(minutes=10)  # lists are some seconds behind what was written
TRAILING = timedelta(days=30)  # payouts and drawers have no window on changes: the trailing ones are listed again
SWEPT = timedelta(days=7)  # once a day what changed in so many days is read again, for what a list was late to show


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest moment seen, and when the trailing days were last read again; for payout entries and drawers also the
    state each payout or drawer was in when it was read.

    A first pull may be given {"since": "2026-01-01T00:00:00Z"}, to leave older records where they are."""

    since: datetime | None = None
    swept: datetime | None = None
    seen: dict[str, str] = {}

    @staticmethod
    def of(text: str) -> Position:
        """The position kept as text; the beginning for empty text."""
        return read(text.encode(), Position) if text else Position()

    @property
    def text(self) -> str:
        return msgspec.json.encode(self).decode()

    def is_sweep(self, now: datetime) -> bool:
        """Whether the trailing days are due: with the first pull of a day (UTC); the very first one reads all."""
        return self.swept is None or self.swept.astimezone(UTC).date() < now.astimezone(UTC).date()

    def begin(self, now: datetime) -> datetime:
        """From when on changes are asked for."""
        if self.since is None:
            return BEGINNING
        overlapping = self.since - OVERLAP
        return min(overlapping, now - SWEPT) if self.swept and self.is_sweep(now) else overlapping

    def done(self, since: datetime | None, now: datetime) -> Position:
        """The position after a list was read to its end."""
        return Position(since=since, swept=now if self.is_sweep(now) else self.swept)

    @property
    def trailing_begin(self) -> datetime:
        """From when on payouts and drawers are listed, so that a late change of their state is seen."""
        return self.since - TRAILING if self.since else BEGINNING


def written(moment: datetime) -> str:
    """As Square wants it: UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
