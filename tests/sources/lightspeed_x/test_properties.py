"""What must hold for every sale that X-Series could make."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.errors import Unreadable
from connector.sources.lightspeed_x.files import saved
from tests.sources.lightspeed_x.building import GST, OUTLET, Json, fact, line, pay, sale, sides, sums

CENT, FIVE = Decimal("0.01"), Decimal("0.00001")


@st.composite
def _sale(draw: st.DrawFn) -> Json:
    """Shelf prices with 15 % in them, in whole cents; net and tax of a line to five decimals."""
    back = draw(st.booleans())
    sign = -1 if back else 1
    gross = draw(st.lists(st.integers(0, 90_000), min_size=1, max_size=7))
    nets = [(Decimal(each) / 115).quantize(FIVE, ROUND_HALF_UP) for each in gross]
    taxes = [(net * Decimal("0.15")).quantize(FIVE, ROUND_HALF_UP) for net in nets]
    price = sum(nets, Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    total = Decimal(sum(gross)) / 100
    lines = [
        line(
            draw(st.sampled_from(["MUG", "TEA", "POSTER"])),
            float(sign * net),
            float(sign * tax),
            discount=float(draw(st.integers(0, 500))) / 100,
            back=back,
        )
        for net, tax in zip(nets, taxes, strict=True)
    ]
    paid, first = float(sign * total), float(sign * (total / 3).quantize(CENT))
    pays = [pay(first), pay(round(paid - first, 2), "P-CARD")]
    return sale(*lines, price=float(sign * price), tax=float(sign * (total - price)), pays=pays)


@given(_sale())
def test_the_sale_side_is_the_tender_side_and_no_identity_fails(body: Json) -> None:
    found = fact(body)
    assert found.problems == ()
    sold, tendered = sides(found)
    assert sold == tendered


@given(_sale())
def test_the_tax_by_rate_is_the_sales_own_to_the_cent(body: Json) -> None:
    totals = body["totals"]
    assert isinstance(totals, dict)
    posted = sum(b.amount for b in fact(body).buckets if b.key.kind in ("tax", "refund_tax"))
    assert posted == round(totals["tax"] * 100)


@given(_sale())
def test_what_is_sold_and_wholly_returned_leaves_nothing_under_any_name(body: Json) -> None:
    first, second = sums(fact(body)), sums(fact(_mirrored(body)))
    names = {"refund": "sale", "refund_tender": "tender"}
    plain = [{(names.get(kind, kind.removeprefix("refund_")), code): amount for (kind, code), amount in each.items()}
             for each in (first, second)]  # fmt: skip
    assert plain[0] == {name: -amount for name, amount in plain[1].items()}


def _mirrored(body: Json) -> Json:
    """The same sale the other way round. The components of its taxes are written alike on both."""
    flipped = json.loads(json.dumps(body))
    for each in flipped["line_items"]:
        each["pricing"]["total"] *= -1
        each["tax"]["total"] *= -1
        each["return"]["is_return"] = not each["return"]["is_return"]
    flipped["totals"] = {name: -amount for name, amount in flipped["totals"].items()}
    flipped["taxes"] = [{**each, "tax": -each["tax"]} for each in flipped["taxes"]]
    flipped["payments"] = [{**each, "amount": -each["amount"]} for each in flipped["payments"]]
    return dict(flipped)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(_sale(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_order_and_repetition_of_records_change_nothing(
    tmp_path: Path, bodies: list[Json], chance: random.Random
) -> None:
    sales = [body | {"id": f"S{n}"} for n, body in enumerate(bodies)]
    straight = list(_facts(tmp_path, sales))
    repeated = [*sales, *chance.choices(sales, k=2)]
    chance.shuffle(repeated)
    assert list(_facts(tmp_path, repeated)) == straight


def _facts(folder: Path, sales: list[Json]) -> Iterator[Fact]:
    (folder / "sales.json").write_text(json.dumps({"data": sales}))
    (folder / "outlets.json").write_text(json.dumps({"data": [OUTLET]}))
    (folder / "taxes.json").write_text(json.dumps({"data": [GST]}))
    for found in saved([folder], Shop()):
        if isinstance(found, Unreadable):
            pytest.fail(str(found))
        if isinstance(found, Fact):
            yield found
