"""How far a stream was read, kept as text between pulls."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from connector.errors import Broken

OVERLAP = timedelta(minutes=10)  # a list is some seconds behind what was written
IDS_AGAIN = 50  # records listed by id alone are read again so far back; fewer than a page
SWEEP_IDS = 2_000  # and so far back with each sweep
SWEEP_EVERY = timedelta(days=7)
NIGHTLY = timedelta(hours=20)  # balances are looked at once a day, whatever the hour of the pull
SWEEP_DAYS = timedelta(days=35)  # some edits do not move updatetime: what was completed in these days is read again
REPORT_DAYS = 35
FARTHEST_DAY = timedelta(hours=36)  # a day is over everywhere on earth, and a night has passed


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest change, or highest id, seen; when the sweep was made; for reports the last day, and each shop with the
    first day that it is in a report; for balances a digest of those that were kept last.

    A first pull may be given {"since": "2026-01-01T00:00:00Z"}, to leave older records where they are."""

    since: datetime | None = None
    last_id: int = 0
    swept_at: datetime | None = None
    last_day: date | None = None
    shops: dict[str, date] = {}
    kept: str = ""

    @staticmethod
    def of(text: str) -> Position:
        """The position kept as text; the beginning for empty text."""
        try:
            return msgspec.json.decode(text, type=Position) if text else Position()
        except msgspec.DecodeError as error:
            raise Broken(f"{text[:80]!r} is no position of a Lightspeed stream") from error

    @property
    def text(self) -> str:
        return msgspec.json.encode(self).decode()

    def is_due(self, now: datetime) -> bool:
        """Whether a sweep is called for; before the first one everything is read anyway."""
        return self.swept_at is not None and now - self.swept_at >= SWEEP_EVERY


def last_closed_day(now: datetime) -> date:
    """The last day that is over in every zone of the world."""
    return (now - FARTHEST_DAY).date()
