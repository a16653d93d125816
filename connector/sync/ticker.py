"""The ticker: what is due is claimed, asked whether anything is new, and only then handed in as a job.

Any number of processes may tick. A lease lets one of them do the work; should two do it, a schedule is claimed by one,
and a job handed in twice is one job. What a process that died had claimed is due again after CLAIMED_FOR.

What a look needs is read for a whole batch at once, so that a feed with nothing new costs its calls and little else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.errors import ConnectorError
from connector.store.credentials import good_grants
from connector.store.feeds import feed_by_id
from connector.store.looks import Depends, Known, Looked, depends, known_sources, settle
from connector.store.schedules import Schedule, claim_due, hold_lease, looked_over, to_look_over
from connector.sync.calendar import look_over
from connector.sync.hints import take_hints
from connector.sync.house import House
from connector.sync.jobs import MOST_WAITING, Desk, Job
from connector.sync.probe import has_news, has_work
from connector.sync.schedule import claimed
from connector.sync.scheduling import plan_of
from connector.transport.lanes import abreast
from connector.transport.oauth import Grant

TICKING = "tick"  # the lease of who looks
BATCH = 200
BATCHES = 10  # of one tick
LEASE = timedelta(seconds=30)
CLAIMED_FOR = timedelta(minutes=15)
LOOKED_OVER = timedelta(days=1)
LOOKED_OVER_AT_ONCE = 5
LANES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """What a tick did: schedules claimed, jobs handed in, and feeds for which there was nothing to do."""

    claimed: int = 0
    started: int = 0
    idle: int = 0

    def __add__(self, other: Ticked) -> Ticked:
        return Ticked(
            claimed=self.claimed + other.claimed,
            started=self.started + other.started,
            idle=self.idle + other.idle,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Schedules that this process claimed at a moment, by the source they read, with all that a look at them needs."""

    at: datetime
    by_source: Mapping[int, Sequence[Schedule]]
    known: Mapping[int, Known]
    grants: Mapping[int, Grant]
    depends: Mapping[int, Depends]


def tick(house: House, desk: Desk, *, lanes: int = LANES) -> Ticked:
    """Does what is due now, or nothing where another process ticks or enough jobs wait. Call it every second or so."""
    done = Ticked()
    for _ in range(BATCHES):
        with house.database.transaction() as tx:
            if not hold_lease(tx, TICKING, house.owner, house.now(), LEASE):
                break
        if desk.waiting() > MOST_WAITING:
            break
        if not done.claimed:
            take_hints(house, desk)
            look_over_some(house)
        turn = _turn(house, desk, lanes)
        done += turn
        if turn.claimed < BATCH:
            break
    return done


def _turn(house: House, desk: Desk, lanes: int) -> Ticked:
    batch = claim(house, BATCH)
    groups = list(batch.by_source.items())
    looks = [look for of in abreast(lambda group: _look(house, desk, batch, *group), groups, lanes) for look in of]
    with house.database.transaction() as tx:
        settle(tx, looks)
    idle = sum(look.good_at is not None for look in looks)
    return Ticked(claimed=len(looks), started=len(looks) - idle, idle=idle)


def claim(house: House, limit: int) -> Batch:
    """Claims what is due for this process, for a while, and reads what a look at it needs."""
    now, by_source = house.now(), dict[int, list[Schedule]]()
    with house.database.transaction() as tx:
        for each in claim_due(tx, now, now + CLAIMED_FOR, limit):
            by_source.setdefault(each.source_connection_id, []).append(each)
        feeds = [each.feed_id for of in by_source.values() for each in of]
        return Batch(
            at=now,
            by_source=by_source,
            known=known_sources(tx, list(by_source)) if feeds else {},
            grants=good_grants(tx, house.vault, list(by_source)) if feeds else {},
            depends=depends(tx, feeds, now) if feeds else {},
        )


def look_over_some(house: House) -> None:
    """Looks over the calendars whose turn it is, so that each has its turn once a day, whatever came or did not."""
    with house.database.transaction() as tx:
        turn = to_look_over(tx, house.now() - LOOKED_OVER, LOOKED_OVER_AT_ONCE)
        some = [feed_by_id(tx, feed_id) for feed_id in turn]
    for feed in some:
        look_over(house, feed)
        with house.database.transaction() as tx:
            looked_over(tx, feed.id, house.now())


def _look(house: House, desk: Desk, batch: Batch, source_id: int, schedules: Sequence[Schedule]) -> list[Looked]:
    """Hands in the jobs of those feeds of one source that have something to do."""
    to_do = {each.feed_id for each in _with_work(house, batch, source_id, schedules)}
    looks = []
    for each in schedules:
        assert each.next_run_at is not None  # it was due
        slot, then = claimed(plan_of(each), each.next_run_at, batch.at)
        has_any = each.feed_id in to_do
        if has_any:
            desk.enqueue(_job(each, slot))
        looks.append(
            Looked(
                schedule_id=each.id,
                until=batch.at + CLAIMED_FOR,
                slot=slot,
                then=then.at,
                good_at=None if has_any else house.now(),
                seen=batch.depends[each.feed_id].now,
            )
        )
    return looks


def _with_work(house: House, batch: Batch, source_id: int, schedules: Sequence[Schedule]) -> Sequence[Schedule]:
    """The feeds with something to do. A source that cannot be asked is left to the job, which says so in its run."""
    try:
        if has_news(house, batch.known[source_id], batch.grants.get(source_id)):
            return schedules
    except ConnectorError:
        return schedules
    behind = [each for each in schedules if not batch.depends[each.feed_id].is_idle]
    return [each for each in behind if _has_work(house, each.feed_id)]


def _has_work(house: House, feed_id: int) -> bool:
    """The long way to ask, where something that the journal depends on has changed since it last was asked."""
    with house.database.transaction() as tx:
        feed = feed_by_id(tx, feed_id)
    return has_work(house, feed)


def _job(schedule: Schedule, slot: str) -> Job:
    return Job(
        kind="sync",
        slot=slot,
        source_connection_id=schedule.source_connection_id,
        target_connection_id=schedule.target_connection_id,
        feed_id=schedule.feed_id,
    )
