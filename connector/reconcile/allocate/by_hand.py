"""What a person links and unlinks: an amount of a payment to an item, and back."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.money import decimal_text
from connector.errors import Unreadable
from connector.reconcile.allocate.values import Item, Link, Payment


def link(payment: Payment, item: Item, amount: int) -> Link:
    """Links so much of the payment to the item; raises Unreadable where either has less open, or they differ in account
    or currency."""
    if (payment.account, payment.currency) != (item.account, item.currency):
        raise Unreadable(f"Payment {payment.payment_id} and item {item.name} are not of one account and currency.")
    for name, rest in ((f"Payment {payment.payment_id}", payment.open), (f"Item {item.name}", item.open)):
        if not 0 < amount <= rest:
            texts = decimal_text(rest, item.currency), decimal_text(amount, item.currency)
            raise Unreadable(f"{name} has {texts[0]} {item.currency} open, so {texts[1]} cannot be linked.")
    return Link(payer=payment, item=item, amount=amount)


def undo(links: Sequence[Link], payment_id: str, item_name: str = "") -> list[Link]:
    """The links without those of the payment (to one item, where it is named); both sides are open again by that.

    Raises Unreadable where there is no such link."""
    kept = [each for each in links if not _is(each, payment_id, item_name)]
    if len(kept) == len(links):
        raise Unreadable(f"Payment {payment_id} is not linked{f' to item {item_name}' if item_name else ''}.")
    return kept


def _is(each: Link, payment_id: str, item_name: str) -> bool:
    is_payment = isinstance(each.payer, Payment) and each.payer.payment_id == payment_id
    return is_payment and item_name in ("", each.item.name)
