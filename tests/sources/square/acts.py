"""What may happen at a Square shop, for the contract of every source: one sale more, one that is a cent off, a word."""

from __future__ import annotations

from datetime import datetime

from connector.sandbox.body import Body, child, children
from connector.sandbox.shelf import Shelf

SUNDAY, SATURDAY = "2026-03-15", "2026-03-14"


def add(shelf: Shelf, name: str, now: datetime) -> None:
    """A sale for cash, now."""
    stamp, order, payment = _written(now), *_paid_in_cash(shelf, SUNDAY)
    times: Body = {"created_at": stamp, "updated_at": stamp}
    tender = children(order, "tenders")[0] | {"id": f"P{name}", "payment_id": f"P{name}", "created_at": stamp}
    shelf.put("square-order", name, {**order, **times, "id": name, "closed_at": stamp, "tenders": [tender]})
    shelf.put("square-payment", f"P{name}", {**payment, **times, "id": f"P{name}", "order_id": name})


def disagree(shelf: Shelf) -> str:
    """An order of Sunday has a total that its lines do not have."""
    order, _ = _paid_in_cash(shelf, SUNDAY)
    total = child(order, "total_money")
    shelf.put("square-order", str(order["id"]), {**order, "total_money": {**total, "amount": 1}})
    return SUNDAY


def surprise(shelf: Shelf) -> str:
    """Something was paid with seashells on Saturday."""
    order, payment = _paid_in_cash(shelf, SATURDAY)
    tender = {**children(order, "tenders")[0], "type": "SEASHELLS"}
    shelf.put("square-order", str(order["id"]), {**order, "tenders": [tender]})
    shelf.put("square-payment", str(payment["id"]), {**payment, "source_type": "SEASHELLS"})
    return SATURDAY


def garble(shelf: Shelf) -> tuple[str, str]:
    """The lines of an order of Saturday are no lines."""
    order, _ = _paid_in_cash(shelf, SATURDAY)
    shelf.put("square-order", str(order["id"]), {**order, "line_items": "?"})
    return str(order["id"]), SATURDAY


def _paid_in_cash(shelf: Shelf, day: str) -> tuple[Body, Body]:
    """An order of the day that was paid in cash, and its payment."""
    for payment in shelf.all("square-payment"):
        order = shelf.get("square-order", str(payment["order_id"])) or {}
        if payment["source_type"] == "CASH" and str(payment["created_at"]).startswith(f"{day}T1") and order:
            return order, payment
    raise ValueError(f"nothing was paid in cash on {day}")


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
