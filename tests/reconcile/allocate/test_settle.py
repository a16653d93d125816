"""The loop and the sums are one thing, and both are what a plain two-pointer walk says."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.reconcile.allocate.settle import MANY, settle, settle_by_loop
from connector.reconcile.allocate.sides import Settled, Side

pytest.importorskip("numpy", reason="numpy is an extra")
from connector.reconcile.allocate.sums import settle_by_sums

Row = tuple[int, int, str, int, int]
NAMES = st.sampled_from(["1", "9", "10", "A", "A2", "Ä-17", "a-very-long-number-of-an-invoice", "B,7"])
ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(738_000, 738_004), NAMES, st.integers(0, 3), st.integers(-50, 50)),
    max_size=25,
    unique_by=lambda row: (row[0], row[2], row[3]),
)


def side(rows: Sequence[Row]) -> Side:
    return Side(
        groups=array("q", [row[0] for row in rows]),
        days=array("q", [row[1] for row in rows]),
        names=[row[2] for row in rows],
        lines=array("q", [row[3] for row in rows]),
        amounts=array("q", [row[4] for row in rows]),
    )


def two_pointers(payments: Sequence[Row], items: Sequence[Row]) -> list[tuple[int, int, int]]:
    """As somebody would write it first: one group at a time, popping from two sorted lists."""
    made = []
    for group in sorted({row[0] for row in (*payments, *items)}):
        credits_ = sorted(oldest(items, group, -1, len(payments)))
        payers = [*credits_, *sorted(oldest(payments, group, 1, 0))]
        debts = sorted(oldest(items, group, 1, 0))
        while payers and debts:
            part = min(payers[0][-1], debts[0][-1])
            made.append((payers[0][-2], debts[0][-2], part))
            for queue in (payers, debts):
                queue[0] = (*queue[0][:-1], queue[0][-1] - part)
                if not queue[0][-1]:
                    queue.pop(0)
    return made


Queued = tuple[int, bool, int, str, int, int, int]


def oldest(rows: Sequence[Row], group: int, sign: int, first: int) -> list[Queued]:
    """(day, whether the name is text, number, text, line, row, amount)."""
    return [
        (
            row[1],
            not row[2].isdigit(),
            int(row[2]) if row[2].isdigit() else 0,
            row[2],
            row[3],
            place + first,
            sign * row[4],
        )
        for place, row in enumerate(rows)
        if row[0] == group and sign * row[4] > 0
    ]


def links(made: Settled) -> list[tuple[int, int, int]]:
    return list(zip(made.payers, made.items, made.amounts, strict=True))


@settings(deadline=None)
@given(ROWS, ROWS)
def test_both_ways_are_the_two_pointer_walk_row_by_row(payments: list[Row], items: list[Row]) -> None:
    wanted = two_pointers(payments, items)
    by_loop, by_sums = settle_by_loop(side(payments), side(items)), settle_by_sums(side(payments), side(items))
    assert links(by_loop) == wanted
    assert by_sums == by_loop


@settings(deadline=None)
@given(ROWS, ROWS)
def test_nothing_is_linked_beyond_what_is_open_and_the_rest_is_all_named(payments: list[Row], items: list[Row]) -> None:
    made = settle_by_loop(side(payments), side(items))
    paying = [*(row[4] for row in payments), *(-row[4] for row in items)]
    for numbers, open_, left in (
        (made.payers, paying, dict(made.left_payers)),
        (made.items, [row[4] for row in items], dict(made.left_items)),
    ):
        used: dict[int, int] = {}
        for number, amount in zip(numbers, made.amounts, strict=True):
            assert amount > 0
            used[number] = used.get(number, 0) + amount
        for number, amount in enumerate(open_):
            assert used.get(number, 0) + left.get(number, 0) == max(0, amount)


@settings(deadline=None)
@given(ROWS, ROWS)
def test_a_group_ends_when_either_side_is_empty(payments: list[Row], items: list[Row]) -> None:
    made = settle_by_loop(side(payments), side(items))
    groups = [*(row[0] for row in payments), *(row[0] for row in items)]
    unpaid = {items[row][0] for row, _ in made.left_items}
    assert not unpaid & {groups[number] for number, _ in made.left_payers}


@settings(deadline=None)
@given(ROWS, ROWS)
def test_the_order_of_the_rows_changes_nothing(payments: list[Row], items: list[Row]) -> None:
    straight = settle_by_loop(side(payments), side(items))
    turned = settle_by_loop(side(payments[::-1]), side(items[::-1]))
    rows = [*payments, *items], [*payments[::-1], *items[::-1]]
    named = [
        [(rows[way][payer][:4], rows[way][len(payments) + item][:4], amount) for payer, item, amount in links(made)]
        for way, made in enumerate((straight, turned))
    ]
    assert named[0] == named[1]


def test_many_rows_go_by_sums_and_come_out_as_by_the_loop() -> None:
    payments = [(row % 700, 738_000 + row % 31, f"P{row}", 0, 100 + row % 977) for row in range(MANY // 2)]
    items = [(row % 701, 738_000 + row % 29, f"I{row // 3}", row % 3, 90 + row % 983) for row in range(MANY // 2)]
    assert settle(side(payments), side(items)) == settle_by_loop(side(payments), side(items))


def test_sums_that_leave_64_bits_are_settled_by_the_loop() -> None:
    huge = [(0, 738_000, f"P{row:06}", 0, 2**61) for row in range(MANY)]
    made = settle(side(huge), side([(0, 738_000, "I", 1, 2**62)]))
    assert links(made) == [(0, 0, 2**61), (1, 0, 2**61)]
