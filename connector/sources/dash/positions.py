"""How far a location's summaries were read, kept as text between pulls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from connector.sources.dash.records import Summary, read

OVERLAP = timedelta(minutes=10)  # a list may be some moments behind what was written


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest change seen, and by name the days of which a higher revision than the first is known.

    A first pull may be given {"since": "2026-01-01T00:00:00Z"}, to leave older changes where they are."""

    since: datetime | None = None
    revisions: dict[str, int] = {}

    @staticmethod
    def of(text: str) -> Position:
        """The position kept as text; the beginning for empty text."""
        return read(text.encode(), Position) if text else Position()

    @property
    def text(self) -> str:
        return msgspec.json.encode(self).decode()

    @property
    def begin(self) -> str:
        """From when on changes are asked for, as the contract wants it; empty for all of them."""
        if self.since is None:
            return ""
        moment = (self.since - OVERLAP).astimezone(UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def past(self, summaries: Iterable[Summary], moments: Iterable[datetime | None]) -> Position:
        """The position after a page of these summaries, changed at these moments."""
        since = max((moment for moment in (self.since, *moments) if moment), default=None)
        return Position(since=since, revisions=newest(self.revisions, summaries))


def newest(known: dict[str, int], summaries: Iterable[Summary]) -> dict[str, int]:
    """The highest revision of each day, as far as there is more than one of it."""
    revisions = dict(known)
    for summary in summaries:
        if summary.revision > revisions.get(summary.name, 1):
            revisions[summary.name] = summary.revision
    return revisions
