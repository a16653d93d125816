"""Lightspeed's daily reports for accounting, added up by local day from the sales that are completed and not void."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.sandbox.body import Body, children, text
from connector.sandbox.calls import Call
from connector.sandbox.lightspeed_lists import Refusal, one_or_many
from connector.sandbox.shelf import Shelf

Rows = Iterator[tuple[tuple[str, ...], Decimal]]


def report_of(shelf: Shelf, name: str, call: Call) -> Body:
    """A report between two days, both included. Raises Refusal for an unknown report or days that are none."""
    if name not in REPORTS:
        raise Refusal(404, "Not Found", f"There is no report {name}.")
    first, last = _day(call, "startDate"), _day(call, "endDate")
    key, fields, rows = REPORTS[name]
    zones = {text(shop, "shopID"): ZoneInfo(text(shop, "timeZone")) for shop in shelf.all("lightspeed-shop")}
    sums: dict[tuple[str, ...], Decimal] = {}
    for sale in shelf.all("lightspeed-sale"):
        if not _counts(sale):
            continue
        day = datetime.fromisoformat(text(sale, "completeTime")).astimezone(zones[text(sale, "shopID")]).date()
        if first <= day <= last:
            for group, amount in rows(sale):
                place = (day.isoformat(), text(sale, "shopID"), *group)
                sums[place] = sums.get(place, Decimal(0)) + amount
    shown = [_row(group, amount, fields) for group, amount in sorted(sums.items())]
    return {"@attributes": {"next": "", "previous": ""}} | one_or_many(key, shown)


def _counts(sale: Body) -> bool:
    return sale["completed"] == "true" and sale["voided"] == "false" and sale["archived"] == "false"


def _row(group: tuple[str, ...], amount: Decimal, fields: tuple[str, ...]) -> Body:
    day = date.fromisoformat(group[0])
    *named, of_amount = fields
    told: Body = {"date": f"{day:%m/%d/%Y}", "shopID": group[1], of_amount: f"{amount:.2f}"}
    return told | dict(zip(named, group[2:], strict=True))


def _payments(sale: Body) -> Rows:
    for payment in children(sale, "SalePayments"):
        if payment["archived"] == "false":
            kind = payment["PaymentType"]
            name = text(kind, "name") if isinstance(kind, dict) else ""
            yield (text(payment, "paymentTypeID"), name), Decimal(text(payment, "amount"))


def _taxes(sale: Body) -> Rows:
    yield (text(sale, "taxCategoryID"), "Sales Tax"), Decimal(text(sale, "calcTax1")) + Decimal(text(sale, "calcTax2"))


def _discounts(sale: Body) -> Rows:
    yield (), Decimal(text(sale, "calcDiscount"))


def _sales(sale: Body) -> Rows:
    yield ("1", "Item"), Decimal(text(sale, "calcSubtotal"))


def _day(call: Call, name: str) -> date:
    try:
        return date.fromisoformat(call.query.get(name, "")[:10])
    except ValueError:
        raise Refusal(400, "Bad Request", f"{name} is required, as in 2026-03-01.") from None


REPORTS: dict[str, tuple[str, tuple[str, ...], Callable[[Body], Rows]]] = {
    "PaymentsByDay": ("Payments", ("paymentTypeID", "paymentTypeName", "amount"), _payments),
    "TaxesByDay": ("Taxes", ("taxCategoryID", "taxCategoryName", "tax"), _taxes),
    "DiscountsByDay": ("Discounts", ("discount",), _discounts),
    "TaxClassSalesByDay": ("SalesDay", ("taxClassID", "taxClassName", "subtotal"), _sales),
}
