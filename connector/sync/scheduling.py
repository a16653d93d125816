"""Scheduling: what an owner says about when a feed runs, checked, kept, and told in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from connector.domain.schedule import Plan, ScheduleKind
from connector.sources.registry import source as find_source
from connector.store.database import Transaction
from connector.store.feeds import Feed, feed_by_id, locations
from connector.store.runs import Run
from connector.store.schedules import NewSchedule, Schedule, make_due, schedule_of, schedules_of_source, set_schedule
from connector.sync.house import House
from connector.sync.post import post_again
from connector.sync.schedule import check, longest_gap, next_run, quiet_hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What of a schedule is to change; what is None stays, and is usual where nothing was said yet: daily, in the zone
    of the first place, for yesterday, once that is over and quiet."""

    kind: ScheduleKind | None = None
    hour: int | None = None
    cron: str | None = None
    zone: str | None = None
    starts_on: date | None = None


def set_plan(house: House, feed: Feed, wish: Wish) -> Schedule:
    """Makes a feed's schedule or changes it; raises Unreadable where it cannot be followed."""
    with house.database.transaction() as tx:
        before = schedule_of(tx, feed.id)
        kind = wish.kind or ("cron" if wish.cron else before.kind if before else "daily")
        zone = wish.zone or (before.zone if before else _zone(tx, feed))
        hour = wish.hour if wish.hour is not None or before is None else before.hour
        cron = wish.cron if wish.cron is not None or before is None else before.cron
        starts_on = wish.starts_on or (before.starts_on if before else None)
        closes_at = max((place.closes_at for place in locations(tx, feed.source.id)), default=0)
        usual = quiet_hour(closes_at, find_source(feed.source.provider).quiet)
        plan = Plan(
            feed_id=feed.id,
            kind=kind,
            cron=cron or "",
            hour=usual if hour is None else hour,
            zone=zone,
            starts_on=starts_on,
        )
        check(plan)
        new = NewSchedule(
            kind=kind,
            cron=plan.cron,
            hour=hour,
            zone=zone,
            starts_on=starts_on,
            gap=longest_gap(plan),
            next_run_at=next_run(plan, house.now()).at,
        )
        set_schedule(tx, feed.id, new, house.now())
        kept = schedule_of(tx, feed.id)
    assert kept is not None  # just stored
    return kept


def plan_of(schedule: Schedule) -> Plan:
    """What decides when a feed runs: where no hour was set, that at which its day is over and quiet."""
    usual = quiet_hour(schedule.closes_at, find_source(schedule.provider).quiet)
    return Plan(
        feed_id=schedule.feed_id,
        kind=schedule.kind,
        cron=schedule.cron,
        hour=usual if schedule.hour is None else schedule.hour,
        zone=schedule.zone,
        starts_on=schedule.starts_on,
    )


def in_words(schedule: Schedule) -> str:
    """When a feed runs, as its owner would say it."""
    plan = plan_of(schedule)
    usual = "" if schedule.hour is not None else ", when yesterday is over and quiet"
    said = {
        "daily": f"daily at {plan.hour:02}:00 {plan.zone}{usual}",
        "hourly": "every hour",
        "closure": "when a register is closed (looked for every hour)",
        "settlement": "when a settlement arrives (looked for every hour)",
        "cron": f"cron {plan.cron} {plan.zone}",
    }[schedule.kind]
    return f"{said}, from {schedule.starts_on} on" if schedule.starts_on else said


def again(house: House, runs: Sequence[Run]) -> list[Feed]:
    """Has the feeds of some runs done once more, now (of a pull, all feeds of its source): what the books refused is
    planned again, and they are due.

    Gives those that will run; a feed without a schedule, or paused, is not among them."""
    with house.database.transaction() as tx:
        ids = {run.feed_id for run in runs if run.feed_id}
        for source in {run.connection_id for run in runs if run.connection_id and not run.feed_id}:
            ids |= {each.feed_id for each in schedules_of_source(tx, source)}
        wanted = {feed_id: feed_by_id(tx, feed_id) for feed_id in sorted(ids)}
    started = []
    for feed in wanted.values():
        if any(run.feed_id == feed.id and run.state == "held" for run in runs):
            post_again(house, feed)
        with house.database.transaction() as tx:
            make_due(tx, [feed.id], house.now())
            schedule = schedule_of(tx, feed.id)
        if schedule and schedule.next_run_at:
            started.append(feed)
    return started


def _zone(tx: Transaction, feed: Feed) -> str:
    return next((place.zone for place in locations(tx, feed.source.id) if place.zone), "UTC")
