"""What the engine promises, on either database: nothing is lost with a process, nothing is done twice at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from connector.store.jobs_database import open_jobs
from connector.sync.engine import Engine, Known, Task
from tests.postgresql import address_in, on_both
from tests.sync.engine_process import GO, lines, run

PATIENCE = 300.0  # a machine may be busy: nothing is timed, only waited for
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["pytest", "tests.sync.engine_process"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    on_both(metafunc)


def task(n: int, *, partition: str = "shop", station: str = "stands", delay: int = 0, name: str = "") -> Task:
    return Task(
        id=name or f"pull:{n}:day",
        queue="pull",
        partition=partition,
        station=station,
        what={"n": n},
        delay_seconds=delay,
    )


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    opened = Engine(open_jobs(address_in(folder), folder))
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def worker(folder: Path, name: str) -> Iterator[ForkServerProcess]:
    """A process that works, ready when it is given; killed at the end. What it loads was loaded once for them all."""
    process = PROCESSES.Process(target=run, args=(folder, name, address_in(folder)))
    process.start()
    try:
        until(lambda: f"ready {name}" in lines(folder))
        yield process
    finally:
        process.kill()
        process.join()
        process.close()


def kill(process: ForkServerProcess, number: signal.Signals) -> None:
    assert process.pid is not None  # it was started
    os.kill(process.pid, number)


def until(holds: Callable[[], bool]) -> None:
    """Waits for something that must come true."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


def begun(folder: Path) -> list[str]:
    return [line for line in lines(folder) if line.startswith("begin")]


def state_of(opened: Engine, name: str) -> Known:
    (found,) = opened.list([name])
    return found


def test_what_a_killed_process_had_in_hand_goes_on_in_another_and_what_follows_from_it_is_done_once(
    tmp_path: Path, on: str
) -> None:
    with engine(tmp_path) as desk:
        with worker(tmp_path, "first") as first:
            for n in range(3):
                desk.enqueue(task(n, partition=f"shop {n}"))
            until(lambda: len(begun(tmp_path)) == 3)
            kill(first, signal.SIGKILL)
        (tmp_path / GO).touch()
        with worker(tmp_path, "second"):
            assert desk.recover(["second"]) == 3
            until(lambda: sum(line.startswith("after") for line in lines(tmp_path)) == 3)
            until(lambda: {state_of(desk, f"pull:{n}:day").state for n in range(3)} == {"done"})
            assert desk.recover(["second"]) == 0
    done = lines(tmp_path)
    assert sorted(line for line in done if line.startswith("after")) == ["after 0", "after 1", "after 2"]
    assert sorted(line for line in done if line.startswith("end")) == [f"end {n} second" for n in range(3)]


def test_a_job_that_was_taken_over_while_its_worker_stood_still_asks_for_what_follows_once(
    tmp_path: Path, on: str
) -> None:
    with engine(tmp_path) as desk, worker(tmp_path, "stalled") as stalled:
        desk.enqueue(task(1))
        until(lambda: begun(tmp_path) == ["begin 1 stalled"])
        kill(stalled, signal.SIGSTOP)
        (tmp_path / GO).touch()
        with worker(tmp_path, "living"):
            assert desk.recover(["living"]) == 1
            until(lambda: "after 1" in lines(tmp_path))
            kill(stalled, signal.SIGCONT)
            until(lambda: "end 1 stalled" in lines(tmp_path))
            desk.enqueue(task(2, name="pull:2:day", partition="other"))
            until(lambda: "after 2" in lines(tmp_path))
    assert lines(tmp_path).count("after 1") == 1


def test_a_name_that_was_asked_for_before_is_no_work_even_when_it_has_ended(tmp_path: Path, on: str) -> None:
    done: list[int] = []
    with engine(tmp_path) as desk:
        desk.start({"stands": noting(done)}, worker="only", slots=2)
        desk.enqueue(task(1))
        until(lambda: state_of(desk, "pull:1:day").state == "done")
        desk.enqueue(task(1))
        desk.enqueue(task(2, name="pull:1:day:a2"))
        until(lambda: state_of(desk, "pull:1:day:a2").state == "done")
    assert done == [1, 2]


def test_row_88_of_one_shop_one_job_goes_on_at_a_time_and_a_shop_that_hangs_delays_no_other(
    tmp_path: Path, on: str
) -> None:
    at_once: dict[str, int] = {}
    most: list[int] = []
    lock, freed = threading.Lock(), threading.Event()

    def works(what: Mapping[str, int | str]) -> list[Task]:
        shop = str(what["n"])
        with lock:
            at_once[shop] = at_once.get(shop, 0) + 1
            most.append(at_once[shop])
        if shop == "0":
            freed.wait(PATIENCE)
        with lock:
            at_once[shop] -= 1
        return []

    with engine(tmp_path) as desk:
        for number in range(12):
            shop = number % 3
            desk.enqueue(task(shop, name=f"pull:{shop}:{number}", partition=f"shop {shop}", station="works"))
        desk.start({"works": works}, worker="only", slots=4)
        others = [f"pull:{number % 3}:{number}" for number in range(12) if number % 3]
        until(lambda: {each.state for each in desk.list(others)} == {"done"})
        assert sorted(each.state for each in desk.list([f"pull:0:{n}" for n in (0, 3, 6, 9)])).count("running") == 1
        freed.set()
        until(lambda: desk.waiting(100) == 0)
    assert set(most) == {1}


def test_what_waits_is_taken_up_by_changed_code(tmp_path: Path, on: str) -> None:
    """The version under which jobs are kept never changes: what was asked of older code, newer code does."""
    done: list[int] = []
    with engine(tmp_path) as desk:
        desk.start({"older": noting([])}, worker="older", slots=1)
        desk.stop(0)
        desk.enqueue(task(7, station="newer"))
    with engine(tmp_path) as desk:
        desk.start({"newer": noting(done)}, worker="newer", slots=1)
        until(lambda: state_of(desk, "pull:7:day").state == "done")
    assert done == [7]


def test_a_job_for_later_holds_nobody_up_and_what_waits_can_be_counted_and_taken_back(tmp_path: Path, on: str) -> None:
    done: list[int] = []
    with engine(tmp_path) as desk:
        desk.enqueue(task(1, name="pull:later", delay=3600))
        desk.enqueue(task(2, name="pull:soon"))
        assert desk.waiting(10) == 2 and desk.waiting(1) == 1
        assert desk.stats(10) == {"pull": {"waiting": 2, "running": 0}, "books": {"waiting": 0, "running": 0}}
        desk.start({"stands": noting(done)}, worker="only", slots=1)
        until(lambda: done == [2])
        desk.cancel(["pull:later"])
        until(lambda: desk.waiting(10) == 0)
        assert state_of(desk, "pull:later").state == "failed"


def test_what_has_ended_is_forgotten_in_time_and_what_waits_never(tmp_path: Path, on: str) -> None:
    with engine(tmp_path) as desk:
        desk.start({"stands": noting([])}, worker="only", slots=1)
        desk.enqueue(task(1))
        until(lambda: state_of(desk, "pull:1:day").state == "done")
        desk.enqueue(task(2, delay=3600))
        assert desk.forget(datetime.now(UTC) - timedelta(hours=1)) == 0
        assert desk.forget(datetime.now(UTC) + timedelta(seconds=1)) == 1
        assert [each.id for each in desk.list()] == ["pull:2:day"]


def test_a_worker_that_is_told_to_stop_finishes_what_it_has_and_leaves_the_rest(tmp_path: Path, on: str) -> None:
    started, ended = threading.Event(), []

    def slow(what: Mapping[str, int | str]) -> list[Task]:
        started.set()
        time.sleep(0.3)
        ended.append(what["n"])
        return []

    with engine(tmp_path) as desk:
        for n in (1, 2):
            desk.enqueue(task(n, station="slow"))
        desk.start({"slow": slow}, worker="only", slots=1)
        started.wait(PATIENCE)
        desk.stop(20)
        assert len(ended) == 1
        assert sorted(each.state for each in desk.list()) == ["done", "waiting"]


def noting(done: list[int]) -> Callable[[Mapping[str, int | str]], list[Task]]:
    def station(what: Mapping[str, int | str]) -> list[Task]:
        done.append(int(what["n"]))
        return []

    return station
