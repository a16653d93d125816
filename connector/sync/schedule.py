"""When a feed runs: instants of UTC in, instants of UTC out. Pure; the calendar is APScheduler's.

A run has a slot, which names its job: of a schedule that fires at set hours the trading day it closes or the wall-clock
time, so that the hour that an autumn night has twice is one run; of one that fires all day the instant itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from connector.domain.schedule import Plan, ScheduleKind
from connector.domain.shop import is_zone
from connector.errors import Unreadable

SHORTEST_GAP = timedelta(minutes=5)
LOOKED_AHEAD = timedelta(days=8)  # to find the longest gap of a cron expression: a week, and at least so many fires
FIRES = 14
SPREAD_DAILY = timedelta(minutes=30)
SPREAD_HOURLY = timedelta(hours=1)
SPREAD_CRON = timedelta(minutes=5)

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A run to come: when, and the slot that names its job."""

    at: datetime
    slot: str


def check(plan: Plan) -> None:
    """Raises Unreadable where the plan cannot be followed, saying why."""
    if not is_zone(plan.zone):
        raise Unreadable(f"{plan.zone!r} is no time zone; they look like America/New_York.")
    if plan.kind == "daily" and not 0 <= plan.hour <= 23:
        raise Unreadable(f"A daily run is at an hour from 0 to 23, not {plan.hour}.")
    if plan.kind == "cron":
        _check_cron(plan)


def next_run(plan: Plan, after: datetime) -> Due:
    """The first run after a moment; raises Unreadable where there will be none."""
    shift = jitter(plan)
    begin = max(after, _start(plan) - timedelta(seconds=1))
    fire = _fire_after(plan, begin - shift)
    return Due(at=fire + shift, slot=_slot(plan, fire))


def claimed(plan: Plan, was: datetime, now: datetime) -> tuple[str, Due]:
    """The slot of a run that was due at `was` and is claimed now, and the run after it.

    Whatever was missed meanwhile is one catch-up, under the newest slot. A moment that the plan does not name (after a
    pause, or because a provider had news) is its own slot."""
    planned = next_run(plan, was - timedelta(seconds=1))
    slot = planned.slot if planned.at == was else instant(was)
    then = next_run(plan, max(was, now - longest_gap(plan) - timedelta(hours=1)))
    while then.at <= now:
        slot, then = then.slot if planned.at == was else slot, next_run(plan, then.at)
    return slot, then


def longest_gap(plan: Plan) -> timedelta:
    """The longest time between two runs, as far as a week and some runs show it."""
    if plan.kind == "daily":
        return timedelta(hours=25)
    if plan.kind != "cron":
        return timedelta(hours=1)
    return _longest_gap(plan.cron, plan.zone)


def jitter(plan: Plan) -> timedelta:
    """How much later than the hour this feed runs, always the same, so that an hour is not one burst."""
    spread = {"daily": SPREAD_DAILY, "cron": SPREAD_CRON}.get(plan.kind, SPREAD_HOURLY)
    number = int.from_bytes(hashlib.sha256(f"feed {plan.feed_id}".encode()).digest()[:8], "big")
    return timedelta(seconds=number % int(spread.total_seconds()))


def instant(moment: datetime) -> str:
    """A moment as a slot."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def quiet_hour(closes_at: int, quiet: timedelta) -> int:
    """The local hour at which a trading day that closes at an hour after midnight is over, and its quiet delay too."""
    return min(closes_at + -(-int(quiet.total_seconds()) // 3600), 23)


def _fire_after(plan: Plan, moment: datetime) -> datetime:
    """The first fire after a moment, in UTC."""
    begin = moment.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
    bucket = begin.replace(minute=0, second=0)
    return next(fire for fire in _fires(plan.kind, plan.cron, plan.hour, plan.zone, bucket) if fire >= begin)


@lru_cache(maxsize=4096)
def _fires(kind: ScheduleKind, cron: str, hour: int, zone: str, begin: datetime) -> tuple[datetime, ...]:
    """The fires of an hour and the first one after it: what all feeds of a zone that run at an hour have in common.

    Only UTC goes into the calendar: wall-clock time would lose its fold."""
    trigger, found, end = _trigger(kind, cron, hour, zone), list[datetime](), begin + timedelta(hours=1)
    while not found or found[-1] < end:
        fire: datetime | None = trigger.get_next_fire_time(None, begin)
        if fire is None:
            raise Unreadable(f"The schedule {cron!r} never comes round again.")
        begin = fire.astimezone(UTC) + timedelta(seconds=1)
        if not (fire.fold and _is_at_set_hours(kind, cron)):  # the night has had this hour already
            found.append(fire.astimezone(UTC))
    return tuple(found)


def _slot(plan: Plan, fire: datetime) -> str:
    local = fire.astimezone(ZoneInfo(plan.zone))
    if plan.kind == "daily":
        return (local.date() - timedelta(days=1)).isoformat()
    return local.strftime("%Y-%m-%dT%H%M") if _is_at_set_hours(plan.kind, plan.cron) else instant(fire)


def _is_at_set_hours(kind: ScheduleKind, cron: str) -> bool:
    """Whether it fires at certain hours of the wall clock, and not through all of the day."""
    return kind == "daily" or (kind == "cron" and "*" not in cron.split()[1])


def _start(plan: Plan) -> datetime:
    if plan.starts_on is None:
        return datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
    first = plan.starts_on + timedelta(days=1) if plan.kind == "daily" else plan.starts_on
    return datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(plan.zone))


@lru_cache(maxsize=1024)
def _trigger(kind: ScheduleKind, cron: str, hour: int, zone: str) -> CronTrigger:
    if kind == "daily":
        return CronTrigger(hour=hour, minute=0, timezone=ZoneInfo(zone))
    if kind == "cron":
        minute, hours, day, month, weekday = cron.split()
        return CronTrigger(
            minute=minute,
            hour=hours,
            day=day,
            month=month,
            day_of_week=_named(weekday),
            timezone=ZoneInfo(zone),
        )
    return CronTrigger(minute=0, timezone=ZoneInfo("UTC"))


@lru_cache(maxsize=1024)
def _longest_gap(cron: str, zone: str) -> timedelta:
    plan = Plan(feed_id=0, kind="cron", cron=cron, zone=zone)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    fires = [_fire_after(plan, begin)]
    while len(fires) < FIRES or fires[-1] - begin < LOOKED_AHEAD:
        fires.append(_fire_after(plan, fires[-1]))
    return max(later - earlier for earlier, later in pairwise(fires))


def _check_cron(plan: Plan) -> None:
    fields = plan.cron.split()
    if len(fields) != 5:
        raise Unreadable(f"{plan.cron!r} is no cron schedule: it has five fields, as in '0 6 * * mon-fri'.")
    if fields[2] != "*" and fields[4] != "*":
        raise Unreadable(f"{plan.cron!r} names days of the month and of the week; keep one, with * for the other.")
    try:
        first = _fire_after(plan, datetime(2026, 1, 1, tzinfo=UTC))
        second = _fire_after(plan, first)
    except ValueError as error:
        raise Unreadable(f"{plan.cron!r} is no cron schedule: {error}.") from None
    if second - first < SHORTEST_GAP:
        raise Unreadable(f"{plan.cron!r} would run more often than every {SHORTEST_GAP.seconds // 60} minutes.")


def _named(weekdays: str) -> str:
    """Weekdays by name: cron counts them from Sunday, the calendar from Monday."""
    return ",".join(name for part in weekdays.split(",") for name in _names(part))


def _names(part: str) -> list[str]:
    span, _, step = part.partition("/")
    first, _, last = span.partition("-")
    if not first.isdecimal() or (last and not last.isdecimal()):
        return [part]
    days = range(int(first), int(last or first) + 1, int(step or 1))
    if not days or days[-1] > 7:
        raise ValueError(f"{part!r} is no day of the week")
    return [_WEEKDAYS[day % 7] for day in days]
