"""What must hold for every sale that Square could make."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.domain.facts import Fact
from connector.domain.money import share_half_even
from connector.domain.sales import Sale
from connector.domain.shop import Shop
from connector.errors import Unreadable
from connector.sources.square.files import saved
from tests.sources.square.building import Json, charge, fact, line, order, payment, return_order, tender

RATES = ["0", "2", "5", "7.25", "8.0", "8.875", "10", "19", "20", "21"]


@st.composite
def _line(draw: st.DrawFn, rate: str, inclusive: bool) -> Json:
    price = draw(st.integers(min_value=0, max_value=500_000))
    discount = draw(st.integers(min_value=0, max_value=price))
    thousandths = int(rate.replace(".", "").ljust(len(rate.partition(".")[0]) + 3, "0"))
    tax = share_half_even(price - discount, thousandths, 100_000 + (thousandths if inclusive else 0))
    name = draw(st.sampled_from(["Soup", "Mug", "Pie"]))
    return line(name, price, tax=tax, discount=discount, inclusive=inclusive)


@st.composite
def _order(draw: st.DrawFn) -> Json:
    rate, inclusive = draw(st.sampled_from(RATES)), draw(st.booleans())
    lines = draw(st.lists(_line(rate, inclusive), min_size=1, max_size=6))
    tax: Json = {
        "uid": "tax",
        "name": "Tax",
        "percentage": rate,
        "type": "INCLUSIVE" if inclusive else "ADDITIVE",
    }
    charges = [charge("Fee", amount) for amount in draw(st.lists(st.integers(0, 9_000), max_size=2))]
    tip, rounding = draw(st.integers(0, 5_000)), draw(st.integers(-4, 4))
    return order(*lines, tax=tax, charges=charges, tip=tip, rounding=rounding)


def _side(found: Fact) -> int:
    return sum(bucket.amount for bucket in found.buckets)


@given(_order())
def test_the_sale_side_is_the_tender_side_and_no_identity_fails(body: Json) -> None:
    found = fact("orders", body)
    assert isinstance(found.about, Sale)
    assert found.problems == ()
    assert _side(found) == found.about.total == sum(amount for _, amount in found.about.tendered)


@given(_order())
def test_the_price_and_the_discount_are_each_their_net_and_their_tax(body: Json) -> None:
    lines = body["line_items"]
    assert isinstance(lines, list)
    price = sum(each["variation_total_price_money"]["amount"] for each in lines)
    found = fact("orders", body)
    taxes = body["taxes"]
    assert isinstance(taxes, list)
    if taxes[0]["type"] == "INCLUSIVE":
        assert _with_tax(found, "sale") == price
    assert _with_tax(found, "sale") + _with_tax(found, "discount") == sum(
        each["total_money"]["amount"] for each in lines
    )


@given(_order())
def test_what_is_sold_and_wholly_returned_leaves_nothing(body: Json) -> None:
    lines = body["line_items"]
    assert isinstance(lines, list)
    taxes = body["taxes"]
    assert isinstance(taxes, list)
    sold = fact("orders", order(*lines, tax=taxes[0]))
    back = fact("orders", return_order(*lines, tax=taxes[0]))
    assert back.problems == ()
    assert _side(sold) + _side(back) == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(_order(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_order_and_repetition_of_records_change_nothing(
    tmp_path: Path, bodies: list[Json], chance: random.Random
) -> None:
    orders = [body | {"id": f"O{n}", "tenders": [tender(f"P{n}", 1)]} for n, body in enumerate(bodies)]
    payments = [payment(n + 1, id=f"P{n}") for n in range(len(bodies))]
    straight = list(_facts(tmp_path, orders, payments))
    repeated = [*orders, *chance.choices(orders, k=2)]
    chance.shuffle(repeated)
    assert list(_facts(tmp_path, repeated, [*reversed(payments), *payments])) == straight


def _facts(folder: Path, orders: list[Json], payments: list[Json]) -> Iterator[Fact]:
    (folder / "orders.json").write_text(json.dumps({"orders": orders}))
    (folder / "payments.json").write_text(json.dumps({"payments": payments}))
    for found in saved([folder], Shop(zone="America/New_York")):
        if isinstance(found, Unreadable):
            pytest.fail(str(found))
        yield found


def _with_tax(found: Fact, kind: str) -> int:
    return sum(b.amount for b in found.buckets if b.key.kind == kind or b.key.parent.startswith(f"{kind}|"))
