"""What must add up in an order, and by how much it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.domain.facts import Problem
from connector.sources.square.records import MoneyAmounts, Order, minor

_MESSAGES = {
    "S2": "the order's total and the sum of its lines, charges, tips and rounding differ",
    "S3": "the order's tax and the sum of the taxes of its lines and charges differ",
    "S4": "the order's discount and the sum of the discounts of its lines differ",
    "S5": "the order's net {what} and its {what} less what came back differ",
    "S6": "the total of the return and the sum of its lines, charges, tips and rounding differ",
}


def order_problems(order: Order, tax: int) -> list[Problem]:
    """Identities S3, S4 and S5, as far as the order tells both sides of them; `tax` is the sum over its lines."""
    problems: list[Problem] = []
    if order.line_items:
        total = minor(order.total_tax_money)
        problems += differing("S3", total - tax)
        if order.taxes and all(each.applied_money for each in order.taxes):
            problems += differing("S3", total - sum([minor(each.applied_money) for each in order.taxes]))
        discount = sum([minor(line.total_discount_money) for line in order.line_items])
        problems += differing("S4", minor(order.total_discount_money) - discount)
    if order.net_amounts:
        problems += _net(order, order.net_amounts, return_amounts(order))
    return problems


def differing(code: str, difference: int, what: str = "") -> Sequence[Problem]:
    """A problem where a difference is not nothing."""
    if not difference:
        return ()
    return (Problem(code=code, message=_MESSAGES[code].format(what=what), difference=difference),)


def return_amounts(order: Order) -> Sequence[MoneyAmounts]:
    """What came back in all: the order's own sum, else those of its returns."""
    if order.return_amounts:
        return (order.return_amounts,)
    return [each.return_amounts for each in order.returns or () if each.return_amounts]


def _net(order: Order, net: MoneyAmounts, back: Sequence[MoneyAmounts]) -> Iterator[Problem]:
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
