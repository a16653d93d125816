"""A busy till's receipts: a bare typed decode with decimal amounts, and the product's way from bytes to day buckets."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from time import perf_counter

import msgspec

from connector.domain.facts import Bucket, sum_buckets
from connector.domain.shop import Location, Shop
from connector.sources.square.source import SOURCE

RECEIPTS = 20_000
PAGE = 500
ROUNDS = 5
GOAL_RATIO = 1.5

_SHOP = Shop(
    locations={"MAIN": Location(source_id="MAIN", name="Main St", zone="America/New_York", currency="USD")},
    categories={f"V{number}": f"Category {number % 6}" for number in range(40)},
)
Json = dict[str, object]


class _Money(msgspec.Struct):
    amount: Decimal
    currency: str


class _Applied(msgspec.Struct):
    applied_money: _Money


class _Line(msgspec.Struct):
    name: str
    item_type: str
    catalog_object_id: str
    variation_total_price_money: _Money
    total_discount_money: _Money
    total_tax_money: _Money
    total_money: _Money
    applied_taxes: list[_Applied] = []
    applied_discounts: list[_Applied] = []


class _Named(msgspec.Struct):
    name: str


class _Tender(msgspec.Struct):
    id: str
    created_at: str
    amount_money: _Money


class _Order(msgspec.Struct):
    id: str
    location_id: str
    state: str
    created_at: str
    line_items: list[_Line]
    taxes: list[_Named]
    discounts: list[_Named]
    tenders: list[_Tender]
    total_money: _Money
    total_tax_money: _Money
    total_discount_money: _Money
    total_tip_money: _Money


class _Answer(msgspec.Struct):
    orders: list[_Order]


def main() -> None:
    """Prints the figures; both ways run in turn, so that a busy machine slows them alike."""
    pages = list(_pages(RECEIPTS))
    plain, product = [], []
    for _ in range(ROUNDS):
        plain.append(_seconds(decode, pages))
        product.append(_seconds(translate, pages))
    ratio = statistics.median(product) / statistics.median(plain)
    size = sum(map(len, pages)) / 1e6
    print(f"{RECEIPTS:,} receipts of Square, {size:.0f} MB, median of {ROUNDS} rounds")
    print(f"  bare typed decode      {RECEIPTS / statistics.median(plain):9,.0f} receipts a second")
    print(f"  bytes to day buckets   {RECEIPTS / statistics.median(product):9,.0f} receipts a second")
    print(f"  ratio                  {ratio:9.2f}    goal at most {GOAL_RATIO}")


def decode(pages: Sequence[bytes]) -> int:
    """The least that anybody must do: the fields with their types."""
    return sum(len(msgspec.json.decode(page, type=_Answer).orders) for page in pages)


def translate(pages: Sequence[bytes]) -> Sequence[Bucket]:
    """The product's way: the records of the pages, their facts, and what a day sums to."""
    if SOURCE.unpack is None or SOURCE.translate is None:
        raise TypeError("this source is not pulled")
    buckets: Sequence[Bucket] = ()
    for page in pages:
        facts = [SOURCE.translate(record, _SHOP) for record in SOURCE.unpack("orders", page)]
        if any(fact.problems for fact in facts):
            raise SystemExit("the receipts were misread")
        # A day is summed as it comes, so that memory stays flat.
        buckets = sum_buckets([*buckets, *(bucket for fact in facts for bucket in fact.buckets)])
    return buckets


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


def _seconds(work: Callable[[Sequence[bytes]], object], pages: Sequence[bytes]) -> float:
    start = perf_counter()
    work(pages)
    return perf_counter() - start
