"""How far a stream was read, kept as text between pulls; moments are parsed, never compared as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from connector.sources.loyverse.records import read

BEGINNING = datetime(2014, 1, 1, tzinfo=UTC)  # before Loyverse
OVERLAP = timedelta(minutes=10)  # lists are some seconds behind what was written
SWEEP = timedelta(days=7)  # shifts are few, and whether a closing counts as a change is not documented
WINDOW = timedelta(days=92)
SERVED = timedelta(days=31) - timedelta(hours=1)  # an hour is left for the pull itself


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest change seen, and until when (to the day) everything has been read.

    A first pull may be given {"since": "2026-01-01T00:00:00Z"}, to leave older records where they are."""

    since: datetime | None = None
    read_to: datetime | None = None

    @staticmethod
    def of(text: str) -> Position:
        """The position kept as text; the beginning for empty text."""
        return read(text.encode(), Position) if text else Position()

    @property
    def text(self) -> str:
        return msgspec.json.encode(self).decode()


def spans(begin: datetime, read_to: datetime | None, now: datetime) -> list[tuple[datetime, datetime | None]]:
    """Spans of changes from `begin` on, oldest first; the last one has no end.

    Loyverse lists newest first, so a position may only move when a span was read to its end: spans keep small what a
    killed pull must read again. What was read before counts for nothing, so that a quiet year is one span."""
    found: list[tuple[datetime, datetime | None]] = []
    end = max(begin, read_to or begin) + WINDOW
    while end < now:
        found.append((begin, end))
        begin, end = end, end + WINDOW
    return [*found, (begin, None)]


def day_of(moment: datetime) -> datetime:
    """The UTC day of a moment: positions that differ by hours only are the same text."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def written(moment: datetime) -> str:
    """As Loyverse wants it: UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
