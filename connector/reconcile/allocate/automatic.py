"""What is reconciled by itself when a payment is recorded, and what only stands on the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from connector.reconcile.allocate.tool import allocate
from connector.reconcile.allocate.values import (
    CREDIT_LEFT,
    NO_PAYMENT,
    PAID_BACK,
    Allocation,
    Item,
    Left,
    Link,
    Payment,
)

NOT_IN_FULL = "the purchase is not paid in full by this payment"
NO_PURCHASE = "its purchase has no open item"
NOT_THE_BALANCE = "it is not equal to the account balance: nobody can know which items it pays"
ANOTHER_WAITS = "it equals the account balance only together with another payment on this list"
NOT_CHOSEN = "recorded without reconciling: it is missing from the reports until it is reconciled"


def reconcile_itself(payments: Sequence[Payment], items: Sequence[Item]) -> Allocation:
    """Takes the payments in the order of (date, id) and links those that need nobody's decision.

    By itself: a purchase paid in full; each instalment, with its own purchase; a client's payment equal to the balance
    of the account on that day; an administrator's payment that says reconcile. All others are left with a reason."""
    groups: dict[tuple[str, str], _Account] = {}
    for item in items:
        groups.setdefault((item.account, item.currency), _Account()).items.append(item)
    made: list[Allocation] = []
    for payment in sorted((each for each in payments if each.open), key=_age):
        account = groups.setdefault((payment.account, payment.currency), _Account())
        made.append(_decide(payment, account))
        account.items = _less(account.items, made[-1].links)
        account.waiting += sum(each.amount for each in made[-1].left)
    still = [item for account in groups.values() for item in account.items if item.open]
    left = [each for one in made for each in one.left]
    left += [Left(of=item, amount=item.open, reason=NO_PAYMENT if item.open > 0 else CREDIT_LEFT) for item in still]
    return Allocation(links=[each for one in made for each in one.links], left=left)


def _age(payment: Payment) -> tuple[date, str]:
    return payment.paid_on, payment.payment_id


@dataclass(slots=True)
class _Account:
    """What is open on one account in one currency, and the sum of its payments that stand on the list."""

    items: list[Item] = field(default_factory=list)
    waiting: int = 0


def _decide(payment: Payment, account: _Account) -> Allocation:
    bought = [item for item in account.items if payment.invoice and item.invoice == payment.invoice]
    if payment.open <= 0:
        return _listed(payment, PAID_BACK)
    match payment.kind:
        case "purchase" if _owed(bought) == payment.open:
            return _linked(payment, bought)
        case "purchase":
            return _listed(payment, NOT_IN_FULL)
        case "instalment":
            return _linked(payment, bought) if _owed(bought) > 0 else _listed(payment, NO_PURCHASE)
        case "administrator":
            return _linked(payment, account.items) if payment.reconcile else _listed(payment, NOT_CHOSEN)
        case "client":
            billed = [item for item in account.items if item.invoiced_on <= payment.paid_on]
            return _against_balance(payment, billed, account.waiting)


def _against_balance(payment: Payment, billed: Sequence[Item], waiting: int) -> Allocation:
    if _owed(billed) - waiting != payment.open:
        return _listed(payment, NOT_THE_BALANCE)
    return _listed(payment, ANOTHER_WAITS) if waiting else _linked(payment, billed)


def _owed(items: Sequence[Item]) -> int:
    return sum(item.open for item in items)


def _linked(payment: Payment, items: Sequence[Item]) -> Allocation:
    made = allocate([payment], items)
    return Allocation(links=made.links, left=[left for left in made.left if left.of is payment])


def _listed(payment: Payment, reason: str) -> Allocation:
    return Allocation(links=[], left=[Left(of=payment, amount=payment.open, reason=reason)])


def _less(items: Sequence[Item], links: Sequence[Link]) -> list[Item]:
    """The items of the account that stay open, with what the links leave of them."""
    if not links:
        return list(items)
    taken: dict[str, int] = {}
    for link in links:
        taken[link.item.name] = taken.get(link.item.name, 0) + link.amount
        if isinstance(link.payer, Item):
            taken[link.payer.name] = taken.get(link.payer.name, 0) - link.amount
    less = [replace(item, open=item.open - taken[item.name]) if item.name in taken else item for item in items]
    return [item for item in less if item.open]
