"""What may happen at an X-Series shop, for the contract of every source: one sale more, one a cent off, a word."""

from __future__ import annotations

from datetime import datetime

from connector.sandbox.body import Body, child, children, number, text
from connector.sandbox.lightspeed_x_month import CHICAGO, PAYMENT_TYPES, UNLISTED
from connector.sandbox.lightspeed_x_shop import Shop, stamp
from connector.sandbox.shelf import Shelf

TUESDAY, MONDAY = "2026-04-07", "2026-04-06"


def add(shelf: Shelf, name: str, now: datetime) -> None:
    """A sale in Chicago, now."""
    sale, moment = _sold(shelf, TUESDAY), stamp(now)
    paid = [{**each, "id": f"P{name}", "date": moment} for each in children(sale, "payments")]
    keep(shelf, {**sale, "id": name, "date": moment, "created_at": moment, "payments": paid})


def disagree(shelf: Shelf) -> str:
    """A sale of Tuesday has a price that its lines do not have."""
    sale = _sold(shelf, TUESDAY)
    totals = child(sale, "totals")
    keep(shelf, {**sale, "totals": {**totals, "price": (number(totals, "price") or 0) + 1}})
    return TUESDAY


def surprise(shelf: Shelf) -> str:
    """Something was paid on Monday by a payment type that is in no list."""
    sale = _sold(shelf, MONDAY)
    paid = [{**each, "type": {"config_id": UNLISTED, "id": "77", "name": "Seashells"}}
            for each in children(sale, "payments")]  # fmt: skip
    keep(shelf, {**sale, "payments": paid})
    return MONDAY


def garble(shelf: Shelf) -> tuple[str, str]:
    """The lines of a sale of Tuesday are no lines."""
    sale = _sold(shelf, TUESDAY)
    keep(shelf, {**sale, "line_items": "?"})
    return text(sale, "id"), TUESDAY


def keep(shelf: Shelf, sale: Body) -> None:
    """The sale as its newest version."""
    version = {**child(sale, "_metadata"), "version": Shop(shelf, PAYMENT_TYPES).next_version()}
    shelf.put("lsx-sales", text(sale, "id"), {**sale, "_metadata": version})


def _sold(shelf: Shelf, day: str) -> Body:
    """A sale in Chicago that was closed and paid at once, by its day in UTC; the afternoon is the same day there."""
    return next(
        each
        for each in shelf.all("lsx-sales")
        if text(each, "date").startswith((f"{day}T1", f"{day}T20", f"{day}T21"))
        and child(each, "source")["outlet_id"] == CHICAGO.outlet_id
        and (each["state"], each["attributes"]) == ("closed", [])
    )
