"""Loyverse's records as these tests need them: written from the field list, with their totals worked out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from connector.domain.facts import Fact, Problem
from connector.domain.shop import Location, Shop
from connector.sources.loyverse.source import SOURCE
from connector.sources.loyverse.translate.record import translate

Json = dict[str, object]
NOON = "2026-03-15T16:00:00.000Z"  # noon in New York, a Sunday
MAIN = Location(source_id="MAIN", name="Main St", zone="America/New_York", currency="USD")
SHOP = Shop(locations={"MAIN": MAIN}, categories={"I-SOUP": "Food", "I-MUG": "Retail", "payment type P-CASH": "CASH"})
ON_TOP: Json = {"id": "T1", "type": "ADDED", "name": "Sales Tax", "rate": 8.0}
INSIDE: Json = {"id": "T2", "type": "INCLUDED", "name": "VAT", "rate": 20.0}


def fact(stream: str, record: Json, shop: Shop = SHOP) -> Fact:
    body = json.dumps(record).encode()
    return translate(stream, str(record.get("receipt_number") or record.get("id")), body, shop)


def sums(found: Fact) -> dict[tuple[str, str], int]:
    """(kind, code) → amount of a fact's buckets."""
    totals: dict[tuple[str, str], int] = {}
    for bucket in found.buckets:
        name = bucket.key.kind, bucket.key.code
        totals[name] = totals.get(name, 0) + bucket.amount
    return totals


def taxed(found: Fact) -> dict[str, int]:
    """What is taxed ("kind|code") → its tax."""
    totals: dict[str, int] = {}
    for bucket in found.buckets:
        if bucket.key.parent:
            totals[bucket.key.parent] = totals.get(bucket.key.parent, 0) + bucket.amount
    return totals


def sides(found: Fact) -> tuple[int, int]:
    """The sale side and the tender side of a fact."""
    rules = SOURCE.defaults
    sale = tender = 0
    for bucket in found.buckets:
        rule = rules.rule(bucket.key.kind, bucket.key.code)
        assert rule
        sale += bucket.amount if rule.side == "credit" else 0
        tender += bucket.amount if rule.side == "debit" else 0
    return sale, tender


def codes(problems: Sequence[Problem]) -> list[tuple[str, int]]:
    return [(problem.code, problem.difference) for problem in problems]


def amount(minor: int) -> float | int:
    """As Loyverse writes dollars; exact, for hundredths have one shortest spelling."""
    return minor // 100 if minor % 100 == 0 else minor / 100


def line(
    name: str, price: int, *, quantity: float = 1, gross: int | None = None, off: int = 0, **extra: object
) -> Json:
    """A line without tax; `price` and `gross` in cents, `off` its discount."""
    whole = price if gross is None else gross
    body: Json = {
        "id": f"L-{name}",
        "item_id": f"I-{name.upper()}",
        "item_name": name,
        "quantity": quantity,
        "price": amount(price),
        "gross_total_money": amount(whole),
        "total_money": amount(whole - off),
        "total_discount": amount(off),
        "line_taxes": [],
        "line_discounts": [],
        "line_modifiers": [],
    }
    if off:
        body["line_discounts"] = [discount("Regulars", off)]
    return body | extra


def discount(name: str, off: int, type_: str = "FIXED_AMOUNT") -> Json:
    return {"id": f"D-{name}", "type": type_, "name": name, "percentage": None, "money_amount": amount(off)}


def with_tax(body: Json, tax: Json, cents: int, *, inside_total: bool = True) -> Json:
    """The line with a tax of so many cents; added tax stands inside its total unless said otherwise."""
    taxes = [*_list(body, "line_taxes"), tax | {"money_amount": amount(cents)}]
    raised = cents if tax["type"] == "ADDED" and inside_total else 0
    return body | {"line_taxes": taxes, "total_money": amount(_cents(body["total_money"]) + raised)}


def receipt(*lines: Json, payments: Sequence[Json] | None = None, **extra: object) -> Json:
    """A receipt with the sums of its lines; tip and surcharge on top, all of it paid in cash unless said otherwise."""
    taxes: dict[str, Json] = {}
    for tax in (tax for each in lines for tax in _list(each, "line_taxes")):
        known = taxes.setdefault(str(tax["id"]), tax | {"money_amount": 0})
        taxes[str(tax["id"])] = known | {
            "money_amount": amount(_cents(known["money_amount"]) + _cents(tax["money_amount"]))
        }
    total = sum(_cents(each["total_money"]) for each in lines)
    total += _cents(extra.get("tip", 0)) + _cents(extra.get("surcharge", 0))
    body: Json = {
        "receipt_number": "1-1001",
        "receipt_type": "SALE",
        "receipt_date": NOON,
        "created_at": NOON,
        "updated_at": NOON,
        "cancelled_at": None,
        "store_id": "MAIN",
        "total_money": amount(total),
        "total_tax": amount(sum(_cents(tax["money_amount"]) for tax in taxes.values())),
        "total_discount": amount(sum(_cents(each["total_discount"]) for each in lines)),
        "tip": 0,
        "surcharge": 0,
        "total_taxes": list(taxes.values()),
        "total_discounts": [each for found in lines for each in _list(found, "line_discounts")],
        "line_items": list(lines),
    }
    body |= extra
    paid = [pay(_cents(body["total_money"]))] if payments is None else list(payments)
    return body | {"payments": paid}


def pay(cents: int, type_: str | None = "CASH", name: str | None = "Cash") -> Json:
    return {
        "payment_type_id": f"P-{type_}",
        "name": name,
        "type": type_,
        "money_amount": amount(cents),
        "paid_at": NOON,
    }


def shift(**extra: object) -> Json:
    """A shift whose drawer is as expected: 100.00 to start with, 80.00 taken, 12.00 given back."""
    body: Json = {
        "id": "S1",
        "store_id": "MAIN",
        "opened_at": "2026-03-15T13:00:00.000Z",
        "closed_at": "2026-03-16T02:30:00.000Z",
        "starting_cash": 100.0,
        "cash_payments": 80.0,
        "cash_refunds": 12.0,
        "paid_in": 0,
        "paid_out": 0,
        "expected_cash": 168.0,
        "actual_cash": 168.0,
        "gross_sales": 150.0,
        "refunds": 12.0,
        "discounts": 8.0,
        "net_sales": 130.0,
        "payments": [{"payment_type_id": "P-CASH", "money_amount": 80.0}],
        "cash_movements": [],
    }
    return body | extra


def _list(body: Json, key: str) -> list[Json]:
    found = body[key]
    assert isinstance(found, list)
    return found


def _cents(value: object) -> int:
    assert isinstance(value, int | float)
    return round(value * 100)
