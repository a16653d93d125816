"""Summaries to test with: small days that balance, and ways to bend them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sources.dash.translate.summaries import translate

Json = dict[str, object]


def product(code: str, net: str, **extra: object) -> Json:
    return {"product_id": code.lower(), "product": code, "category": code, "net": net} | extra


def tax(amount: str, **extra: object) -> Json:
    return {"tax_id": "hst", "name": "HST", "rate": "0.13", "amount": amount} | extra


def payment(method: str, amount: str, **extra: object) -> Json:
    return {"method": method, "amount": amount} | extra


def summary(
    products: Iterable[Json] = (), taxes: Iterable[Json] = (), payments: Iterable[Json] = (), **extra: object
) -> Json:
    body: Json = {"contract": "dash-daily-summary/1", "location": {"id": "L1"}, "business_date": "2026-03-30"}
    body |= {"currency": "CAD", "revision": 1, "closed": True}
    return body | {"products": list(products), "taxes": list(taxes), "payments": list(payments)} | extra


def plain(**extra: object) -> Json:
    """Food for 100.00 and 13.00 HST, paid in cash."""
    return summary([product("Food", "100.00")], [tax("13.00", taxable="100.00")], [payment("cash", "113.00")], **extra)


def delivered(paid: str, **row: object) -> Json:
    """The plain day, and food for 50.00 through Swift Bites, for which Swift Bites pays."""
    delivery: Json = {"provider": "Swift Bites", "net_sales": "50.00"}
    return summary(
        [product("Food", "100.00"), product("Food", "50.00", provider="Swift Bites")],
        [tax("13.00", taxable="100.00")],
        [payment("cash", "113.00"), payment("delivery_provider", paid, provider="Swift Bites")],
        delivery_providers=[delivery | row],
    )


def fact(body: Json, shop: Shop | None = None) -> Fact:
    return translate(json.dumps(body).encode(), shop or Shop())


def sums(found: Fact) -> dict[tuple[str, str], int]:
    totals: dict[tuple[str, str], int] = {}
    for bucket in found.buckets:
        of = (bucket.key.kind, bucket.key.code)
        totals[of] = totals.get(of, 0) + bucket.amount
    return totals


def problems(body: Json) -> list[tuple[str, int]]:
    return [(problem.code, problem.difference) for problem in fact(body).problems]
