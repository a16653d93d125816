"""Payments and items for the tests of allocating."""

from __future__ import annotations

from datetime import date

from connector.domain.money import parse_minor
from connector.reconcile.allocate.values import Allocation, Item, Kind, Payment


def item(name: str, day: str, amount: str, account: str = "Ana") -> Item:
    """`name` is invoice/line."""
    invoice, _, line = name.partition("/")
    return Item(
        account=account,
        currency="USD",
        invoice=invoice,
        line=int(line or 1),
        invoiced_on=date.fromisoformat(day),
        open=parse_minor(amount, "USD"),
    )


def payment(
    name: str, day: str, amount: str, account: str = "Ana", *, kind: Kind = "client", invoice: str = "",
    reconcile: bool = False,
) -> Payment:  # fmt: skip
    return Payment(
        account=account,
        currency="USD",
        payment_id=name,
        paid_on=date.fromisoformat(day),
        open=parse_minor(amount, "USD"),
        kind=kind,
        invoice=invoice,
        reconcile=reconcile,
    )


def linked(made: Allocation) -> list[tuple[str, str, int]]:
    """(payment, or credit line; item; amount) of each link."""
    names = [each.payer.payment_id if isinstance(each.payer, Payment) else each.payer.name for each in made.links]
    return [(name, each.item.name, each.amount) for name, each in zip(names, made.links, strict=True)]


def listed(made: Allocation) -> dict[str, tuple[int, str]]:
    """What stays open and why, by name."""
    return {
        each.of.payment_id if isinstance(each.of, Payment) else each.of.name: (each.amount, each.reason)
        for each in made.left
    }
