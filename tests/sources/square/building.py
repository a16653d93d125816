"""Square's records as these tests need them: written from the documentation, with their totals worked out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from connector.domain.facts import Fact, Problem
from connector.domain.shop import Location, Shop
from connector.sources.square.translate.record import translate

Json = dict[str, object]
NOON = "2026-03-15T16:00:00.250Z"  # noon in New York, a Sunday
MAIN_ST = Location(source_id="MAIN", name="Main St", zone="America/New_York", currency="USD")
SHOP = Shop(locations={"MAIN": MAIN_ST}, categories={"V-FOOD": "Food", "V-DRINKS": "Drinks", "V-RETAIL": "Retail"})
SALES_TAX: Json = {"uid": "tax", "name": "Sales Tax", "percentage": "8.0", "type": "ADDITIVE"}
VAT: Json = {"uid": "tax", "name": "VAT", "percentage": "20", "type": "INCLUSIVE"}


def fact(stream: str, record: Json, shop: Shop = SHOP) -> Fact:
    return translate(stream, str(record["id"]), json.dumps(record).encode(), shop)


def sums(found: Fact) -> dict[tuple[str, str], int]:
    """(kind, code) → amount of a fact's buckets."""
    return sums_of([found])


def sums_of(facts: Sequence[Fact]) -> dict[tuple[str, str], int]:
    totals: dict[tuple[str, str], int] = {}
    for bucket in (bucket for found in facts for bucket in found.buckets):
        name = bucket.key.kind, bucket.key.code
        totals[name] = totals.get(name, 0) + bucket.amount
    return totals


def taxed(found: Fact) -> dict[str, int]:
    """What is taxed ("kind|code") → its tax."""
    taxes = [bucket for bucket in found.buckets if bucket.key.parent]
    return {parent: sum(b.amount for b in taxes if b.key.parent == parent) for parent in {b.key.parent for b in taxes}}


def codes(problems: Sequence[Problem]) -> list[tuple[str, int]]:
    return [(problem.code, problem.difference) for problem in problems]


def money(amount: int, currency: str = "USD") -> Json:
    return {"amount": amount, "currency": currency}


def line(name: str, price: int, *, tax: int = 0, discount: int = 0, inclusive: bool = False, **extra: object) -> Json:
    """A line of one tax and one discount at most; `price` is before both."""
    body: Json = {
        "uid": name,
        "name": name,
        "quantity": "1",
        "item_type": "ITEM",
        "variation_total_price_money": money(price),
        "total_discount_money": money(discount),
        "total_tax_money": money(tax),
        "total_service_charge_money": money(0),
        "total_money": money(price - discount + (0 if inclusive else tax)),
    }
    if tax:
        body["applied_taxes"] = [{"uid": "a", "tax_uid": "tax", "applied_money": money(tax)}]
    if discount:
        body["applied_discounts"] = [{"uid": "d", "discount_uid": "discount", "applied_money": money(discount)}]
    return body | extra


def charge(name: str | None, applied: int, *, tax: int = 0, inclusive: bool = False, **extra: object) -> Json:
    body: Json = {"uid": name or "charge", "type": "CUSTOM", "treatment_type": "LINE_ITEM_TREATMENT"}
    body |= {"name": name} if name else {}
    body |= {"applied_money": money(applied), "total_tax_money": money(tax)}
    body["total_money"] = money(applied + (0 if inclusive else tax))
    if tax:
        body["applied_taxes"] = [{"uid": "a", "tax_uid": "tax", "applied_money": money(tax)}]
    return body | extra


def order(
    *lines: Json,
    tax: Json | None = None,
    charges: Sequence[Json] = (),
    tip: int = 0,
    rounding: int = 0,
    **extra: object,
) -> Json:
    """A completed sale, paid by one card at noon unless `extra` says otherwise."""
    total = sum(_amount(each, "total_money") for each in (*lines, *charges)) + tip + rounding
    taxes = sum(_amount(each, "total_tax_money") for each in (*lines, *charges))
    body: Json = {
        "id": "ORDER",
        "location_id": "MAIN",
        "state": "COMPLETED",
        "created_at": "2026-03-15T15:58:00Z",
        "closed_at": NOON,
        "line_items": list(lines),
        "taxes": [tax | {"applied_money": money(taxes)}] if tax else [],
        "discounts": [{"uid": "discount", "name": "Regulars"}],
        "service_charges": list(charges),
        "total_money": money(total),
        "total_tax_money": money(taxes),
        "total_discount_money": money(sum(_amount(each, "total_discount_money") for each in lines)),
        "total_tip_money": money(tip),
        "total_service_charge_money": money(sum(_amount(each, "applied_money") for each in charges)),
        "tenders": [tender("PAYMENT", total)] if total else [],
    }
    if rounding:
        body["rounding_adjustment"] = {"amount_money": money(rounding)}
    return body | extra


def tender(payment_id: str, amount: int, at: str = NOON, **extra: object) -> Json:
    return {"id": payment_id, "payment_id": payment_id, "created_at": at, "amount_money": money(amount)} | extra


def returned(*lines: Json, tax: Json | None = None, tip: int = 0, charges: Sequence[Json] = ()) -> Json:
    """What came back, as the `returns` and `return_amounts` of an order: amounts positive, as Square has them."""
    total = sum(_amount(each, "total_money") for each in (*lines, *charges)) + tip
    amounts: Json = {
        "total_money": money(total),
        "tax_money": money(sum(_amount(each, "total_tax_money") for each in (*lines, *charges))),
        "discount_money": money(sum(_amount(each, "total_discount_money") for each in lines)),
        "tip_money": money(tip),
        "service_charge_money": money(sum(_amount(each, "applied_money") for each in charges)),
    }
    back: Json = {
        "source_order_id": "EARLIER",
        "return_line_items": list(lines),
        "return_service_charges": list(charges),
        "return_taxes": [tax] if tax else [],
        "return_discounts": [{"uid": "discount"}],
        "return_tips": [{"applied_money": money(tip)}] if tip else [],
        "return_amounts": amounts,
    }
    return {"returns": [back], "return_amounts": amounts}


def return_order(*lines: Json, tax: Json | None = None, tip: int = 0, charges: Sequence[Json] = ()) -> Json:
    body: Json = {"id": "RETURN", "location_id": "MAIN", "state": "COMPLETED", "created_at": NOON, "closed_at": NOON}
    return body | {"total_money": money(0)} | returned(*lines, tax=tax, tip=tip, charges=charges)


def payment(amount: int = 1000, **extra: object) -> Json:
    body: Json = {"id": "PAYMENT", "order_id": "ORDER", "location_id": "MAIN", "status": "COMPLETED"}
    body |= {"source_type": "CARD", "created_at": NOON, "updated_at": NOON}
    return body | {"amount_money": money(amount), "total_money": money(amount)} | extra


def refund(amount: int = 1000, **extra: object) -> Json:
    body: Json = {"id": "REFUND", "order_id": "RETURN", "payment_id": "PAYMENT", "location_id": "MAIN"}
    body |= {"status": "COMPLETED", "created_at": NOON, "updated_at": NOON, "destination_type": "CARD"}
    return body | {"amount_money": money(amount)} | extra


def payout(amount: int = 1000, **extra: object) -> Json:
    body: Json = {"id": "po_1", "location_id": "MAIN", "status": "PAID", "type": "BATCH", "created_at": NOON}
    body |= {"arrival_date": "2026-03-17", "end_to_end_id": "L2603170001", "version": 2}
    return body | {"amount_money": payout_money(amount), "destination": {"type": "BANK_ACCOUNT"}} | extra


def entry(kind: str, gross: int, fee: int = 0, **extra: object) -> Json:
    body: Json = {"id": f"poe_{kind}", "payout_id": "po_1", "type": kind, "effective_at": "2026-03-15T18:00:00Z"}
    body |= {"gross_amount_money": payout_money(gross), "fee_amount_money": payout_money(fee)}
    return body | {"net_amount_money": payout_money(gross - fee)} | extra


def payout_money(amount: int) -> Json:
    """Money of payouts names its currency in a way of its own."""
    return {"amount": amount, "currency_code": "USD"}


def _amount(body: Json, key: str) -> int:
    found = body.get(key)
    amount = found.get("amount") if isinstance(found, dict) else 0
    assert isinstance(amount, int)
    return amount
