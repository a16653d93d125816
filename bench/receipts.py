"""A busy till's receipts: a bare typed decode with decimal amounts, and the product's way from bytes to day buckets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from bench.measuring import compare
from connector.domain.shop import Location, Shop
from connector.sources.square.source import SOURCE

PAGE = 500

_SHOP = Shop(
    locations={"MAIN": Location(source_id="MAIN", name="Main St", zone="America/New_York", currency="USD")},
    categories={f"V{number}": f"Category {number % 6}" for number in range(40)},
)
Json = dict[str, object]


Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Money(msgspec.Struct):
    amount: Decimal
    currency: str


class _AppliedTax(msgspec.Struct):
    tax_uid: str
    applied_money: _Money


class _AppliedDiscount(msgspec.Struct):
    discount_uid: str
    applied_money: _Money


class _Line(msgspec.Struct):
    uid: str
    name: str
    item_type: str
    catalog_object_id: str
    variation_total_price_money: _Money
    total_discount_money: _Money
    total_tax_money: _Money
    total_service_charge_money: _Money
    total_money: _Money
    applied_taxes: list[_AppliedTax] = []
    applied_discounts: list[_AppliedDiscount] = []


class _Tax(msgspec.Struct):
    uid: str
    name: str
    percentage: Decimal
    type: str
    applied_money: _Money


class _Discount(msgspec.Struct):
    uid: str
    name: str


class _Tender(msgspec.Struct):
    id: str
    payment_id: str
    created_at: Moment
    amount_money: _Money


class _Order(msgspec.Struct):
    id: str
    location_id: str
    state: str
    created_at: Moment
    closed_at: Moment
    line_items: list[_Line]
    taxes: list[_Tax]
    discounts: list[_Discount]
    tenders: list[_Tender]
    total_money: _Money
    total_tax_money: _Money
    total_discount_money: _Money
    total_tip_money: _Money
    total_service_charge_money: _Money


class _Answer(msgspec.Struct):
    orders: list[_Order]


def main() -> None:
    """Prints the figures."""
    compare(SOURCE, "orders", _SHOP, _pages, decode)


def decode(page: bytes) -> object:
    """The least that anybody must do: the fields with their types."""
    return msgspec.json.decode(page, type=_Answer)


def _pages(receipts: int) -> Iterator[bytes]:
    """Answers of so many orders of one day, the same every time: two or three lines, one tax, every fourth with a
    discount, every third with a tip."""
    for first in range(0, receipts, PAGE):
        orders = [_order(number) for number in range(first, min(first + PAGE, receipts))]
        yield json.dumps({"orders": orders}, separators=(",", ":")).encode()


def _order(number: int) -> Json:
    lines = [_line(number, each, is_reduced=number % 4 == 0) for each in range(2 + number % 2)]
    tip = 150 if number % 3 == 0 else 0
    total = sum(each[1] for each in lines) + tip
    tax, discount = sum(each[2] for each in lines), sum(each[3] for each in lines)
    moment = f"2026-03-15T{13 + number % 8}:{number % 60:02}:00.250Z"
    tender = {"id": f"T{number}", "payment_id": f"T{number}", "created_at": moment, "amount_money": _money(total)}
    rate: Json = {"uid": "tax", "name": "Sales Tax", "percentage": "8.0", "type": "ADDITIVE"}
    return {
        "id": f"O{number}",
        "location_id": "MAIN",
        "state": "COMPLETED",
        "created_at": moment,
        "closed_at": moment,
        "line_items": [each[0] for each in lines],
        "taxes": [rate | {"applied_money": _money(tax)}],
        "discounts": [{"uid": "off", "name": "Regulars"}] if discount else [],
        "tenders": [tender],
        "total_money": _money(total),
        "total_tax_money": _money(tax),
        "total_discount_money": _money(discount),
        "total_tip_money": _money(tip),
        "total_service_charge_money": _money(0),
    }


def _line(number: int, each: int, *, is_reduced: bool) -> tuple[Json, int, int, int]:
    """The line with its total, its tax and its discount."""
    product = (number + each * 7) % 40
    price = 400 + product * 25
    discount = price // 10 if is_reduced else 0
    tax = (price - discount) * 8 // 100
    total = price - discount + tax
    body: Json = {
        "uid": f"L{number}-{each}",
        "name": f"Product {product}",
        "quantity": "1",
        "item_type": "ITEM",
        "catalog_object_id": f"V{product}",
        "base_price_money": _money(price),
        "variation_total_price_money": _money(price),
        "total_discount_money": _money(discount),
        "total_tax_money": _money(tax),
        "total_service_charge_money": _money(0),
        "total_money": _money(total),
        "applied_taxes": [{"uid": "a", "tax_uid": "tax", "applied_money": _money(tax)}],
    }
    if discount:
        body["applied_discounts"] = [{"uid": "d", "discount_uid": "off", "applied_money": _money(discount)}]
    return body, total, tax, discount


def _money(amount: int) -> Json:
    return {"amount": amount, "currency": "USD"}
