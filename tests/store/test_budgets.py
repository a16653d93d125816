"""Budgets in the store: shared by threads and processes, taken whole or not at all, kept over a restart."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from connector.errors import RetryLater
from connector.store.budgets import StoredBudget
from connector.store.database import Database
from connector.store.tables import BudgetRow
from connector.transport.budget import Limit
from tests.store.given import NOW, database

SPAN = Limit(key="books:span", name="Calls in ten minutes", calls=10, window=timedelta(minutes=10), burst=10)
DAY = Limit(key="books:day", name="Calls a day", calls=30, window=timedelta(days=1), burst=20)
OTHER = replace(SPAN, key="others:span")
NONE = timedelta(0)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Database]:
    with database(tmp_path) as ready:
        yield ready


def waits(budget: StoredBudget, times: int, *limits: Limit, at: datetime = NOW) -> list[float]:
    return [budget.take(limits, at).total_seconds() for _ in range(times)]


def refused(budget: StoredBudget, *limits: Limit, at: datetime = NOW) -> datetime:
    """When the refused call may go, as its error says."""
    with pytest.raises(RetryLater, match="it goes on by itself") as caught:
        budget.take(limits, at)
    assert caught.value.after is not None
    return caught.value.after


def kept(opened: Database) -> list[tuple[str, int, int]]:
    with opened.transaction() as tx:
        return sorted((row.key, row.slot, row.tat) for row in tx.exec(select(BudgetRow)))


def test_the_calls_of_a_window_come_at_once_and_the_next_when_the_first_has_left_it(opened: Database) -> None:
    budget = StoredBudget(opened)
    assert waits(budget, 10, SPAN) == [0] * 10
    assert refused(budget, SPAN) == NOW + timedelta(seconds=612)
    assert waits(budget, 1, SPAN, at=NOW + timedelta(seconds=600)) == [12]
    assert waits(budget, 1, OTHER) == [0]


def test_a_call_that_one_limit_refuses_is_taken_from_none(opened: Database) -> None:
    budget = StoredBudget(opened)
    waits(budget, 20, DAY)
    before = kept(opened)
    after = refused(budget, SPAN, DAY)
    assert timedelta(hours=2) < after - NOW < timedelta(hours=3), "a day's calls come back one by one"
    assert [row for row in kept(opened) if row[0] == DAY.key] == [row for row in before if row[0] == DAY.key]
    assert waits(budget, 10, SPAN) == [0] * 10


def test_two_processes_share_a_limit(opened: Database, tmp_path: Path) -> None:
    with database(tmp_path) as another:
        assert waits(StoredBudget(opened), 6, SPAN) == [0] * 6
        assert waits(StoredBudget(another), 4, SPAN) == [0] * 4
        refused(StoredBudget(opened), SPAN)
        refused(StoredBudget(another), SPAN)


def test_however_many_threads_ask_no_more_calls_are_given_than_there_are(opened: Database) -> None:
    budget = StoredBudget(opened)

    def ask(_: int) -> bool:
        try:
            return budget.take((SPAN, DAY), NOW) == NONE
        except RetryLater:
            return False

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(ask, range(40)))
    assert sum(given) == 10


def test_what_was_taken_is_known_after_a_restart(tmp_path: Path) -> None:
    with database(tmp_path) as first:
        waits(StoredBudget(first), 10, SPAN)
    with database(tmp_path) as second:
        refused(StoredBudget(second), SPAN)
        assert waits(StoredBudget(second), 1, SPAN, at=NOW + timedelta(minutes=20)) == [0]


@pytest.mark.parametrize("limit", [SPAN, DAY], ids=lambda limit: limit.key)
def test_row_9_when_readers_have_used_their_part_up_posting_still_has_its_reserve(
    opened: Database, limit: Limit
) -> None:
    budget, share = StoredBudget(opened), limit.burst * 4 // 5
    assert waits(budget, share, limit, limit.for_readers) == [0] * share
    again = refused(budget, limit, limit.for_readers)
    assert waits(budget, limit.burst - share, limit) == [0] * (limit.burst - share)
    refused(budget, limit)
    assert again > NOW
    assert waits(budget, 1, limit, limit.for_readers, at=NOW + limit.window * 2) == [0], "it goes on by itself"


@pytest.mark.parametrize("limit", [SPAN, DAY], ids=lambda limit: limit.key)
def test_row_7_after_a_refusal_nobody_calls_before_the_moment_told(
    opened: Database, tmp_path: Path, limit: Limit
) -> None:
    until = NOW + timedelta(seconds=120)
    StoredBudget(opened).stop(limit, until)
    with database(tmp_path) as another:
        assert refused(StoredBudget(another), limit) == until
        assert waits(StoredBudget(another), 1, limit, at=until) == [0]
        assert StoredBudget(another).take((limit,), until) > NONE if limit is SPAN else True


def test_a_stop_never_shortens_a_longer_one(opened: Database) -> None:
    budget = StoredBudget(opened)
    budget.stop(DAY, NOW + timedelta(hours=9))
    budget.stop(DAY, NOW + timedelta(minutes=2))
    assert refused(budget, DAY) == NOW + timedelta(hours=9)


@pytest.mark.parametrize("limit", [SPAN, DAY], ids=lambda limit: limit.key)
def test_no_more_is_taken_than_an_answer_says_is_left(opened: Database, limit: Limit) -> None:
    budget = StoredBudget(opened)
    waits(budget, 1, limit)
    budget.learn([(limit, 3)], NOW)
    assert waits(budget, 3, limit) == [0] * 3
    refused(budget, limit)


@pytest.mark.parametrize("limit", [SPAN, DAY], ids=lambda limit: limit.key)
def test_an_answer_that_says_more_is_left_than_we_think_changes_nothing(opened: Database, limit: Limit) -> None:
    """Others of ours are in flight that the answer did not count."""
    budget = StoredBudget(opened)
    waits(budget, 8, limit)
    before = kept(opened)
    budget.learn([(limit, limit.burst - 2)], NOW)
    assert kept(opened) == before
