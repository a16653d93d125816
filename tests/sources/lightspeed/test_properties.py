"""What must hold for every sale that Lightspeed could make."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sources.lightspeed.files import saved
from tests.sources.lightspeed.building import Json, fact, line, sale, sides

RATES = ["0", "0.05", "0.0625", "0.07", "0.08875", "0.09975", "0.2"]


@st.composite
def _line(draw: st.DrawFn) -> Json:
    cents = draw(st.integers(0, 300_000))
    quantity = draw(st.integers(-3, 5).filter(bool))
    off = draw(st.integers(0, cents)) * quantity
    rates = draw(st.sampled_from(RATES)), draw(st.sampled_from(RATES))
    return line(_decimal(cents), quantity, discount=_decimal(off), rates=rates, itemID=draw(st.sampled_from("07")))


@given(st.lists(_line(), max_size=6))
def test_both_sides_are_equal_and_no_identity_fails(lines: list[Json]) -> None:
    found = fact("sales", sale(*lines))
    assert found.problems == ()
    sold, tendered = sides(found)
    assert sold == tendered


@given(st.lists(_line(), max_size=6))
def test_each_tax_of_the_header_is_posted_to_the_cent(lines: list[Json]) -> None:
    body = sale(*lines)
    taxes = sum(bucket.amount for bucket in fact("sales", body).buckets if bucket.key.parent)
    assert taxes == (Decimal(str(body["calcTax1"])) + Decimal(str(body["calcTax2"]))) * 100


@given(st.lists(_line(), max_size=6))
def test_no_line_of_a_document_could_hold_more_tax_than_money(lines: list[Json]) -> None:
    found = fact("sales", sale(*lines))
    net = {(b.key.kind + "|" + b.key.code, b.key.tax_code): b.amount for b in found.buckets if not b.key.parent}
    for bucket in found.buckets:
        if bucket.key.parent:
            assert abs(bucket.amount) <= abs(net.get((bucket.key.parent, bucket.key.tax_code), 0)) + 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(st.lists(_line(), max_size=3), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_order_and_repetition_of_records_change_nothing(
    tmp_path: Path, carts: list[list[Json]], chance: random.Random
) -> None:
    bodies = [sale(*cart) | {"saleID": str(n + 1)} for n, cart in enumerate(carts)]
    straight = _facts(tmp_path, bodies)
    shuffled = [*bodies, *chance.choices(bodies, k=2)]
    chance.shuffle(shuffled)
    assert _facts(tmp_path, shuffled) == straight


def _facts(folder: Path, bodies: list[Json]) -> list[Fact]:
    (folder / "sales.json").write_text(json.dumps({"Sale": bodies}))
    found = list(saved([folder], Shop(zone="US/Eastern")))
    facts = [each for each in found if isinstance(each, Fact)]
    assert len(facts) == len(found)
    return facts


def _decimal(cents: int) -> str:
    sign, size = "-" if cents < 0 else "", abs(cents)
    return f"{sign}{size // 100}.{size % 100:02d}"
