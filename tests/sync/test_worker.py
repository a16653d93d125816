"""The worker on either database: jobs become documents in the books, and what goes wrong a sentence in a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from connector.errors import Broken, NeedsReconnect, RetryLater
from connector.store import workers
from connector.store.connection_findings import connection_findings
from connector.store.facts import cursor_moves, move_cursor
from connector.store.feeds import connection, feed
from connector.store.folder import shared_folder
from connector.store.jobs_database import open_jobs
from connector.store.runs import Run, run_of, runs
from connector.store.schedules import hold_lease
from connector.store.tables import WorkerRow
from connector.sync import work
from connector.sync.accounts import open_accounts
from connector.sync.engine import Engine, Task
from connector.sync.house import House
from connector.sync.jobs import Job
from connector.sync.pull import pull
from connector.sync.work import first_task, pull_job, sync_job
from connector.sync.worker import Worker, bury_predecessors, desk_of
from tests.postgresql import address_in, on_both
from tests.store.given import database, feed_in
from tests.sync.walking import NOW, connected, documents_in, house, town

PATIENCE = 300.0  # a machine may be busy: nothing is timed, only waited for


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "on" in metafunc.fixturenames:
        on_both(metafunc)


@contextmanager
def working(opened: House, folder: Path) -> Iterator[Engine]:
    """A worker in a thread of its own, until the block ends."""
    engine, stop = Engine(open_jobs(address_in(folder), folder)), threading.Event()
    thread = threading.Thread(target=Worker(house=opened, engine=engine, slots=2, drain_seconds=20).run, args=(stop,))
    thread.start()
    try:
        yield engine
    finally:
        stop.set()
        thread.join()
        engine.close()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def newest(opened: House) -> Run | None:
    with opened.database.transaction() as tx:
        found = runs(tx, limit=1)
        return run_of(tx, found[0].id) if found else None


def job_of(opened: House, slot: str = "2026-11-20", name: str = "square-quickbooks") -> Job:
    with opened.database.transaction() as tx:
        found = feed(tx, name)
    return Job(
        kind="sync",
        slot=slot,
        source_connection_id=found.source.id,
        target_connection_id=found.target.id,
        feed_id=found.id,
    )


def test_a_job_pulls_journalizes_and_posts_and_its_run_tells_what_was_done(tmp_path: Path, on: str) -> None:
    with town(tmp_path) as opened_town, house(tmp_path) as opened:
        connected(opened, opened_town, "quickbooks")
        with opened.database.transaction() as tx:
            source, found = connection(tx, "square"), feed(tx, "square-quickbooks")
        pull(opened, source)
        open_accounts(opened, found)
        with working(opened, tmp_path) as engine:
            desk = desk_of(engine)
            desk.enqueue(job_of(opened))
            desk.enqueue(job_of(opened))
            until(lambda: (run := newest(opened)) is not None and run.ended_at is not None)
            until(lambda: {each.state for each in engine.list()} == {"done"})
            with opened.database.transaction() as tx:
                assert workers.living(tx) == [opened.owner]
        run = newest(opened)
        assert run is not None and run.job_id == job_of(opened).id and run.state in ("good", "held")
        assert [stage.station for stage in run.stages] == ["pull", "journalize", "post"]
        assert run.stages[2].posted == len(documents_in(opened_town.quickbooks.base_url)) > 3
        with opened.database.transaction() as tx:
            assert (workers.living(tx), workers.dead(tx)) == ([], [opened.owner])


STOPS: tuple[tuple[Exception, str, int | None], ...] = (
    (RetryLater("Square is away.", after=NOW + timedelta(minutes=7)), "later", 420),
    (Broken("An order has no lines."), "held", None),
    (ZeroDivisionError("nobody foresaw it"), "failed", 300),
    (NeedsReconnect("Square's consent was revoked."), "held", None),
)


def test_a_pull_that_stops_is_told_in_its_run_and_tried_again_where_time_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(*_: object) -> None:
        raise STOPS[number][0]

    with town(tmp_path) as opened_town, house(tmp_path) as opened:
        connected(opened, opened_town, "quickbooks")
        monkeypatch.setattr(work, "pull", stops)
        for number, (_, state, again) in enumerate(STOPS):
            assert standing_of(opened) == ("active", [])
            following = pull_job(opened, first_task(job_of(opened, f"2026-11-1{number}")).what)
            run = newest(opened)
            assert run is not None and run.state == state and run.stages[0].error
            assert [each.delay_seconds for each in following] == ([again] if again else [])
        assert standing_of(opened) == ("reconnect needed", ["reconnect_needed"])


def standing_of(opened: House) -> tuple[str, list[str]]:
    with opened.database.transaction() as tx:
        source = connection(tx, "square")
        return source.state, [each.code for each in connection_findings(tx, source.id)]


def test_a_pull_for_news_asks_for_a_sync_of_every_feed_of_the_source(tmp_path: Path) -> None:
    with town(tmp_path) as opened_town, house(tmp_path) as opened:
        connected(opened, opened_town, "quickbooks", "xero")
        with opened.database.transaction() as tx:
            source = connection(tx, "square")
        news = Job(kind="pull", slot="20261121T1200", source_connection_id=source.id, cause="news")
        following = pull_job(opened, first_task(news).what)
        assert sorted(each.id for each in following) == ["sync:1:20261121T1200:books", "sync:3:20261121T1200:books"]
        assert {each.queue for each in following} == {"books"} and len({each.partition for each in following}) == 2


def test_what_the_books_could_not_take_yet_is_tried_again_by_itself(tmp_path: Path) -> None:
    with town(tmp_path) as opened_town, house(tmp_path) as opened:
        connected(opened, opened_town, "quickbooks")
        (then,) = pull_job(opened, first_task(job_of(opened)).what)
        with opened.database.transaction() as tx:
            found = feed(tx, "square-quickbooks")
        open_accounts(opened, found)
        requests.post(
            f"{opened_town.quickbooks.base_url}/_sandbox/faults", json={"status": 503, "times": 40}, timeout=9
        )
        (again,) = sync_job(opened, then.what)
        assert (again.queue, again.what["tries"], again.id) == ("books", 1, f"{job_of(opened).id}:books:1")


def test_two_workers_that_read_one_stream_by_mistake_do_not_overwrite_each_other(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        shop = feed_in(opened).target_connection_id
        with opened.transaction() as tx:
            seen = cursor_moves(tx, shop, "", "orders")
            move_cursor(tx, shop, "", "orders", "page 1", seen)
        with pytest.raises(RetryLater, match="Another worker has read orders"), opened.transaction() as tx:
            move_cursor(tx, shop, "", "orders", "older", seen)
        with opened.transaction() as tx:
            move_cursor(tx, shop, "", "orders", "page 2", seen + 1)


def test_a_worker_whose_heart_has_stopped_is_dead_and_one_that_wakes_up_is_alive_again(tmp_path: Path, on: str) -> None:
    with database(tmp_path) as opened:
        with opened.transaction() as tx:
            workers.beat(tx, "one")
            workers.beat(tx, "two")
        with opened.transaction() as tx:
            tx.get_one(WorkerRow, "one").beat_at = workers.moment(tx) - workers.DEAD_AFTER - timedelta(seconds=1)
        with opened.transaction() as tx:
            assert (workers.living(tx), workers.dead(tx)) == (["two"], ["one"])
            workers.beat(tx, "one")
        with opened.transaction() as tx:
            assert (workers.living(tx), workers.dead(tx)) == (["one", "two"], [])


def test_who_works_alone_takes_over_at_once_what_a_killed_process_had_in_hand(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        with opened.database.transaction() as tx:
            workers.beat(tx, "killed")
            assert hold_lease(tx, "worker sweep", "killed", workers.moment(tx), timedelta(hours=1))
        bury_predecessors(opened)
        with opened.database.transaction() as tx:
            assert (workers.living(tx), workers.dead(tx)) == ([], ["killed"])
            assert hold_lease(tx, "worker sweep", opened.owner, workers.moment(tx), timedelta(hours=1))


def test_a_neighbour_on_the_same_folder_keeps_what_it_has_in_hand(tmp_path: Path) -> None:
    with house(tmp_path) as opened, shared_folder(tmp_path / "data"):
        with opened.database.transaction() as tx:
            workers.beat(tx, "neighbour")
        bury_predecessors(opened)
        with opened.database.transaction() as tx:
            assert workers.living(tx) == ["neighbour"]


def test_what_a_dead_worker_did_as_the_only_one_others_may_do(tmp_path: Path, on: str) -> None:
    with database(tmp_path) as opened, opened.transaction() as tx:
        workers.beat(tx, "one")
        assert hold_lease(tx, "worker renew", "one", workers.moment(tx), timedelta(days=2))
        workers.free_leases(tx)
        assert not hold_lease(tx, "worker renew", "two", workers.moment(tx), timedelta(days=2))
        tx.get_one(WorkerRow, "one").beat_at = workers.moment(tx) - workers.DEAD_AFTER - timedelta(seconds=1)
        workers.free_leases(tx)
        assert hold_lease(tx, "worker renew", "two", workers.moment(tx), timedelta(days=2))


def test_tasks_hold_texts_and_whole_numbers_only() -> None:
    job = Job(kind="sync", slot="2026-11-20", source_connection_id=1, target_connection_id=2, feed_id=3)
    task: Task = first_task(job)
    assert task.id == "sync:3:2026-11-20" and task.partition == "1"
    assert {type(each) for each in task.what.values()} <= {int, str}
