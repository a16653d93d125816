"""Receipts as bench.receipts has them, of Loyverse, whose amounts are decimals.

The bare decode reads what records.py reads of the page, each with its type: amounts decimal, moments aware."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from bench.measuring import compare
from connector.domain.shop import Location, Shop
from connector.sources.loyverse.source import SOURCE

PAGE = 250

_SHOP = Shop(
    locations={"MAIN": Location(source_id="MAIN", name="Main St", zone="America/New_York", currency="USD")},
    categories={f"item-{number:04}": f"Category {number % 6}" for number in range(40)},
)
Json = dict[str, object]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Tax(msgspec.Struct):
    id: str
    type: str
    name: str
    rate: Decimal
    money_amount: Decimal


class _Discount(msgspec.Struct):
    type: str
    name: str
    money_amount: Decimal


class _Line(msgspec.Struct):
    item_id: str
    item_name: str
    quantity: Decimal
    price: Decimal
    gross_total_money: Decimal
    total_money: Decimal
    total_discount: Decimal
    line_taxes: list[_Tax]
    line_discounts: list[_Discount]
    line_modifiers: list[object]


class _Payment(msgspec.Struct):
    payment_type_id: str
    name: str
    type: str
    money_amount: Decimal


class _Receipt(msgspec.Struct):
    receipt_number: str
    receipt_type: str
    receipt_date: Moment
    pos_device_id: str
    cancelled_at: str | None
    store_id: str
    total_money: Decimal
    total_tax: Decimal
    total_discount: Decimal
    tip: Decimal
    surcharge: Decimal
    total_taxes: list[_Tax]
    total_discounts: list[_Discount]
    line_items: list[_Line]
    payments: list[_Payment]


class _Answer(msgspec.Struct):
    receipts: list[_Receipt]


def main() -> None:
    """Prints the figures."""
    compare(SOURCE, "receipts", _SHOP, _pages, decode)


def decode(page: bytes) -> object:
    """The least that anybody must do: the fields with their types."""
    return msgspec.json.decode(page, type=_Answer)


def _pages(receipts: int) -> Iterator[bytes]:
    """Answers of so many receipts of one day, the same every time: two or three lines, one tax on top, every fourth
    with a discount, every third with a tip, every eighth line by weight."""
    for first in range(0, receipts, PAGE):
        found = [_receipt(number) for number in range(first, min(first + PAGE, receipts))]
        yield json.dumps({"receipts": found, "cursor": "more"}, separators=(",", ":")).encode()


def _receipt(number: int) -> Json:
    lines = [_line(number, each, is_reduced=number % 4 == 0) for each in range(2 + number % 2)]
    tip = 150 if number % 3 == 0 else 0
    total, tax, off = sum(each[1] for each in lines), sum(each[2] for each in lines), sum(each[3] for each in lines)
    moment = f"2026-03-15T{13 + number % 8}:{number % 60:02}:00.250Z"
    return {
        "receipt_number": f"1-{number}",
        "note": None,
        "receipt_type": "SALE",
        "refund_for": None,
        "order": None,
        "created_at": moment,
        "updated_at": moment,
        "source": "point of sale",
        "receipt_date": moment,
        "cancelled_at": None,
        "total_money": _money(total + tip),
        "total_tax": _money(tax),
        "points_earned": 0,
        "points_deducted": 0,
        "points_balance": 0,
        "customer_id": None,
        "total_discount": _money(off),
        "employee_id": "7f3a6f0e-3c43-4c1b-9c5e-0c5f7a6f1d11",
        "store_id": "MAIN",
        "pos_device_id": "0d6f3b1c-54b4-4c56-8f0a-90b6a1b1c2aa",
        "dining_option": None,
        "total_discounts": [_discount(off)] if off else [],
        "total_taxes": [_tax(tax)],
        "tip": _money(tip),
        "surcharge": 0.0,
        "line_items": [each[0] for each in lines],
        "payments": [_payment(number, total + tip, moment)],
    }


def _line(number: int, each: int, *, is_reduced: bool) -> tuple[Json, int, int, int]:
    """The line with its total, its tax and its discount."""
    product = (number + each * 7) % 40
    price = 400 + product * 25
    grams = 250 + number * 37 % 1_500 if (number + each) % 8 == 0 else 1_000
    gross = (price * grams + 500) // 1_000
    off = gross // 10 if is_reduced else 0
    tax = ((gross - off) * 8 + 50) // 100
    body: Json = {
        "id": f"5e9f1c3a-0000-4000-8000-{number:08}{each:04}",
        "item_id": f"item-{product:04}",
        "variant_id": f"b7a2f1aa-1111-4222-8333-{product:012}",
        "item_name": f"Product {product}",
        "variant_name": None,
        "sku": f"{10_000 + product}",
        "quantity": 1 if grams == 1_000 else grams / 1_000,
        "price": _money(price),
        "gross_total_money": _money(gross),
        "total_money": _money(gross - off + tax),
        "total_discount": _money(off),
        "cost": 0,
        "cost_total": 0,
        "line_note": None,
        "line_taxes": [_tax(tax)],
        "line_discounts": [_discount(off)] if off else [],
        "line_modifiers": [],
    }
    return body, gross - off + tax, tax, off


def _tax(amount: int) -> Json:
    return {
        "id": "1c0ffee0-aaaa-4bbb-8ccc-000000000001",
        "type": "ADDED",
        "name": "Sales Tax",
        "rate": 8.0,
        "money_amount": _money(amount),
    }


def _discount(amount: int) -> Json:
    return {
        "id": "d15c0000-aaaa-4bbb-8ccc-000000000002",
        "type": "FIXED_PERCENT",
        "name": "Regulars",
        "percentage": 10.0,
        "money_amount": _money(amount),
    }


def _payment(number: int, amount: int, moment: str) -> Json:
    is_cash = number % 3 == 0
    return {
        "payment_type_id": "ca54ca54-aaaa-4bbb-8ccc-000000000003"
        if is_cash
        else "ca4dca4d-aaaa-4bbb-8ccc-000000000004",
        "name": "Cash" if is_cash else "Card",
        "type": "CASH" if is_cash else "NONINTEGRATEDCARD",
        "money_amount": _money(amount),
        "paid_at": moment,
        "payment_details": None,
    }


def _money(amount: int) -> float:
    """As Loyverse writes dollars; exact, for hundredths have one shortest spelling."""
    return amount / 100
