"""A busy till's receipts: a bare typed decode with decimal amounts, and the product's way from bytes to day buckets."""

from __future__ import annotations

import json
import statistics
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain
from time import process_time
from typing import Annotated

import msgspec

from connector.domain.facts import Bucket, sum_buckets
from connector.domain.shop import Location, Shop
from connector.sources.square.source import SOURCE

RECEIPTS = 20_000
PAGE = 500
ROUNDS = 5
FEW = 8  # pages, and five times as many: memory must be the same
GOAL_RATIO = 1.5

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
    """Prints the figures; both ways run in turn, so that a busy machine slows them alike."""
    pages = list(_pages(RECEIPTS))
    plain, product = [], []
    for _ in range(ROUNDS):
        plain.append(_seconds(decode, pages))
        product.append(_seconds(translate, pages))
    ratio = statistics.median(ours / theirs for ours, theirs in zip(product, plain, strict=True))
    size = sum(map(len, pages)) / 1e6
    print(f"{RECEIPTS:,} receipts of Square, {size:.0f} MB, median of {ROUNDS} rounds")
    print(f"  bare typed decode      {RECEIPTS / statistics.median(plain):9,.0f} receipts a second")
    print(f"  bytes to day buckets   {RECEIPTS / statistics.median(product):9,.0f} receipts a second")
    print(f"  ratio                  {ratio:9.2f}    goal at most {GOAL_RATIO}")
    once, five_times = _peak(pages[:FEW]), _peak(pages[: 5 * FEW])
    print(
        f"  peak of {FEW * PAGE:,} receipts {once:8,.0f} KB  of {5 * FEW * PAGE:,} {five_times:,.0f} KB  (pages apart)"
    )


def decode(pages: Sequence[bytes]) -> int:
    """The least that anybody must do: the fields that are needed, with their types: amounts decimal, moments aware."""
    return sum(len(msgspec.json.decode(page, type=_Answer).orders) for page in pages)


def translate(pages: Sequence[bytes]) -> Sequence[Bucket]:
    """The product's way: the records of the pages, their facts, and what a day sums to."""
    buckets: Sequence[Bucket] = ()
    for page in pages:
        # A day is summed as it comes, so that memory stays flat.
        buckets = sum_buckets(chain(buckets, _of_page(page)))
    return buckets


def _of_page(page: bytes) -> Iterator[Bucket]:
    if SOURCE.unpack is None or SOURCE.translate is None:
        raise TypeError("this source is not pulled")
    for record in SOURCE.unpack("orders", page):
        fact = SOURCE.translate(record, _SHOP)
        if fact.problems:
            raise SystemExit("the receipts were misread")
        yield from fact.buckets


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
    start = process_time()  # a receipt's share of a core, whatever else the machine does
    work(pages)
    return process_time() - start


def _peak(pages: Sequence[bytes]) -> float:
    """What the product's way holds at most beside the pages themselves, in kilobytes."""
    tracemalloc.start()
    translate(pages)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1000
