"""Several calls at once: outcomes in order, and an end that leaves nothing in the air."""

from __future__ import annotations

import threading

import pytest

from connector.transport.lanes import abreast


def test_outcomes_come_in_the_order_asked_though_they_end_in_another() -> None:
    second_done = threading.Event()

    def work(item: int) -> int:
        if item == 1:
            assert second_done.wait(20)
        if item == 2:
            second_done.set()
        return item * 10

    assert abreast(work, [1, 2, 3], 2) == [10, 20, 30]


def test_as_many_are_worked_on_at_once_as_there_are_lanes() -> None:
    met = threading.Barrier(3)
    assert abreast(lambda item: (met.wait(20), item)[1], range(9), 3) == list(range(9))


def test_one_item_or_one_lane_needs_no_thread() -> None:
    here = threading.current_thread()
    assert abreast(lambda item: threading.current_thread() is here, ["a"], 5) == [True]
    assert abreast(lambda item: threading.current_thread() is here, ["a", "b"], 1) == [True, True]
    assert abreast(lambda item: item, [], 5) == []


def test_the_first_exception_is_raised_when_all_in_flight_has_ended_and_nothing_more_begins() -> None:
    begun, ended = [], []
    raised = threading.Event()

    def work(item: int) -> None:
        begun.append(item)
        if item == 1:
            raised.set()
            raise KeyboardInterrupt
        assert raised.wait(20)
        ended.append(item)

    with pytest.raises(KeyboardInterrupt):
        abreast(work, range(100), 2)
    assert 1 in begun and len(begun) < 100
    assert ended == [item for item in begun if item != 1]
