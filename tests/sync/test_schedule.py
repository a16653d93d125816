"""When a feed runs: at its hour in its zone, once a day as the clocks change, spread, and once for all missed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.schedule import Plan, ScheduleKind
from connector.errors import Unreadable
from connector.sync.schedule import (
    SPREAD_CRON,
    SPREAD_DAILY,
    SPREAD_HOURLY,
    Due,
    check,
    claimed,
    jitter,
    longest_gap,
    next_run,
    quiet_hour,
)

NEW_YORK = "America/New_York"
ZONES = (NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "UTC")
CRONS = ("0 6 * * *", "30 1 * * *", "30 2 * * *", "*/15 * * * *", "0 9-17 * * 1-5", "15 0 1 * *", "0 3,15 * * 0")
SECOND = timedelta(seconds=1)

plans = st.builds(
    Plan,
    feed_id=st.integers(1, 10_000),
    kind=st.sampled_from(("daily", "hourly", "closure", "settlement", "cron")),
    cron=st.sampled_from(CRONS),
    hour=st.integers(0, 23),
    zone=st.sampled_from(ZONES),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def runs(plan: Plan, begin: datetime, end: datetime) -> list[Due]:
    found = [next_run(plan, begin)]
    while found[-1].at < end:
        found.append(next_run(plan, found[-1].at))
    return found[:-1]


def local(due: Due, plan: Plan) -> datetime:
    return (due.at - jitter(plan)).astimezone(ZoneInfo(plan.zone))


@given(plans, moments)
def test_the_next_run_is_later_and_nothing_lies_between(plan: Plan, moment: datetime) -> None:
    due = next_run(plan, moment)
    assert due.at > moment
    assert due.at.utcoffset() == timedelta(0)
    assert next_run(plan, due.at - SECOND) == due
    middle = moment + (due.at - moment) / 2
    assert next_run(plan, middle) == due or middle.replace(microsecond=0) == due.at


@given(plans, moments)
def test_no_two_runs_are_farther_apart_than_the_longest_gap_and_none_shares_its_slot(
    plan: Plan, moment: datetime
) -> None:
    found = runs(plan, moment, moment + 3 * longest_gap(plan))
    assert max((later.at - earlier.at for earlier, later in pairwise(found)), default=timedelta()) <= longest_gap(
        plan
    ) + timedelta(hours=1)
    assert max(Counter(due.slot for due in found).values(), default=1) == 1


@given(plans, moments, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_whatever_was_missed_is_one_catch_up_under_the_newest_slot(
    plan: Plan, moment: datetime, late: timedelta
) -> None:
    was = next_run(plan, moment)
    now = was.at + late
    slot, then = claimed(plan, was.at, now)
    assert then.at > now
    last = [due for due in (was, *runs(plan, max(was.at, now - 2 * longest_gap(plan)), now + SECOND)) if due.at <= now]
    assert slot == last[-1].slot
    assert then == next_run(plan, now)


@pytest.mark.parametrize("zone", ZONES)
def test_a_daily_run_is_once_a_day_at_its_hour_all_year_round(zone: str) -> None:
    for hour in (1, 2, 5):
        plan = Plan(feed_id=7, hour=hour, zone=zone)
        found = runs(plan, datetime(2025, 12, 31, 23, tzinfo=UTC), datetime(2026, 12, 30, tzinfo=UTC))
        days = [local(due, plan).date() for due in found]
        assert [later - earlier for earlier, later in pairwise(days)] == [timedelta(days=1)] * (len(days) - 1)
        assert [due.slot for due in found] == [(day - timedelta(days=1)).isoformat() for day in days]
        assert sum(local(due, plan).hour != hour for due in found) <= 1  # the hour that a spring night has not


def test_an_hour_that_an_autumn_night_has_twice_is_one_run_in_its_first() -> None:
    plan = Plan(feed_id=7, kind="cron", cron="30 1 * * *", zone=NEW_YORK)
    found = runs(plan, datetime(2026, 10, 31, 12, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC))
    assert [due.at - jitter(plan) for due in found] == [
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        datetime(2026, 11, 2, 6, 30, tzinfo=UTC),
    ]
    assert [due.slot for due in found] == ["2026-11-01T0130", "2026-11-02T0130"]


def test_row_87_an_hour_that_a_spring_night_has_not_moves_forward() -> None:
    plan = Plan(feed_id=7, hour=2, zone=NEW_YORK)
    due = next_run(plan, datetime(2026, 3, 8, 5, tzinfo=UTC))
    assert (local(due, plan).hour, due.slot) == (3, "2026-03-07")


def test_an_hourly_feed_runs_in_every_hour_of_a_day_of_25() -> None:
    plan = Plan(feed_id=7, kind="hourly", zone=NEW_YORK)
    begin = datetime(2026, 11, 1, 4, tzinfo=UTC) + jitter(plan) - SECOND
    found = runs(plan, begin, begin + timedelta(hours=25))
    assert len(found) == len({due.slot for due in found}) == 25


def test_every_quarter_of_an_hour_stays_so_when_the_clocks_go_back() -> None:
    plan = Plan(feed_id=7, kind="cron", cron="*/15 * * * *", zone=NEW_YORK)
    found = runs(plan, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))
    assert {later.at - earlier.at for earlier, later in pairwise(found)} == {timedelta(minutes=15)}
    assert len({due.slot for due in found}) == len(found) >= 95


def test_feeds_of_one_hour_are_spread_and_each_keeps_its_minute() -> None:
    minutes = Counter(
        next_run(Plan(feed_id=feed, zone=NEW_YORK), datetime(2026, 11, 21, tzinfo=UTC)).at.minute
        for feed in range(6_000)
    )
    assert len(minutes) == 30
    assert max(minutes.values()) < 260
    plan = Plan(feed_id=7, zone=NEW_YORK)
    first = next_run(plan, datetime(2026, 11, 21, tzinfo=UTC))
    assert next_run(plan, first.at).at - first.at == timedelta(days=1)
    spreads: dict[ScheduleKind, timedelta] = {
        "daily": SPREAD_DAILY,
        "cron": SPREAD_CRON,
        "hourly": SPREAD_HOURLY,
        "closure": SPREAD_HOURLY,
    }
    for kind, spread in spreads.items():
        assert all(timedelta(0) <= jitter(Plan(feed_id=feed, kind=kind)) < spread for feed in range(500))


def test_a_run_out_of_turn_is_its_own_slot_so_that_it_is_not_taken_for_one_that_ran() -> None:
    plan = Plan(feed_id=7, zone=NEW_YORK)
    resumed = datetime(2026, 11, 21, 15, 0, 0, 123, tzinfo=UTC)
    slot, then = claimed(plan, resumed, resumed + SECOND)
    assert slot == "20261121T150000Z"
    assert then.slot == "2026-11-21"


def test_nothing_runs_before_its_start_and_the_first_daily_run_closes_the_first_day() -> None:
    early = datetime(2026, 11, 1, tzinfo=UTC)
    daily = Plan(feed_id=7, zone=NEW_YORK, starts_on=date(2026, 12, 1))
    assert next_run(daily, early).slot == "2026-12-01"
    hourly = Plan(feed_id=7, kind="hourly", zone=NEW_YORK, starts_on=date(2026, 12, 1))
    assert next_run(hourly, early).at == datetime(2026, 12, 1, 5, tzinfo=UTC) + jitter(hourly)


def test_yesterday_is_closed_when_the_shop_is_and_its_quiet_delay_is_over() -> None:
    assert quiet_hour(0, timedelta(hours=4)) == 4
    assert quiet_hour(5, timedelta(hours=4)) == 9
    assert quiet_hour(0, timedelta(minutes=90)) == 2
    assert quiet_hour(23, timedelta(hours=4)) == 23


def test_weekdays_are_counted_from_sunday_as_cron_does() -> None:
    begin = datetime(2026, 11, 21, tzinfo=UTC)  # a Saturday
    for weekdays, expected in (("1", "Mon"), ("0", "Sun"), ("7", "Sun"), ("5-7/2", "Sun"), ("mon-fri", "Mon")):
        plan = Plan(feed_id=7, kind="cron", cron=f"0 6 * * {weekdays}")
        check(plan)
        assert next_run(plan, begin).at.strftime("%a") == expected
    workdays = Plan(feed_id=7, kind="cron", cron="0 9 * * 1-5")
    assert longest_gap(workdays) == timedelta(days=3)
    assert longest_gap(Plan(feed_id=7, kind="cron", cron="0 9 1 * *")) == timedelta(days=31)


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (Plan(feed_id=7, zone="Mars/Olympus"), "'Mars/Olympus' is no time zone; they look like America/New_York."),
        (Plan(feed_id=7, zone="../etc"), "'../etc' is no time zone"),
        (Plan(feed_id=7, hour=24), "an hour from 0 to 23, not 24"),
        (Plan(feed_id=7, kind="cron", cron="6 * *"), "has five fields"),
        (Plan(feed_id=7, kind="cron", cron="61 * * * *"), "'61 \\* \\* \\* \\*' is no cron schedule"),
        (Plan(feed_id=7, kind="cron", cron="0 6 * * 8"), "'8' is no day of the week"),
        (Plan(feed_id=7, kind="cron", cron="0 6 1 * 1"), "keep one"),
        (Plan(feed_id=7, kind="cron", cron="* * * * *"), "more often than every 5 minutes"),
        (Plan(feed_id=7, kind="cron", cron="0 0 30 2 *"), "never comes round"),
    ],
    ids=["zone", "path", "hour", "fields", "minute", "weekday", "both days", "too often", "never"],
)
def test_a_schedule_that_cannot_be_followed_is_refused_in_a_sentence(plan: Plan, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        check(plan)
