"""Receipts as bench.receipts has them, of Lightspeed X-Series, whose lines have five decimals.

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
from connector.sources.lightspeed_x.source import SOURCE

PAGE = 200

_OUTLET = "0a700000-0000-4000-8000-000000000001"
_RATE = "7a7e0000-0000-4000-8000-000000000001"
_SHOP = Shop(
    locations={_OUTLET: Location(source_id=_OUTLET, name="Main St", zone="Pacific/Auckland", currency="NZD")},
    categories={f"90d00000-0000-4000-8000-{number:012}": f"Category {number % 6}" for number in range(40)}
    | {f"tax rate|{_RATE}": "GST 15%"},
)
Json = dict[str, object]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Id(msgspec.Struct):
    id: str


class _Pricing(msgspec.Struct):
    total: Decimal
    discount_total: Decimal


class _LineTax(msgspec.Struct):
    id: str
    total: Decimal


class _Component(msgspec.Struct):
    rate_id: str
    total_tax: Decimal


class _Meta(msgspec.Struct):
    tax_components: list[_Component]


class _Return(msgspec.Struct):
    is_return: bool
    original_sale_id: str | None = None


class _Place(msgspec.Struct):
    outlet_id: str
    register_id: str
    type: str = ""


class _Session(msgspec.Struct):
    register_open_sequence_id: str


class _Line(msgspec.Struct):
    id: str
    return_: _Return = msgspec.field(name="return")
    quantity: Decimal
    status: str
    product: _Id
    pricing: _Pricing
    tax: _LineTax
    gift_card_number: str | None
    meta: _Meta = msgspec.field(name="_metadata")


class _Type(msgspec.Struct):
    config_id: str
    id: str
    name: str


class _Payment(msgspec.Struct):
    id: str
    amount: Decimal
    date: Moment
    deleted_at: str | None
    type: _Type
    source: _Place
    session: _Session = msgspec.field(name="_metadata")


class _Tax(msgspec.Struct):
    id: str
    tax: Decimal


class _Totals(msgspec.Struct):
    price: Decimal
    tax: Decimal
    price_incl_tax: Decimal
    surcharge: Decimal


class _Sale(msgspec.Struct):
    id: str
    state: str
    attributes: list[str]
    date: Moment
    created_at: Moment
    receipt_number: str
    adjustments: list[object]
    ecom_custom_charges: list[object]
    return_: _Return = msgspec.field(name="return")
    deleted_at: str | None
    source: _Place
    totals: _Totals
    line_items: list[_Line]
    payments: list[_Payment]
    taxes: list[_Tax]


class _Answer(msgspec.Struct):
    data: list[_Sale]


def main() -> None:
    """Prints the figures."""
    compare(SOURCE, "sales", _SHOP, _pages, decode)


def decode(page: bytes) -> object:
    """The least that anybody must do: the fields with their types."""
    return msgspec.json.decode(page, type=_Answer)


def _pages(receipts: int) -> Iterator[bytes]:
    """Answers of so many sales of one day, the same every time: two or three lines with the tax inside their prices,
    every fourth with a discount."""
    for first in range(0, receipts, PAGE):
        found = [_sale(number) for number in range(first, min(first + PAGE, receipts))]
        yield json.dumps({"data": found, "version": {"min": 1, "max": 2}}, separators=(",", ":")).encode()


def _sale(number: int) -> Json:
    lines = [_line(number, each, is_reduced=number % 4 == 0) for each in range(2 + number % 2)]
    gross = sum([each[1] for each in lines], Decimal(0))
    price = sum([each[2] for each in lines], Decimal(0)).quantize(Decimal("0.01"))
    moment = f"2026-03-15T{number % 8:02}:{number % 60:02}:00+00:00"
    name = f"5a1e0000-0000-4000-8000-{number:012}"
    return {
        "id": name,
        "state": "closed",
        "attributes": [],
        "date": moment,
        "created_at": moment,
        "updated_at": moment,
        "deleted_at": None,
        "invoice_number": f"HL-{number}",
        "receipt_number": f"HL-{number}",
        "customer_id": None,
        "note": "",
        "source": {"type": "USER", "outlet_id": _OUTLET, "register_id": "4e900000-0000-4000-8000-000000000001",
                   "author": {"id": "a0700000-0000-4000-8000-000000000001"}},
        "totals": {"price": float(price), "tax": float(gross - price), "price_incl_tax": float(gross), "surcharge": 0,
                   "loyalty": 0},
        "line_items": [each[0] for each in lines],
        "payments": [_payment(number, gross, moment)],
        "taxes": [{"id": _RATE, "tax": float(gross - price)}],
        "adjustments": [],
        "ecom_custom_charges": [],
        "return": {"is_return": False, "original_sale_id": None, "return_sale_ids": []},
        "_metadata": {"version": 30_000_000_000 + number},
    }  # fmt: skip


def _line(number: int, each: int, *, is_reduced: bool) -> tuple[Json, Decimal, Decimal]:
    """The line with its price, and its price without tax."""
    product = (number + each * 7) % 40
    full = Decimal(400 + product * 25) / 100
    gross = (full * 9 / 10).quantize(Decimal("0.01")) if is_reduced else full
    net, before = _exact(gross), _exact(full)
    body: Json = {
        "id": f"line-{each + 1}",
        "quantity": 1,
        "product": {"id": f"90d00000-0000-4000-8000-{product:012}"},
        "pricing": {"price": float(net), "total": float(net), "cost": 1, "cost_total": 1,
                    "discount": float(before - net), "discount_total": float(before - net), "loyalty_amount": 0,
                    "loyalty_amount_total": 0},
        "tax": {"id": "7a700000-0000-4000-8000-000000000001", "amount": 0, "total": float(gross - net)},
        "return": {"is_return": False, "reason": None},
        "status": "CONFIRMED",
        "note": None,
        "gift_card_number": None,
        "_metadata": {"sequence": each, "is_price_override": False,
                      "tax_components": [{"rate_id": _RATE, "total_tax": float(gross - net)}]},
    }  # fmt: skip
    return body, gross, net


def _payment(number: int, amount: Decimal, moment: str) -> Json:
    kind = ("1", "Cash") if number % 3 == 0 else ("5", "Credit Card")
    return {
        "id": f"9a1d0001-0000-4000-8000-{number:012}",
        "amount": float(amount),
        "date": moment,
        "deleted_at": None,
        "type": {"config_id": f"9a900000-0000-4000-8000-{kind[0]:0>12}", "id": kind[0], "name": kind[1]},
        "external_attributes": [{"key": "cardholder", "value": ""}],
        "source": {"id": None, "outlet_id": _OUTLET, "register_id": "4e900000-0000-4000-8000-000000000001"},
        "_metadata": {"register_open_sequence_id": "5e550000-0000-4000-8000-010020260309"},
    }  # fmt: skip


def _exact(gross: Decimal) -> Decimal:
    """Without 15 % tax, to five decimals."""
    return (gross / Decimal("1.15")).quantize(Decimal("0.00001"))
