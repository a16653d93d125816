"""The ticker: what is due is claimed, asked whether anything is new, and only then handed in as a job.

Any number of processes may tick. A lease lets one of them do the work; should two do it, a schedule is claimed by one,
and a job handed in twice is one job. What a process that died had claimed is due again after CLAIMED_FOR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.errors import ConnectorError
from connector.store.feeds import connection_by_id, feed_by_id
from connector.store.schedules import (
    Claim,
    DueStream,
    Schedule,
    claim_due,
    due_schedules,
    due_streams,
    hold_lease,
    looked_over,
    make_due,
    mark_good,
    schedules_into,
    schedules_of_source,
    take_due,
    to_look_over,
)
from connector.sync.calendar import look_over
from connector.sync.house import House
from connector.sync.jobs import MOST_WAITING, Desk, Job
from connector.sync.probe import has_news, has_work
from connector.sync.schedule import claimed, instant
from connector.sync.scheduling import plan_of
from connector.transport.lanes import abreast

BATCH = 500
LEASE = timedelta(seconds=30)
CLAIMED_FOR = timedelta(minutes=15)
HINTS_GATHER = timedelta(minutes=2)  # a busy shop's hints come by the second; they are one pull
LOOKED_OVER = timedelta(days=1)
LOOKED_OVER_AT_ONCE = 5
LANES = 8
EVENTS = ("closure", "settlement")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """What a tick did: schedules claimed, jobs handed in, and feeds for which there was nothing to do."""

    claimed: int = 0
    started: int = 0
    idle: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claimed:
    """A schedule that this process claimed: the slot of its run, and when it is due next."""

    schedule: Schedule
    claim: Claim


def tick(house: House, desk: Desk, *, lanes: int = LANES) -> Ticked:
    """Does what is due now, or nothing where another process ticks or enough jobs wait. Call it every second or so."""
    with house.database.transaction() as tx:
        if not hold_lease(tx, "tick", house.owner, house.now(), LEASE):
            return Ticked()
    if desk.waiting() > MOST_WAITING:
        return Ticked()
    take_hints(house, desk)
    look_over_some(house)
    mine = claim(house)
    by_source: dict[int, list[_Claimed]] = {}
    for each in mine:
        by_source.setdefault(each.schedule.source_connection_id, []).append(each)
    outcomes = abreast(lambda group: _start(house, desk, group), list(by_source.values()), lanes)
    started = sum(outcomes)
    return Ticked(claimed=len(mine), started=started, idle=len(mine) - started)


def claim(house: House, limit: int = BATCH) -> list[_Claimed]:
    """Claims what is due for this process, for a while."""
    now = house.now()
    with house.database.transaction() as tx:
        due = due_schedules(tx, now, limit)
        wanted = {each.id: _claim(each, now) for each in due}
        held = [replace(found, then=now + CLAIMED_FOR) for found in wanted.values()]
        won = {each.schedule_id for each in claim_due(tx, held)}
    return [
        _Claimed(schedule=each, claim=replace(wanted[each.id], was=now + CLAIMED_FOR)) for each in due if each.id in won
    ]


def look_over_some(house: House) -> None:
    """Looks over the calendars whose turn it is, so that each has its turn once a day, whatever came or did not."""
    with house.database.transaction() as tx:
        turn = to_look_over(tx, house.now() - LOOKED_OVER, LOOKED_OVER_AT_ONCE)
        some = [feed_by_id(tx, feed_id) for feed_id in turn]
    for feed in some:
        look_over(house, feed)
        with house.database.transaction() as tx:
            looked_over(tx, feed.id, house.now())


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


def _claim(schedule: Schedule, now: datetime) -> Claim:
    assert schedule.next_run_at is not None  # it is due
    slot, then = claimed(plan_of(schedule), schedule.next_run_at, now)
    return Claim(schedule_id=schedule.id, was=schedule.next_run_at, slot=slot, then=then.at)


def _start(house: House, desk: Desk, group: Sequence[_Claimed]) -> int:
    """Hands in the jobs of some feeds of one source that have something to do, and moves all of them on."""
    to_start = _with_work(house, group)
    for each in to_start:
        desk.enqueue(
            Job(
                kind="sync",
                slot=each.claim.slot,
                source_connection_id=each.schedule.source_connection_id,
                target_connection_id=each.schedule.target_connection_id,
                feed_id=each.schedule.feed_id,
            )
        )
    idle = [each.schedule.feed_id for each in group if each not in to_start]
    with house.database.transaction() as tx:
        claim_due(tx, [each.claim for each in group])
        mark_good(tx, idle, house.now())
    return len(to_start)


def _with_work(house: House, group: Sequence[_Claimed]) -> list[_Claimed]:
    """The feeds with something to do. A source that cannot be asked is left to the job, which says so in its run."""
    with house.database.transaction() as tx:
        shop = connection_by_id(tx, group[0].schedule.source_connection_id)
        feeds = {each.schedule.feed_id: feed_by_id(tx, each.schedule.feed_id) for each in group}
    try:
        if has_news(house, shop):
            return list(group)
    except ConnectorError:
        return list(group)
    return [each for each in group if has_work(house, feeds[each.schedule.feed_id])]
