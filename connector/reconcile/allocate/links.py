"""Links by the numbers of a ledger: made by the tool, or by the rules that need nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from connector.reconcile.allocate.automatic import reconcile_itself
from connector.reconcile.allocate.settle import settle
from connector.reconcile.allocate.tables import Ledger
from connector.reconcile.allocate.values import CREDIT_LEFT, NO_ITEM, NO_PAYMENT, PAID_BACK, Item, Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Who settles what: payers (the payments by their row, then the items), items by their row, and amounts."""

    payers: Sequence[int]
    items: Sequence[int]
    amounts: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What stays open of a payment or item: its number as a payer, the amount in its own sign, and why."""

    number: int
    amount: int
    reason: str


def by_tool(ledger: Ledger) -> tuple[Links, list[Rest]]:
    """Everything open, the oldest to the oldest."""
    made, first = settle(ledger.payments, ledger.items), len(ledger.payments.names)
    rest = [
        Rest(number=number, amount=amount, reason=NO_ITEM)
        if number < first
        else Rest(number=number, amount=-amount, reason=CREDIT_LEFT)
        for number, amount in made.left_payers
    ]
    rest += [Rest(number=row + first, amount=amount, reason=NO_PAYMENT) for row, amount in made.left_items]
    paid_back = [(row, amount) for row, amount in enumerate(ledger.payments.amounts) if amount < 0]
    rest += [Rest(number=row, amount=amount, reason=PAID_BACK) for row, amount in paid_back]
    return Links(payers=made.payers, items=made.items, amounts=made.amounts), rest


def by_rules(ledger: Ledger) -> tuple[Links, list[Rest]]:
    """Only what needs nobody's decision; the ledger was read with its rules."""
    payments, items = payments_of(ledger), items_of(ledger)
    made = reconcile_itself(payments, items)
    numbers = {(each.account, each.currency, each.payment_id, 0): row for row, each in enumerate(payments)}
    first = len(payments)
    places = {(each.account, each.currency, each.invoice, each.line): row + first for row, each in enumerate(items)}

    def number(each: Payment | Item) -> int:
        if isinstance(each, Payment):
            return numbers[each.account, each.currency, each.payment_id, 0]
        return places[each.account, each.currency, each.invoice, each.line]

    links = Links(
        payers=[number(each.payer) for each in made.links],
        items=[number(each.item) - first for each in made.links],
        amounts=[each.amount for each in made.links],
    )
    return links, [Rest(number=number(each.of), amount=each.amount, reason=each.reason) for each in made.left]


def payments_of(ledger: Ledger) -> list[Payment]:
    """The payments of a ledger that was read with its rules, in its order."""
    side = ledger.payments
    return [
        Payment(
            account=ledger.groups[group][0],
            currency=ledger.groups[group][1],
            payment_id=name,
            paid_on=date.fromordinal(ordinal),
            open=amount,
            kind=kind,
            invoice=invoice,
            reconcile=choice,
        )
        for group, name, ordinal, amount, (kind, invoice, choice) in zip(
            side.groups, side.names, side.days, side.amounts, ledger.ruled, strict=True
        )
    ]


def items_of(ledger: Ledger) -> list[Item]:
    """The items of a ledger, in its order."""
    side = ledger.items
    return [
        Item(
            account=ledger.groups[group][0],
            currency=ledger.groups[group][1],
            invoice=name,
            line=line,
            invoiced_on=date.fromordinal(ordinal),
            open=amount,
        )
        for group, name, line, ordinal, amount in zip(
            side.groups, side.names, side.lines, side.days, side.amounts, strict=True
        )
    ]
