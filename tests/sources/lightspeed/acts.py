"""What may happen at an R-Series shop, for the contract of every source: one sale more, one a cent off, a word."""

from __future__ import annotations

from datetime import datetime

from connector.sandbox.body import Body, child, children, text
from connector.sandbox.shelf import Shelf

FRIDAY, THURSDAY, WEDNESDAY = "2026-03-20", "2026-03-19", "2026-03-18"


def add(shelf: Shelf, name: str, now: datetime) -> None:
    """A sale at the counter, now."""
    stamp, number = now.isoformat(timespec="seconds"), str(shelf.next_number("lightspeed-sale"))
    times: Body = {"createTime": stamp, "completeTime": stamp, "updatetime": stamp, "timeStamp": stamp}
    shelf.put("lightspeed-sale", number, {**_sold(shelf, FRIDAY), **times, "saleID": number})


def disagree(shelf: Shelf) -> str:
    """A sale of Friday was paid with less than it cost, as it says itself."""
    sale = _sold(shelf, FRIDAY)
    shelf.put("lightspeed-sale", text(sale, "saleID"), {**sale, "calcSubtotal": "1"})
    return FRIDAY


def surprise(shelf: Shelf) -> str:
    """Something was paid with a kind of payment that nobody has heard of, on Thursday."""
    sale = _sold(shelf, THURSDAY)
    kind = {**child(children(sale, "SalePayments")[0], "PaymentType"), "name": "Seashells", "type": "seashells"}
    paid = [{**each, "paymentTypeID": "99", "PaymentType": {**kind, "paymentTypeID": "99"}}
            for each in children(sale, "SalePayments")]  # fmt: skip
    shelf.put("lightspeed-sale", text(sale, "saleID"), {**sale, "SalePayments": paid})
    return THURSDAY


def garble(shelf: Shelf) -> tuple[str, str]:
    """The taxes of a sale of Wednesday are no taxes."""
    sale = _sold(shelf, WEDNESDAY)
    shelf.put("lightspeed-sale", text(sale, "saleID"), {**sale, "TaxCategory": ["?"]})
    return text(sale, "saleID"), WEDNESDAY


def _sold(shelf: Shelf, day: str) -> Body:
    """A sale at the eastern shop, by its day in UTC, that was paid at once; noon is the same day there."""
    return next(
        each
        for each in shelf.all("lightspeed-sale")
        if text(each, "completeTime").startswith(f"{day}T1") and each["shopID"] == "1" and each["voided"] == "false"
    )
