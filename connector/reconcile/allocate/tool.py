"""The tool: every open payment to every open item, of one account or of all."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from datetime import date

from connector.reconcile.allocate.settle import settle
from connector.reconcile.allocate.sides import Settled, Side
from connector.reconcile.allocate.values import (
    CREDIT_LEFT,
    NO_ITEM,
    NO_PAYMENT,
    PAID_BACK,
    Allocation,
    Item,
    Left,
    Link,
    Payment,
)


def allocate(payments: Sequence[Payment], items: Sequence[Item], account: str | None = None) -> Allocation:
    """Links the oldest open payment to the oldest open item, account by account and currency by currency.

    Credit lines are netted before payments. A payment of the same day is not preferred to an older one. What was
    linked before is not in `open`, so that a second run finds nothing to do."""
    paying = [payment for payment in payments if account in (None, payment.account)]
    owing = [item for item in items if account in (None, item.account)]
    groups = _groups([*paying, *owing])
    return _named(paying, owing, settle(_payments(paying, groups), _items(owing, groups)))


def _groups(rows: Iterable[Payment | Item]) -> dict[tuple[str, str], int]:
    return {pair: number for number, pair in enumerate(sorted({(row.account, row.currency) for row in rows}))}


def _payments(rows: Sequence[Payment], groups: dict[tuple[str, str], int]) -> Side:
    return _side(
        groups=(groups[row.account, row.currency] for row in rows),
        dates=(row.paid_on for row in rows),
        names=[row.payment_id for row in rows],
        lines=(0 for _ in rows),
        amounts=(row.open for row in rows),
    )


def _items(rows: Sequence[Item], groups: dict[tuple[str, str], int]) -> Side:
    return _side(
        groups=(groups[row.account, row.currency] for row in rows),
        dates=(row.invoiced_on for row in rows),
        names=[row.invoice for row in rows],
        lines=(row.line for row in rows),
        amounts=(row.open for row in rows),
    )


def _side(
    *, groups: Iterable[int], dates: Iterable[date], names: Sequence[str], lines: Iterable[int], amounts: Iterable[int]
) -> Side:
    return Side(
        groups=array("q", groups),
        days=array("q", (each.toordinal() for each in dates)),
        names=names,
        lines=array("q", lines),
        amounts=array("q", amounts),
    )


def _named(payments: Sequence[Payment], items: Sequence[Item], settled: Settled) -> Allocation:
    payers: list[Payment | Item] = [*payments, *items]
    linked = zip(settled.payers, settled.items, settled.amounts, strict=True)
    left = [_left(payers[row], amount) for row, amount in settled.left_payers]
    left += [Left(of=items[row], amount=amount, reason=NO_PAYMENT) for row, amount in settled.left_items]
    left += [Left(of=each, amount=each.open, reason=PAID_BACK) for each in payments if each.open < 0]
    return Allocation(
        links=[Link(payer=payers[payer], item=items[item], amount=amount) for payer, item, amount in linked],
        left=left,
    )


def _left(payer: Payment | Item, amount: int) -> Left:
    if isinstance(payer, Item):
        return Left(of=payer, amount=-amount, reason=CREDIT_LEFT)
    return Left(of=payer, amount=amount, reason=NO_ITEM)
