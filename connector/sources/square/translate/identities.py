"""What must add up in an order, and by how much it does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.domain.facts import Problem
from connector.sources.square.records import MoneyAmounts, Order, minor
from connector.sources.square.translate.lines import charge_tax, line_tax

_MESSAGES = {
    "S2": "the order's total and the sum of its lines, charges, tips and rounding differ",
    "S3": "the order's tax and the sum of the taxes of its lines and charges differ",
    "S4": "the order's discount and the sum of the discounts of its lines differ",
    "S5": "the order's net {what} and its {what} less what came back differ",
    "S6": "the total of the return and the sum of its lines, charges, tips and rounding differ",
}


def order_problems(order: Order) -> Iterator[Problem]:
    """Identities S3, S4 and S5, as far as the order tells both sides of them."""
    if order.line_items:
        yield from differing("S3", minor(order.total_tax_money) - _taxes(order))
        yield from _named_taxes(order)
        discounts = sum(minor(line.total_discount_money) for line in order.line_items)
        yield from differing("S4", minor(order.total_discount_money) - discounts)
    if order.net_amounts:
        yield from _net(order, order.net_amounts, return_amounts(order))


def differing(code: str, difference: int, what: str = "") -> Iterator[Problem]:
    """A problem where a difference is not nothing."""
    if difference:
        yield Problem(code=code, message=_MESSAGES[code].format(what=what), difference=difference)


def return_amounts(order: Order) -> Iterable[MoneyAmounts]:
    """What came back in all: the order's own sum, else those of its returns."""
    if order.return_amounts:
        return (order.return_amounts,)
    return tuple(each.return_amounts for each in order.returns or () if each.return_amounts)


def _taxes(order: Order) -> int:
    charges = [charge for charge in order.service_charges or () if not charge.is_apportioned]
    return sum(line_tax(line) for line in order.line_items or ()) + sum(charge_tax(charge) for charge in charges)


def _named_taxes(order: Order) -> Iterator[Problem]:
    taxes = order.taxes or ()
    if taxes and all(tax.applied_money for tax in taxes):
        yield from differing("S3", minor(order.total_tax_money) - sum(minor(tax.applied_money) for tax in taxes))


def _net(order: Order, net: MoneyAmounts, back: Iterable[MoneyAmounts]) -> Iterator[Problem]:
    compared = (
        ("total", net.total_money, order.total_money, [each.total_money for each in back]),
        ("tax", net.tax_money, order.total_tax_money, [each.tax_money for each in back]),
        ("discount", net.discount_money, order.total_discount_money, [each.discount_money for each in back]),
        ("tips", net.tip_money, order.total_tip_money, [each.tip_money for each in back]),
        (
            "service charge",
            net.service_charge_money,
            order.total_service_charge_money,
            [each.service_charge_money for each in back],
        ),
    )
    for what, netted, sold, returned in compared:
        if netted:
            expected = minor(sold) - sum(minor(money) for money in returned)
            yield from differing("S5", minor(netted) - expected, what)
