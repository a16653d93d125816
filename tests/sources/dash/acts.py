"""What may happen at a Dash shop, for the contract of every source: one day more, one that is ten cents off, a word."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.sandbox.body import Body, children, text
from connector.sandbox.dash_day import cents, money
from connector.sandbox.shelf import Shelf

TUESDAY, SUNDAY, SATURDAY = "2026-03-31", "2026-03-29", "2026-03-28"


def add(shelf: Shelf, name: str, now: datetime) -> None:
    """The next day of New York is closed, now."""
    days = [text(each, "business_date") for each in shelf.all("dash-summary")]
    day = (datetime.fromisoformat(max(days)) + timedelta(days=1)).date().isoformat()
    written = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    shelf.put("dash-summary", f"L1/{day}", {**_day(shelf, TUESDAY), "business_date": day, "updated_at": written})


def disagree(shelf: Shelf) -> str:
    """Tuesday's tips are ten cents more than its payments have."""
    day = _day(shelf, TUESDAY)
    shelf.put("dash-summary", f"L1/{TUESDAY}", {**day, "tips": money(cents(text(day, "tips")) + 10)})
    return TUESDAY


def surprise(shelf: Shelf) -> str:
    """On Sunday the tax of a delivery is remitted by somebody of whom the contract says nothing."""
    day = _day(shelf, SUNDAY)
    deliveries = [{**each, "tax_remitted_by": "seashells"} for each in children(day, "delivery_providers")]
    shelf.put("dash-summary", f"L1/{SUNDAY}", {**day, "delivery_providers": deliveries})
    return SUNDAY


def garble(shelf: Shelf) -> tuple[str, str]:
    """Saturday's summary has no revision that could be read."""
    shelf.put("dash-summary", f"L1/{SATURDAY}", {**_day(shelf, SATURDAY), "revision": "first"})
    return f"L1/{SATURDAY}", SATURDAY


def _day(shelf: Shelf, day: str) -> Body:
    return shelf.get("dash-summary", f"L1/{day}") or {}
