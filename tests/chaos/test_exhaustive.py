"""Row 62: the process dies at every fault point of a scenario, one after the other; the next run gets there."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from connector.store import outbox
from connector.store.ledger import documents_of
from connector.sync.drift import look, restore
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import post
from connector.sync.pull import pull
from connector.sync.undo import chosen, undo
from tests.chaos.oracle import fair, wrong_in_the_end
from tests.chaos.world import Books, Stage, World, feed_of, source_of, target_of, world

Scenario = Callable[[World], Callable[[House], object]]
READING = ("wire.before", "fetch.page_received", "stage.committed")
"""Rows 1 and 2."""


def first_post(made: World) -> Callable[[House], object]:
    made.pulls = False
    return write


def late_change(made: World) -> Callable[[House], object]:
    made.shop_changes()
    made.passes(minutes=1)
    made.run(lambda house: pull(house, source_of(house)))
    made.pulls = False
    return write


def write(house: House) -> None:
    """A run that pulls nothing."""
    journalize(house, feed_of(house))
    post(house, target_of(house))


def locked_month(made: World) -> Callable[[House], object]:
    made.lock("2026-03-31")
    return late_change(made)


def drift_restored(made: World) -> Callable[[House], object]:
    mark = made.deletes()

    def work(house: House) -> None:
        look(house, target_of(house), at_once=True)
        with house.database.transaction() as tx:
            drifted = [each.mark for each in outbox.in_books(tx, target_of(house).id) if each.state == "drifted"]
        for each in drifted:
            assert each == mark
            restore(house, each, by="Ada")
        write(house)

    made.pulls = False
    return work


SCENARIOS: dict[str, tuple[Stage, Scenario]] = {
    "first post": ("journalized", first_post),
    "late change": ("posted", late_change),
    "locked month": ("posted", locked_month),
    "drift restored": ("posted", drift_restored),
}


@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_row_62_dead_at_every_fault_point_the_next_run_gets_there(scenario: str, books: Books, tmp_path: Path) -> None:
    stage, prepare = SCENARIOS[scenario]
    points = passed(books, tmp_path / "all", stage, prepare)
    assert len(points) > 5
    wrong = {}
    for n, (point, nth) in enumerate(points):
        with world(books, tmp_path / str(n), stage) as made:
            work = prepare(made)
            made.dies_at(point, nth)
            assert made.run(work), (point, nth)
            found = wrong_in_the_end(made, is_changed=made.changes > 0)
        if found:
            wrong[point, nth] = found
    assert wrong == {}


def test_row_62_and_63_an_undoing_that_dies_anywhere_takes_back_once(books: Books, tmp_path: Path) -> None:
    """What is undone stays undone: the books stand where they stood before the document, and it is parked."""

    def prepare(made: World) -> Callable[[House], object]:
        def work(house: House) -> None:
            feed = feed_of(house)
            with house.database.transaction() as tx:
                rows = documents_of(tx, feed.id)[-1:] if len(documents_of(tx, feed.id)) == whole else []
                picked = chosen(tx, feed, [row.mark for row in rows]) if rows else []
            if picked:
                undo(house, feed, picked, by="Ada")
            write(house)

        return work

    with world(books, tmp_path / "count", "posted") as made, made.house() as house:
        feed_id = feed_of(house).id
        with house.database.transaction() as tx:
            whole = len(documents_of(tx, feed_id))
    points = passed(books, tmp_path / "all", "posted", prepare)
    for n, (point, nth) in enumerate(points):
        with world(books, tmp_path / str(n), "posted") as made:
            made.dies_at(point, nth)
            assert made.run(prepare(made)), (point, nth)
            made.hook = lambda name: None
            for _ in range(3):
                made.passes(minutes=20)
                made.run(prepare(made))
            balances = made.balances()
            assert balances.get("Checking", 0) == 0, (point, nth, balances)
            assert balances["Square Balance"] == fair(books).balances["Square Balance"] + 4560, (point, nth, balances)


def passed(books: Books, folder: Path, stage: Stage, prepare: Scenario) -> list[tuple[str, int]]:
    """The fault points that a scenario passes, each with its turn: all of them with CHAOS=all, else of each its first
    and its last."""
    with world(books, folder, stage) as made:
        work = prepare(made)
        made.log.clear()
        assert not made.run(work)
        log = made.log[:]
    counts: Counter[str] = Counter()
    turns = []
    for point in log:
        counts[point] += 1
        turns.append((point, counts[point]))
    every = os.environ.get("CHAOS") == "all"
    return [turn for turn in turns if every or (turn[0] not in READING and turn[1] in (1, counts[turn[0]]))]
