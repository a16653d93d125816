"""Backfill: a source read from a past day on, beside what is read as it comes; stopped anywhere, it goes on there.

Each page and how far it reaches are kept in one transaction. What is here already is no work, and calls are paced by
the same budgets as any other. The days follow with the feed's next run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import msgspec

from connector.errors import Unreadable
from connector.sources.contract import Page, Stream
from connector.store.backfills import (
    BackfillPart,
    end_backfill,
    end_part,
    move_part,
    open_backfill,
    part_of,
)
from connector.store.database import Transaction
from connector.store.feeds import Feed
from connector.store.schedules import make_due, schedule_of
from connector.sync.house import House
from connector.sync.pull import Pulled, Reading, places_of, read_stream, reference
from connector.sync.scheduling import Wish, set_plan

MARGIN = timedelta(days=1)  # a shop's day begins earlier than that of UTC, or later


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a backfill is: which part of how many, what it reads, what it found, and to when, where that is told."""

    part: int
    parts: int
    name: str
    records: int
    read_to: str


def backfill(house: House, feed: Feed, from_date: date, progress: Callable[[Progress], None]) -> Pulled:
    """Reads a feed's source from a day on to now. Raises what a pull raises; what was read stays, and the same call
    goes on there. Raises Unreadable for a source of files and for a day to come."""
    source = house.source(feed.source)
    if source.pull is None or (source.reads_files and not house.has_token(feed.source)):
        raise Unreadable(f"{source.title} is read from files: connector pull {feed.source.name} FILE…")
    if from_date > house.now().date():
        raise Unreadable(f"{from_date} is a day to come; a backfill reads what was.")
    reference(house, feed.source)
    with house.database.transaction(of=feed.source.id) as tx:
        number = open_backfill(tx, feed.source.id, from_date, house.now())
    wanted = [
        (stream, location)
        for stream in source.streams
        if not stream.is_reference
        for location in places_of(house, feed.source, stream)
    ]
    whole = Pulled()
    for place, (stream, location) in enumerate(wanted, start=1):
        part = _Part(house, number, stream, location, from_date)
        whole += part.read(feed, lambda at, of=place: progress(_at(at, of, len(wanted))))  # type: ignore[misc]
    _ended(house, feed, number, from_date)
    return whole


@dataclass
class _Part:
    """One stream of one place, read page by page."""

    house: House
    number: int
    stream: Stream
    location: str
    from_date: date
    records: int = 0

    def read(self, feed: Feed, progress: Callable[[BackfillPart], None]) -> Pulled:
        with self.house.database.transaction(of=feed.source.id) as tx:
            part = self._part(tx)
        progress(part)
        if part.is_done:
            return Pulled()

        def move(tx: Transaction, page: Page, kept: Pulled) -> None:
            move_part(tx, self.number, part, page.position, kept.new)
            progress(self._part(tx))

        done = step = self._pass(feed, part.position, move)
        while step.new:  # a pull of very many pages ends before the end; one that finds nothing new was the last
            with self.house.database.transaction() as tx:
                position = self._part(tx).position
            step = self._pass(feed, position, move)
            done += step
        with self.house.database.transaction(of=feed.source.id) as tx:
            end_part(tx, self.number, part)
        return done

    def _pass(self, feed: Feed, begin: str, move: Callable[[Transaction, Page, Pulled], None]) -> Pulled:
        reading = Reading(begin=begin, move=move)
        return read_stream(self.house, feed.source, self.stream, self.location, reading)

    def _part(self, tx: Transaction) -> BackfillPart:
        return part_of(tx, self.number, self.stream.name, self.location, begin_at(self.from_date))


def begin_at(day: date) -> str:
    """The position of a stream of which nothing before a day is wanted, as every source understands it."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - MARGIN
    return msgspec.json.encode({"since": begin}).decode()


def _ended(house: House, feed: Feed, number: int, from_date: date) -> None:
    """The feed begins as early as it was read, and its next run, which is now, journalizes and posts what is new."""
    with house.database.transaction(of=feed.source.id) as tx:
        end_backfill(tx, number, house.now())
        schedule = schedule_of(tx, feed.id)
    if schedule is not None:
        if schedule.starts_on is not None and schedule.starts_on > from_date:
            set_plan(house, feed, Wish(starts_on=from_date))
        with house.database.transaction() as tx:
            make_due(tx, [feed.id], house.now())


def _at(part: BackfillPart, place: int, places: int) -> Progress:
    return Progress(
        part=place,
        parts=places,
        name=f"{part.stream} {part.location}".strip(),
        records=part.records_new,
        read_to=_read_to(part.position),
    )


def _read_to(position: str) -> str:
    """The day to which a stream was read, where its position tells one."""
    try:
        known = msgspec.json.decode(position, type=_Since)
    except msgspec.DecodeError:
        return ""
    return known.since[:10] if known.since else ""


class _Since(msgspec.Struct):
    since: str | None = None
