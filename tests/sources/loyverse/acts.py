"""What may happen at a Loyverse shop, for the contract of every source: one sale more, one a cent off, a word."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from connector.sandbox.body import Body, children, number, text
from connector.sandbox.shelf import Shelf

LAST, BEFORE = "2026-03-31", "2026-03-30"


def add(shelf: Shelf, name: str, now: datetime) -> None:
    """A sale at Harbor, now."""
    stamp = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    times: Body = {"created_at": stamp, "updated_at": stamp, "receipt_date": stamp, "receipt_number": name}
    shelf.put("loyverse-receipt", name, {**_sold(shelf, LAST), **times})


def disagree(shelf: Shelf) -> str:
    """A receipt of the last day has a total that its lines do not have."""
    sold = _sold(shelf, LAST)
    _keep(shelf, {**sold, "total_money": (number(sold, "total_money") or 0) + Decimal("0.01")})
    return LAST


def surprise(shelf: Shelf) -> str:
    """Something was paid with seashells on the day before."""
    sold = _sold(shelf, BEFORE)
    (paid,) = children(sold, "payments")
    _keep(shelf, {**sold, "payments": [{**paid, "payment_type_id": "none-1", "type": "SEASHELLS"}]})
    return BEFORE


def garble(shelf: Shelf) -> tuple[str, str]:
    """The lines of a receipt of the last day are no lines."""
    sold = _sold(shelf, LAST)
    _keep(shelf, {**sold, "line_items": "?"})
    return text(sold, "receipt_number"), LAST


def _sold(shelf: Shelf, day: str) -> Body:
    """The sale at half past noon in New York."""
    return next(each for each in shelf.all("loyverse-receipt") if text(each, "receipt_date").startswith(f"{day}T16:30"))


def _keep(shelf: Shelf, receipt: Body) -> None:
    shelf.put("loyverse-receipt", text(receipt, "receipt_number"), receipt)
