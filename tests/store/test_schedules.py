"""When feeds are due: claimed once by however many look, paused and resumed without losing or repeating a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import Unreadable
from connector.store.database import Database, Transaction
from connector.store.looks import Looked, settle
from connector.store.schedules import (
    NewSchedule,
    Schedule,
    claim_due,
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
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
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


def due(tx: Transaction, now: datetime = NOW, limit: int = 10) -> list[int]:
    """The feeds that are due; claiming them does not outlive the test's transaction."""
    with tx.begin_nested() as nested:
        found = [each.feed_id for each in claim_due(tx, now, now + HOUR, limit)]
        nested.rollback()
    return found


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
            assert (schedule_of(tx, feed), due(tx)) == (None, [])
            with pytest.raises(Unreadable, match="no schedule yet"):
                pause_feed(tx, feed, NOW, "")


def test_what_one_has_claimed_another_does_not_get_until_it_is_free_again(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed = planned(opened)
        with opened.transaction() as first:
            (claimed,) = claim_due(first, NOW, NOW + HOUR, 10)
            assert (claimed.feed_id, claimed.next_run_at) == (feed, NOW)
        with opened.transaction() as second:
            assert claim_due(second, NOW, NOW + HOUR, 10) == []
            assert due(second, NOW + HOUR) == [feed]


def test_what_was_claimed_and_looked_at_moves_on_and_what_was_paused_meanwhile_does_not(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed = planned(opened)
        with opened.transaction() as tx:
            (claimed,) = claim_due(tx, NOW, NOW + HOUR, 10)
            look = Looked(schedule_id=claimed.id, until=NOW + HOUR, slot="2026-11-20", then=NOW + DAY, good_at=NOW)
            settle(tx, [look])
            moved = known(tx, feed)
            assert (moved.next_run_at, moved.last_slot, moved.last_good_at) == (NOW + DAY, "2026-11-20", NOW)
            claim_due(tx, NOW + DAY, NOW + DAY + HOUR, 10)
            pause_feed(tx, feed, NOW, "")
            settle(tx, [replace(look, until=NOW + DAY + HOUR, then=NOW + 2 * DAY)])
            assert known(tx, feed).next_run_at is None


def test_what_is_due_later_is_not_due_and_at_most_so_many_are_given(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed = planned(opened)
        with opened.transaction() as tx:
            assert due(tx, NOW - timedelta(seconds=1)) == []
            assert due(tx, limit=0) == []
            assert due(tx, limit=1) == [feed]


def test_a_paused_feed_waits_and_runs_once_when_it_is_resumed(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed = planned(opened)
        with opened.transaction() as tx:
            pause_feed(tx, feed, NOW, "stocktaking")
            assert due(tx, NOW + 9 * DAY) == []
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


def test_row_81_many_hints_about_one_stream_in_any_order_are_one_mark_taken_once(tmp_path: Path) -> None:
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
