"""How long records are kept as received. What was made of them, documents and facts, stays as long as the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from connector.errors import Unreadable
from connector.store.feeds import connections
from connector.store.pages import let_go as let_pages_go
from connector.sync.house import House

LEAST_KEPT = timedelta(days=400)  # a year's close, and what is corrected after it, can still be translated anew


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """How many pages were deleted, and how many bytes they had unpacked."""

    pages: int = 0
    size: int = 0


def let_go(house: House, before: date) -> LetGo:
    """Deletes the bytes received before a day, but for the catalogues by which newer records are read.

    Raises Unreadable where the day is less than 400 days ago."""
    newest = (house.now() - LEAST_KEPT).date()
    if before > newest:
        raise Unreadable(
            f"Records are kept for {LEAST_KEPT.days} days at least: the newest day that can be said is {newest}."
        )
    moment = datetime.combine(before, time(), UTC)
    with house.database.transaction() as tx:
        known = [each for each in connections(tx) if each.side == "source"]
    pages = size = 0
    for connection in known:
        source = house.source(connection)
        streams = [stream.name for stream in source.streams if not stream.is_reference]
        streams += [source.file.stream] if source.file else []
        with house.database.transaction() as tx:
            count, bytes_ = let_pages_go(tx, connection.id, streams, moment)
        pages, size = pages + count, size + bytes_
    return LetGo(pages=pages, size=size)
