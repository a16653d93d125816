"""The same as the loop, for many rows: everything laid end to end on one line of cents.

Each group has a stretch of the line as long as the larger of its two sides. The ends of payments and of items are
points on it; between two neighbouring points lies money of one payment and one item, or of one side only."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connector.reconcile.allocate.sides import Settled, Side, in_order

Integers = NDArray[np.int64]
_DAY_BITS = 22
_WORD = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Queue:
    """One side in the order of settling: the number, group and amount of each row."""

    numbers: Integers
    groups: Integers
    amounts: Integers


def settle_by_sums(payments: Side, items: Side) -> Settled:
    """As `settle`; the sums of both sides must stay below 2**62."""
    return lay(*queues(payments, items))


def queues(payments: Side, items: Side) -> tuple[_Queue, _Queue]:
    """Both sides sorted: credit lines and payments, and the items that owe."""
    credits_, debts = _open(items, -1), _open(items, 1)
    paid = _open(payments, 1)
    first = len(payments.names)
    return (
        _sorted([(items, credits_, first), (payments, paid, 0)]),
        _sorted([(items, debts, 0)]),
    )


def lay(payers: _Queue, debts: _Queue) -> Settled:
    """Cuts the line at every end, and says which payer and item each piece belongs to."""
    groups = int(max(payers.groups.max(initial=-1), debts.groups.max(initial=-1))) + 1
    given, owed = _sums(payers, groups), _sums(debts, groups)
    starts = np.concatenate(([0], np.cumsum(np.maximum(given, owed))))
    payer_ends = _ends(payers, given, starts)
    debt_ends = _ends(debts, owed, starts)
    points = np.unique(np.concatenate((starts, payer_ends, debt_ends)))
    before, points = points[:-1], points[1:]
    payer = np.searchsorted(payer_ends, points)
    debt = np.searchsorted(debt_ends, points)
    both = _covers(payers, payer_ends, payer, before) & _covers(debts, debt_ends, debt, before)
    settled = np.minimum(given, owed)
    return Settled(
        payers=payers.numbers[payer[both]].tolist(),
        items=debts.numbers[debt[both]].tolist(),
        amounts=(points - before)[both].tolist(),
        left_payers=_left(payers, payer_ends, starts, settled),
        left_items=_left(debts, debt_ends, starts, settled),
    )


def _open(side: Side, sign: int) -> Integers:
    return np.flatnonzero(_integers(side.amounts) * sign > 0)


def _integers(column: array[int]) -> Integers:
    return np.frombuffer(column, dtype=np.int64) if column else np.zeros(0, dtype=np.int64)


def _sorted(parts: Sequence[tuple[Side, Integers, int]]) -> _Queue:
    """The chosen rows of the parts, by (group, part, day, name, line); a part's numbers begin at its third value."""
    numbers, groups, keys, amounts = [], [], [], []
    for rank, (side, rows, first) in enumerate(parts):
        group = _integers(side.groups)[rows]
        numbers.append(rows + first)
        groups.append(group)
        amounts.append(np.abs(_integers(side.amounts)[rows]))
        keys.append((group * len(parts) + rank) << _DAY_BITS | _integers(side.days)[rows])
    key = np.concatenate(keys)
    order = np.argsort(key, kind="stable")
    _settle_ties(order, key[order], parts)
    return _Queue(
        numbers=np.concatenate(numbers)[order],
        groups=np.concatenate(groups)[order],
        amounts=np.concatenate(amounts)[order],
    )


def _settle_ties(order: Integers, key: Integers, parts: Sequence[tuple[Side, Integers, int]]) -> None:
    """Puts rows of one group and day in the order of their name and line, in place."""
    same = key[1:] == key[:-1]
    tied = np.flatnonzero(np.concatenate(([False], same)) | np.concatenate((same, [False])))
    if not len(tied):
        return
    rows = order[tied]
    names, lines = _names(rows, parts)
    words = _words(names)
    order[tied] = rows[np.lexsort((lines, *words, key[tied]))]


def _names(rows: Integers, parts: Sequence[tuple[Side, Integers, int]]) -> tuple[list[str], Integers]:
    names: list[str] = []
    for side, chosen, _ in parts:
        names += [side.names[row] for row in chosen.tolist()]
    lines = np.concatenate([_integers(side.lines)[chosen] for side, chosen, _ in parts])
    return [names[row] for row in rows.tolist()], lines[rows]


def _words(names: Sequence[str]) -> list[NDArray[np.uint64]]:
    """The names cut into big-endian words that compare as their text does, the last word first as lexsort wants."""
    packed = np.array([name.encode() for name in in_order(names)], dtype=np.bytes_)
    width = -(-packed.itemsize // _WORD) * _WORD
    table = packed.astype(f"S{width}").view(">u8").reshape(len(names), width // _WORD)
    return [table[:, column].astype(np.uint64) for column in reversed(range(width // _WORD))]


def _sums(queue: _Queue, groups: int) -> Integers:
    sums = np.zeros(groups, dtype=np.int64)
    if len(queue.groups):
        first = np.flatnonzero(np.diff(queue.groups, prepend=-1))
        sums[queue.groups[first]] = np.add.reduceat(queue.amounts, first)
    return sums


def _ends(queue: _Queue, sums: Integers, starts: Integers) -> Integers:
    """Where each row ends on the line."""
    own = np.cumsum(sums) - sums
    ends: Integers = np.cumsum(queue.amounts) + (starts[:-1] - own)[queue.groups]
    return ends


def _covers(queue: _Queue, ends: Integers, found: NDArray[np.intp], before: Integers) -> NDArray[np.bool_]:
    """Whether the row that ends at or after a piece has begun before it."""
    covers = np.zeros(len(before), dtype=np.bool_)
    inside = np.flatnonzero(found < len(ends))
    row = found[inside]
    covers[inside] = ends[row] - queue.amounts[row] <= before[inside]
    return covers


def _left(queue: _Queue, ends: Integers, starts: Integers, settled: Integers) -> list[tuple[int, int]]:
    beyond = np.minimum(queue.amounts, ends - (starts[:-1] + settled)[queue.groups])
    rows = np.flatnonzero(beyond > 0)
    return list(zip(queue.numbers[rows].tolist(), beyond[rows].tolist(), strict=True))
