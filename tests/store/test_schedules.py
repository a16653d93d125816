"""When feeds are due: claimed once by however many look, paused and resumed without losing or repeating a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import Unreadable
from connector.store.database import Database, Transaction
from connector.store.schedules import (
    Claim,
    NewSchedule,
    Schedule,
    claim_due,
    due_schedules,
    due_streams,
    give_up_lease,
    hold_lease,
    make_due,
    mark_due,
    mark_good,
    pause_feed,
    pause_organisation,
    paused_organisations,
    resume_feed,
    resume_organisation,
    schedule_of,
    set_schedule,
    take_due,
)
from tests.store.given import database, feed_in

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DAILY = NewSchedule(hour=5, zone="America/New_York", gap=DAY, next_run_at=NOW)


def planned(opened: Database, new: NewSchedule = DAILY) -> int:
    """A feed with a schedule."""
    feed = feed_in(opened).feed_id
    with opened.transaction() as tx:
        set_schedule(tx, feed, new, NOW)
    return feed


def known(tx: Transaction, feed: int) -> Schedule:
    found = schedule_of(tx, feed)
    assert found is not None
    return found


def claim(schedule: Schedule) -> Claim:
    assert schedule.next_run_at is not None
    then = schedule.next_run_at + DAY
    return Claim(schedule_id=schedule.id, was=schedule.next_run_at, slot="2026-11-20", then=then)


def test_a_schedule_says_what_the_owner_decided(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed = planned(opened)
        with opened.transaction() as tx:
            found = known(tx, feed)
            assert (found.kind, found.hour, found.zone, found.gap) == ("daily", 5, "America/New_York", DAY)
            assert (found.next_run_at, found.enabled_at, found.last_good_at) == (NOW, NOW, None)
            set_schedule(tx, feed, NewSchedule(kind="cron", cron="0 6 * * *", gap=DAY, next_run_at=NOW + DAY), NOW)
            changed = known(tx, feed)
        assert (changed.id, changed.kind, changed.cron, changed.hour) == (found.id, "cron", "0 6 * * *", None)


def test_a_feed_without_a_schedule_runs_by_hand_only(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed = feed_in(opened).feed_id
        with opened.transaction() as tx:
            assert (schedule_of(tx, feed), due_schedules(tx, NOW, 10)) == (None, [])
            with pytest.raises(Unreadable, match="no schedule yet"):
                pause_feed(tx, feed, NOW, "")


def test_two_that_saw_it_due_claim_it_once(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        planned(opened)
        with opened.transaction() as tx:
            (seen,) = due_schedules(tx, NOW, 10)
        with opened.transaction() as first:
            assert claim_due(first, [claim(seen)]) == [claim(seen)]
        with opened.transaction() as second:
            assert claim_due(second, [claim(seen)]) == []
            assert due_schedules(second, NOW, 10) == []
            moved = known(second, seen.feed_id)
        assert (moved.next_run_at, moved.last_slot) == (NOW + DAY, "2026-11-20")


def test_what_is_due_later_is_not_due_and_at_most_so_many_are_given(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        planned(opened)
        with opened.transaction() as tx:
            assert due_schedules(tx, NOW - timedelta(seconds=1), 10) == []
            assert due_schedules(tx, NOW, 0) == []
            assert len(due_schedules(tx, NOW, 1)) == 1


def test_a_paused_feed_waits_and_runs_once_when_it_is_resumed(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed = planned(opened)
        with opened.transaction() as tx:
            pause_feed(tx, feed, NOW, "stocktaking")
            assert due_schedules(tx, NOW + 9 * DAY, 10) == []
            set_schedule(tx, feed, DAILY, NOW)
            assert (known(tx, feed).next_run_at, known(tx, feed).paused_because) == (None, "stocktaking")
            assert resume_feed(tx, feed, NOW + 9 * DAY)
            assert (known(tx, feed).next_run_at, known(tx, feed).enabled_at) == (NOW + 9 * DAY, NOW + 9 * DAY)
            assert known(tx, feed).paused_at is None


def test_resuming_what_was_not_paused_changes_nothing(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed = planned(opened, NewSchedule(gap=DAY, next_run_at=NOW + DAY))
        with opened.transaction() as tx:
            before = known(tx, feed)
            assert resume_feed(tx, feed, NOW)
            assert resume_organisation(tx, "Main Street", NOW) == 0
            assert known(tx, feed) == before


def test_a_paused_organisation_holds_all_its_feeds_and_keeps_the_paused_ones_paused(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed = planned(opened)
        with opened.transaction() as tx:
            assert pause_organisation(tx, "Main Street", NOW, "left") == 1
            assert (known(tx, feed).next_run_at, paused_organisations(tx)) == (None, {"Main Street": "left"})
            set_schedule(tx, feed, DAILY, NOW)
            assert not resume_feed(tx, feed, NOW)
            assert known(tx, feed).next_run_at is None
            pause_feed(tx, feed, NOW, "")
            assert resume_organisation(tx, "Main Street", NOW) == 0
            assert (known(tx, feed).next_run_at, paused_organisations(tx)) == (None, {})
            assert resume_feed(tx, feed, NOW)
            with pytest.raises(Unreadable, match=r"no organisation 'Side Street'; there are: Main Street\."):
                pause_organisation(tx, "Side Street", NOW, "")


def test_a_good_end_is_remembered_and_a_run_can_be_brought_forward(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed = planned(opened, NewSchedule(gap=DAY, next_run_at=NOW + DAY))
        with opened.transaction() as tx:
            mark_good(tx, [feed], NOW)
            make_due(tx, [feed], NOW)
            assert (known(tx, feed).last_good_at, known(tx, feed).next_run_at) == (NOW, NOW)
            pause_feed(tx, feed, NOW, "")
            make_due(tx, [feed], NOW)
            assert known(tx, feed).next_run_at is None


def test_many_hints_about_one_stream_are_one_mark_taken_once(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        connection = feed_in(opened).target_connection_id
        with opened.transaction() as tx:
            for minutes in (0, 1, 2):
                mark_due(tx, connection, "orders", NOW + timedelta(minutes=minutes))
            mark_due(tx, connection, "payouts", NOW + timedelta(minutes=1))
            marks = due_streams(tx, 10)
        assert [(mark.stream, mark.since) for mark in marks] == [
            ("orders", NOW),
            ("payouts", NOW + timedelta(minutes=1)),
        ]
        with opened.transaction() as tx:
            assert take_due(tx, marks) == marks
            mark_due(tx, connection, "orders", NOW + timedelta(minutes=9))
            assert take_due(tx, marks) == []
            assert [mark.since for mark in due_streams(tx, 10)] == [NOW + timedelta(minutes=9)]


def test_one_process_has_the_lease_until_it_gives_it_up_or_falls_silent(tmp_path: Path) -> None:
    lasts = timedelta(seconds=30)
    with database(tmp_path) as opened, opened.transaction() as tx:
        assert hold_lease(tx, "tick", "one", NOW, lasts)
        assert not hold_lease(tx, "tick", "two", NOW + lasts / 2, lasts)
        assert hold_lease(tx, "sweep", "two", NOW, lasts)
        assert hold_lease(tx, "tick", "one", NOW + lasts / 2, lasts)
        assert not hold_lease(tx, "tick", "two", NOW + lasts, lasts)
        assert hold_lease(tx, "tick", "two", NOW + lasts * 3 / 2, lasts)
        give_up_lease(tx, "tick", "one")
        assert not hold_lease(tx, "tick", "one", NOW + lasts * 2, lasts)
        give_up_lease(tx, "tick", "two")
        assert hold_lease(tx, "tick", "one", NOW + lasts * 2, lasts)
