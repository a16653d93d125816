"""X-Series records as these tests need them: written from the documentation, with their totals worked out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from connector.domain.facts import Fact, Problem
from connector.domain.shop import Shop
from connector.sources.lightspeed_x.translate.record import translate
from connector.sources.lightspeed_x.translate.shops import read_shop

Json = dict[str, object]
NOON = "2026-03-14T23:00:00+00:00"  # noon of Sunday the 15th in Auckland
OUTLET: Json = {"id": "AKL", "name": "Auckland", "time_zone": "Pacific/Auckland", "currency": "NZD"}
GST: Json = {"id": "T-GST", "name": "GST", "rates": [{"id": "R-GST", "name": "GST", "rate": 0.15}]}
TWO: Json = {
    "id": "T-TWO",
    "name": "Chicago",
    "rates": [{"id": "R-STATE", "name": "State Tax", "rate": 0.0625}, {"id": "R-CITY", "name": "City", "rate": 0.0125}],
}
PAYMENT_TYPES: Sequence[Json] = (
    {"id": "P-CASH", "name": "Cash", "type_id": 1},
    {"id": "P-CARD", "name": "Credit Card", "type_id": 3},
    {"id": "P-GIFT", "name": "Gift Card", "type_id": 118},
    {"id": "P-POINTS", "name": "Loyalty", "type_id": 106},
    {"id": "P-CREDIT", "name": "Store Credit", "type_id": 107},
    {"id": "P-ACCOUNT", "name": "On Account", "type_id": 6},
    {"id": "P-TRUCK", "name": "Food Truck", "type_id": 5},
)
PRODUCTS: Sequence[Json] = (
    {"id": "MUG", "name": "Mug", "type": {"name": "Homeware"}},
    {"id": "TEA", "name": "Tea", "type": {}, "categories": [{"name": "Pantry"}]},
    {"id": "POSTER", "name": "Poster", "type": None},
)


def shop(*, outlet: Json = OUTLET, payment_types: Sequence[Json] = PAYMENT_TYPES, zone: str = "") -> Shop:
    records = [("outlets", outlet), ("taxes", GST), ("taxes", TWO)]
    records += [("payment_types", each) for each in payment_types]
    records += [("products", each) for each in PRODUCTS]
    return read_shop([(stream, json.dumps(body).encode()) for stream, body in records], zone)


SHOP = shop()


def fact(record: Json, of: Shop = SHOP, stream: str = "sales") -> Fact:
    return translate(stream, str(record.get("id", "")), json.dumps(record).encode(), of)


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


def codes(problems: Sequence[Problem]) -> list[tuple[str, int]]:
    return [(problem.code, problem.difference) for problem in problems]


def sides(found: Fact) -> tuple[int, int]:
    """What was sold, and what was tendered."""
    tendered = sum(b.amount for b in found.buckets if b.key.kind in ("tender", "refund_tender"))
    return sum(bucket.amount for bucket in found.buckets) - tendered, tendered


def line(
    product: str,
    total: float,
    tax: float = 0,
    *,
    discount: float = 0,
    back: bool = False,
    components: Sequence[tuple[str, float]] | None = None,
    **extra: object,
) -> Json:
    """A line; `total` and `tax` are signed, the components of a return are not: that is how Lightspeed has them."""
    parts = components if components is not None else [("R-GST", abs(tax))] if tax else []
    body: Json = {
        "id": f"line {product}",
        "quantity": -1 if back else 1,
        "product": {"id": product},
        "pricing": {"total": total, "discount_total": discount},
        "tax": {"id": "T-GST", "total": tax},
        "return": {"is_return": back, "reason": None},
        "status": "CONFIRMED",
        "gift_card_number": None,
        "_metadata": {"tax_components": [{"rate_id": rate, "total_tax": amount} for rate, amount in parts]},
    }
    return body | extra


def pay(amount: float, kind: str = "P-CASH", *, at: str = NOON, **extra: object) -> Json:
    names = {str(each["id"]): (str(each["type_id"]), str(each["name"])) for each in PAYMENT_TYPES}
    type_id, name = names.get(kind, ("77", "Seashells"))
    body: Json = {
        "id": f"payment {kind}",
        "amount": amount,
        "date": at,
        "deleted_at": None,
        "type": {"config_id": kind, "id": type_id, "name": name},
        "source": {"outlet_id": "AKL", "register_id": "REG"},
    }
    return body | extra


def sale(*lines: Json, price: float, tax: float, pays: Sequence[Json], **extra: object) -> Json:
    """A closed sale at noon in Auckland, in the dated shape."""
    body: Json = {
        "id": "SALE",
        "state": "closed",
        "attributes": [],
        "date": NOON,
        "created_at": NOON,
        "deleted_at": None,
        "receipt_number": "1036",
        "customer_id": "CUSTOMER",
        "source": {"type": "USER", "outlet_id": "AKL", "register_id": "REG"},
        "totals": {"price": price, "tax": tax, "price_incl_tax": round(price + tax, 2), "surcharge": 0},
        "line_items": list(lines),
        "payments": list(pays),
        "taxes": [{"id": "R-GST", "tax": tax}] if tax else [],
        "adjustments": [],
        "ecom_custom_charges": [],
        "return": {"is_return": False, "original_sale_id": None},
        "_metadata": {"version": 500},
    }
    return body | extra


def old_sale(status: str = "CLOSED", **extra: object) -> Json:
    """The published example of API 2.0: three lines of 4.30435 and one component that carries the cent."""
    lines = [
        {
            "id": f"line {n}", "product_id": "TEA", "tax_id": "T-GST", "quantity": 1, "price_total": 4.30435,
            "discount_total": 0, "tax_total": 0.64565, "status": "CONFIRMED", "is_return": False,
            "tax_components": [{"rate_id": "R-GST", "total_tax": component}],
        }
        for n, component in enumerate((0.64565, 0.64565, 0.6487))
    ]  # fmt: skip
    body: Json = {
        "id": "OLD", "status": status, "outlet_id": "AKL", "register_id": "REG", "customer_id": "CUSTOMER",
        "receipt_number": "MR-1050", "total_price": 12.91, "total_tax": 1.94, "sale_date": NOON, "created_at": NOON,
        "line_items": lines, "taxes": [{"id": "R-GST", "amount": 1.94}], "adjustments": [], "version": 29316,
        "payments": [{
            "id": "p", "outlet_id": "AKL", "register_id": "REG", "retailer_payment_type_id": "P-CASH",
            "payment_type_id": "1", "name": "Cash", "amount": 14.85, "payment_date": NOON,
        }],
    }  # fmt: skip
    return body | extra
