"""Oldest payment to oldest item, by account and currency: with a plain loop, or with sums where there are many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec

from connector.reconcile.allocate.sides import Settled, Side, in_order

# Below this many rows the loop is done before numpy is imported.
MANY = 50_000
# Beyond this sum the running sums might leave 64 bits; Python's own integers have no end.
_LARGEST_SUM = 2**62


def settle(payments: Side, items: Side) -> Settled:
    """Links payments to items of the same group: credit lines first, then payments by (date, id), to items by (date,
    invoice, line). A pair takes the smaller of what is open on both sides; a group ends when either side is empty.

    The order of the rows given changes nothing in who settles what."""
    return _way(payments, items)(payments, items)


def _way(payments: Side, items: Side) -> Callable[[Side, Side], Settled]:
    if len(payments.names) + len(items.names) < MANY or find_spec("numpy") is None:
        return settle_by_loop
    if sum(map(abs, payments.amounts)) + sum(map(abs, items.amounts)) > _LARGEST_SUM:
        return settle_by_loop
    from connector.reconcile.allocate.sums import settle_by_sums

    return settle_by_sums


def settle_by_loop(payments: Side, items: Side) -> Settled:
    """Two pointers over both sides in their order."""
    payers, debts = _payers(payments, items), _debts(items)
    linked: list[tuple[int, int, int]] = []
    left_payers, left_items = [], []
    debt = next(debts, None)
    for group, payer, amount in payers:
        while debt is not None and debt[0] < group:
            left_items.append(debt[1:])
            debt = next(debts, None)
        while amount and debt is not None and debt[0] == group:
            part = min(amount, debt[2])
            linked.append((payer, debt[1], part))
            amount -= part
            debt = (group, debt[1], debt[2] - part) if debt[2] > part else next(debts, None)
        if amount:
            left_payers.append((payer, amount))
    left_items += [debt[1:], *(each[1:] for each in debts)] if debt is not None else []
    return Settled(
        payers=[each[0] for each in linked],
        items=[each[1] for each in linked],
        amounts=[each[2] for each in linked],
        left_payers=left_payers,
        left_items=left_items,
    )


def _payers(payments: Side, items: Side) -> Iterator[tuple[int, int, int]]:
    """(group, number, amount) in the order of settling: of a group its credit lines, then its payments."""
    first = len(payments.names)
    found = [(*key, 0, row + first) for key, row in _keys(items, [-amount for amount in items.amounts])]
    found += [(*key, 1, row) for key, row in _keys(payments, payments.amounts)]
    found.sort(key=lambda each: (each[0], each[5], each[1:5]))
    for group, _, _, _, amount, _, number in found:
        yield group, number, amount


def _debts(items: Side) -> Iterator[tuple[int, int, int]]:
    for key, row in sorted(_keys(items, items.amounts)):
        yield key[0], row, key[4]


def _keys(side: Side, amounts: Sequence[int]) -> Iterator[tuple[tuple[int, int, str, int, int], int]]:
    names = in_order(side.names)
    for row, amount in enumerate(amounts):
        if amount > 0:
            yield (side.groups[row], side.days[row], names[row], side.lines[row], amount), row
