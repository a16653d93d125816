"""Hints: providers that say a stream has news. Only that it is due is believed, and a busy shop is pulled once."""

from __future__ import annotations

from datetime import timedelta

from connector.store.feeds import connection_by_id
from connector.store.schedules import (
    DueStream,
    Schedule,
    due_streams,
    make_due,
    schedules_into,
    schedules_of_source,
    take_due,
)
from connector.sync.house import House
from connector.sync.jobs import Desk, Job
from connector.sync.schedule import instant

BATCH = 500
HINTS_GATHER = timedelta(minutes=2)  # a busy shop's hints come by the second; they are one pull
EVENTS = ("closure", "settlement")


def take_hints(house: House, desk: Desk) -> None:
    """Streams with news: feeds that wait for events look at once, and for the others what is new is pulled. Books with
    news are looked at by a run of one of the feeds that post there.

    Hints are gathered for a while, so that a busy shop is not pulled by the second."""
    with house.database.transaction() as tx:
        marks = [each for each in due_streams(tx, BATCH) if each.since <= house.now() - HINTS_GATHER]
    by_connection: dict[int, list[DueStream]] = {}
    for mark in marks:
        by_connection.setdefault(mark.connection_id, []).append(mark)
    for connection_id, of in by_connection.items():
        with house.database.transaction() as tx:
            waiting = [each for each in schedules_of_source(tx, connection_id) if each.kind in EVENTS]
            make_due(tx, [each.feed_id for each in waiting], house.now())
            into = [each for each in schedules_into(tx, connection_id) if each.next_run_at is not None]
            is_books = connection_by_id(tx, connection_id).side == "target"
        slot = instant(min(each.since for each in of))
        if is_books:
            for each in into[:1]:
                desk.enqueue(_look(each, slot))
        elif not waiting:
            desk.enqueue(Job(kind="pull", slot=slot, source_connection_id=connection_id, cause="news"))
        with house.database.transaction() as tx:
            take_due(tx, of)


def _look(schedule: Schedule, slot: str) -> Job:
    """A run of a feed looks at what was changed in its books."""
    return Job(
        kind="sync",
        slot=slot,
        source_connection_id=schedule.source_connection_id,
        target_connection_id=schedule.target_connection_id,
        feed_id=schedule.feed_id,
        cause="news",
    )
