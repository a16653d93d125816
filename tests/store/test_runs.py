"""A run can be read: what each station did, how it came out, and what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import Unreadable
from connector.store.runs import Ended, NewRun, Stage, add_stage, begin_run, end_run, run_of, runs
from tests.store.given import database, feed_in

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=7)
FAILED = Ended(state="failed", summary="Square was away.", next_step="connector runs retry 1")


def test_a_run_has_its_stages_in_the_order_they_were_done(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed = feed_in(opened).feed_id
        pulled = Stage(station="pull", started_at=NOW, ended_at=LATER, calls=9, records_seen=40, records_new=3)
        posted = Stage(station="post", started_at=LATER, ended_at=LATER, state="held", posted=2, held=1, error="Shut.")
        with opened.transaction() as tx:
            run = begin_run(tx, NewRun(job_id="sync:1:2026-11-20", kind="sync", slot="2026-11-20", feed_id=feed), NOW)
            add_stage(tx, run, pulled)
            add_stage(tx, run, posted)
            assert run_of(tx, run).state == "running"
            end_run(tx, run, Ended(state="held", summary="2 posted, 1 waits.", next_step="Open the period."), LATER)
        with opened.transaction() as tx:
            found = run_of(tx, run)
            assert found.stages == (pulled, posted)
            assert (found.state, found.slot, found.ended_at) == ("held", "2026-11-20", LATER)
            assert (found.summary, found.next_step) == ("2 posted, 1 waits.", "Open the period.")
            assert [each.id for each in runs(tx, feed)] == [run]
            assert runs(tx, feed)[0].stages == ()


def test_a_job_that_is_taken_up_again_is_the_same_run_at_its_next_attempt(tmp_path: Path) -> None:
    with database(tmp_path) as opened, opened.transaction() as tx:
        new = NewRun(job_id="pull:1:x", kind="pull")
        run = begin_run(tx, new, NOW)
        add_stage(tx, run, Stage(station="pull", started_at=NOW, ended_at=NOW, state="failed", error="Cut off."))
        end_run(tx, run, FAILED, NOW)
        assert begin_run(tx, new, LATER) == run
        add_stage(tx, run, Stage(station="pull", started_at=LATER, ended_at=LATER))
        found = run_of(tx, run)
        assert (found.state, found.attempt, found.started_at, found.ended_at, found.summary) == (
            "running", 2, NOW, None, "",
        )  # fmt: skip
        assert [(stage.attempt, stage.state) for stage in found.stages] == [(1, "failed"), (2, "good")]


def test_runs_are_listed_newest_first_by_feed_and_state_and_page_by_page(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed = feed_in(opened).feed_id
        with opened.transaction() as tx:
            made = [begin_run(tx, NewRun(job_id=f"sync:{n}", kind="sync", feed_id=feed), NOW) for n in range(5)]
            other = begin_run(tx, NewRun(job_id="pull:1:x", kind="pull"), NOW)
            end_run(tx, made[1], FAILED, NOW)
            assert [run.id for run in runs(tx)] == [other, *reversed(made)]
            assert [run.id for run in runs(tx, feed, limit=2)] == made[:2:-1]
            assert [run.id for run in runs(tx, feed, before=made[3], limit=2)] == [made[2], made[1]]
            assert [run.id for run in runs(tx, states=("failed", "held"))] == [made[1]]


def test_a_run_that_does_not_exist_is_said_in_a_sentence(tmp_path: Path) -> None:
    with (
        database(tmp_path) as opened,
        opened.transaction() as tx,
        pytest.raises(Unreadable, match="There is no run 7; connector runs lists them"),
    ):
        run_of(tx, 7)
