"""The arithmetic of limits, and the governor that waits before a call."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import RetryLater
from connector.transport.budget import (
    PATIENCE,
    UNLIMITED,
    Governor,
    Limit,
    exhausted,
    latest,
    micros,
    stopped,
    taken,
    used_up,
    waiting,
)
from connector.transport.lanes import abreast
from tests.transport.waiting import NOON, Clock

SECOND = 1_000_000


def limit(calls: int, burst: int, seconds: int = 60, key: str = "books:minute") -> Limit:
    return Limit(key=key, name="The books' calls a minute", calls=calls, window=timedelta(seconds=seconds), burst=burst)


def calls_made(of: Limit, asked: Sequence[int]) -> list[int]:
    """When each call goes that is asked for at these moments, all of them waited for."""
    slots, made, now = [0] * of.slots, [], 0
    for pause in asked:
        now += pause
        place = min(range(of.slots), key=lambda slot: slots[slot])
        slots[place] = taken(of, slots[place], now)
        now += waiting(of, slots[place], now)
        made.append(now)
    return made


def most_in_a_window(made: Sequence[int], of: Limit) -> int:
    window = of.window // timedelta(microseconds=1)
    return max(sum(start <= call < start + window for call in made) for start in made)


@given(
    of=st.sampled_from([limit(60, 60), limit(60, 15), limit(10, 1, seconds=1), limit(20, 19)]),
    asked=st.lists(st.sampled_from([0, 1, SECOND // 10, SECOND, 7 * SECOND, 61 * SECOND]), min_size=1, max_size=150),
)
def test_no_window_wherever_it_begins_holds_more_calls_than_the_limit(of: Limit, asked: list[int]) -> None:
    assert most_in_a_window(calls_made(of, asked), of) <= of.calls


def test_calls_that_may_come_at_once_do_and_the_next_one_waits_for_the_first_to_leave_the_window() -> None:
    made = calls_made(limit(60, 60), [5 * SECOND, *[0] * 60])
    assert set(made[:60]) == {5 * SECOND}
    assert made[60] == 5 * SECOND + 60 * SECOND * 51 // 50


def test_calls_beyond_the_burst_are_spread_evenly() -> None:
    made = calls_made(limit(70, 10), [5 * SECOND, *[0] * 12])
    assert set(made[:10]) == {5 * SECOND}
    assert [later - sooner for sooner, later in pairwise(made[9:])] == [1_020_000] * 3


@pytest.mark.parametrize("of", [limit(60, 60), limit(500, 20), limit(5_000, 4_000), limit(10, 1, seconds=1)])
def test_readers_leave_one_call_in_five_to_posting(of: Limit) -> None:
    readers = of.for_readers
    assert (readers.calls, readers.window) == (of.calls * 4 // 5, of.window)
    assert readers.burst == max(1, of.burst * 4 // 5)
    assert readers.key != of.key


def test_a_limit_allows_at_least_one_call_and_not_more_at_once_than_in_all() -> None:
    with pytest.raises(ValueError, match="between 1 and 60"):
        limit(60, 61)
    with pytest.raises(ValueError, match="between 1 and 60"):
        limit(60, 0)


@pytest.mark.parametrize("of", [limit(60, 60), limit(60, 15), limit(10, 1, seconds=1)])
def test_a_stopped_limit_gives_one_call_at_the_moment_it_was_told(of: Limit) -> None:
    until = 120 * SECOND
    tat = taken(of, stopped(of, until), now=0)
    assert waiting(of, tat, 0) == until
    assert stopped(of, until) > latest(of, 0), "longer than a thread waits"


def test_what_the_provider_says_is_left_is_all_that_is_taken() -> None:
    of = limit(5_000, 4_000, seconds=86_400)
    tat = exhausted(of, 2, now=SECOND)
    waits = []
    for _ in range(3):
        tat = taken(of, tat, SECOND)
        waits.append(waiting(of, tat, SECOND))
    assert waits[:2] == [0, 0] and waits[2] > 0


class Written:
    """A budget that says what a test wants, and writes down what it hears."""

    def __init__(self, *answers: timedelta | RetryLater) -> None:
        self.answers, self.heard = list(answers), list[object]()

    def take(self, limits: Sequence[Limit], now: datetime) -> timedelta:
        self.heard.append(("take", [limit.key for limit in limits], now))
        answer = self.answers.pop(0)
        if isinstance(answer, RetryLater):
            raise answer
        return answer

    def learn(self, left: Sequence[tuple[Limit, int]], now: datetime) -> None:
        self.heard.append(("learn", [remaining for _, remaining in left], now))

    def stop(self, limit: Limit, until: datetime) -> None:
        self.heard.append(("stop", limit.key, until))


def governor(budget: Written, clock: Clock, *limits: Limit) -> Governor:
    return Governor(budget, limits or (limit(60, 60),), 2, clock.now, clock.sleep)


def test_a_call_waits_before_it_is_made() -> None:
    clock, budget = Clock(), Written(timedelta(0), timedelta(seconds=1.5))
    hand = governor(budget, clock)
    with hand.call(reading=True):
        assert clock.now() == NOON
    with hand.call(reading=False):
        assert clock.now() == NOON + timedelta(seconds=1.5)
    assert clock.slept == [1.5]
    assert budget.heard == [
        ("take", ["books:minute", "books:minute:reading"], NOON), ("take", ["books:minute"], NOON),
    ]  # fmt: skip


def test_a_used_up_day_is_left_to_the_job_and_nobody_sleeps() -> None:
    clock, later = Clock(), NOON + timedelta(hours=7)
    hand = governor(Written(used_up(limit(60, 60), later), timedelta(0)), clock)
    with pytest.raises(RetryLater, match="used up until 2026-11-21 19:00:00 UTC") as caught, hand.call(reading=False):
        raise AssertionError("the call was made")
    assert caught.value.after == later
    assert clock.slept == []
    with hand.call(reading=False):
        pass  # the refused call holds no place


def test_what_is_left_is_heard_when_it_is_little() -> None:
    clock, budget = Clock(), Written()
    day = limit(5_000, 4_000, seconds=86_400, key="books:day")
    governor(budget, clock).learn([(limit(60, 60), 48), (day, 3_200)])
    assert budget.heard == []
    governor(budget, clock).learn([(limit(60, 60), 47), (day, 3_200)])
    assert budget.heard == [("learn", [47, 35], NOON)], "readers leave twelve of the sixty"
    governor(budget, clock).learn([(limit(60, 60), 5)])
    assert budget.heard[1:] == [("learn", [5, 0], NOON)]


def test_a_refused_call_stops_the_limit_for_all() -> None:
    clock, budget = Clock(), Written()
    governor(budget, clock).stop(limit(60, 60), NOON + PATIENCE)
    assert budget.heard == [("stop", "books:minute", NOON + PATIENCE)]


def test_no_more_calls_are_in_flight_than_the_books_take_at_once_however_many_clients_there_are() -> None:
    clock, lock = Clock(), threading.Lock()
    flying, most = 0, 0
    hands = [Governor(UNLIMITED, (limit(60, 60, key="few"),), 2, clock.now, clock.no_sleep) for _ in range(6)]
    met = threading.Barrier(2)

    def fly(hand: Governor) -> None:
        nonlocal flying, most
        with hand.call(reading=False):
            with lock:
                flying += 1
                most = max(most, flying)
            met.wait(timeout=20)  # two are in flight at the same time, or this fails
            with lock:
                flying -= 1

    abreast(fly, hands, 6)
    assert most == 2


def test_a_moment_is_kept_as_whole_microseconds() -> None:
    assert micros(NOON + timedelta(microseconds=1)) - micros(NOON) == 1
