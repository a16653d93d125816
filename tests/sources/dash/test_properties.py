"""What must hold for every day that anybody could tell under the contract."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.domain.facts import Fact, sum_buckets
from connector.domain.shop import Shop
from connector.errors import Unreadable
from connector.sources.dash.defaults import DEFAULTS
from connector.sources.dash.files import saved
from tests.sources.dash.building import Json, fact, payment, product, summary, tax

CENTS = st.integers(min_value=0, max_value=500_000)
METHODS = ["cash", "credit_card", "debit_card", "check", "gift_card", "shells"]


def text(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


@st.composite
def _product(draw: st.DrawFn, number: int) -> tuple[Json, int]:
    net, discount, refunded = draw(CENTS), draw(CENTS), draw(st.integers(0, 900))
    gross = text(net + discount + refunded)
    told = {"discount": text(discount), "refunded": text(refunded), "gross": gross}
    ids = draw(st.sampled_from([["hst"], ["hst", "pst"], []]))
    return product(f"P{number}", text(net), tax_ids=ids, **told), net


@st.composite
def _summary(draw: st.DrawFn) -> Json:
    lines = [draw(_product(number)) for number in range(draw(st.integers(1, 5)))]
    taxes = {name: draw(CENTS) for name in ("hst", "pst")}
    tips, sold, rounding = draw(CENTS), draw(CENTS), draw(st.integers(-4, 4))
    fee, is_deducted = draw(st.integers(0, 500)), draw(st.booleans())
    due = sum(net for _, net in lines) + sum(taxes.values()) + tips + sold + rounding
    due -= fee if is_deducted else 0
    first = draw(st.integers(0, max(due, 0)))
    ways = draw(st.permutations(METHODS))
    back = sum(int(str(line["refunded"]).replace(".", "")) for line, _ in lines)
    return summary(
        [line for line, _ in lines],
        [tax(text(amount), tax_id=name, name=name) for name, amount in taxes.items()],
        [payment(ways[0], text(first)), payment(ways[1], text(due - first), refunded=text(back))],
        tips=text(tips),
        gift_cards={"sold": text(sold)},
        rounding=text(rounding),
        fees=[{"name": "Fee", "amount": text(fee), "deducted": is_deducted}],
    )


def _side(found: Fact, side: str) -> int:
    rules = {bucket.key: DEFAULTS.rule(bucket.key.kind, bucket.key.code) for bucket in found.buckets}
    of = {key for key, rule in rules.items() if rule and rule.side == side and not rule.counter}
    return sum(bucket.amount for bucket in found.buckets if bucket.key in of)


@given(_summary())
def test_the_sale_side_is_the_tender_side_and_no_identity_fails(body: Json) -> None:
    found = fact(body)
    assert found.problems == ()
    assert _side(found, "credit") == _side(found, "debit")


@given(_summary())
def test_every_tax_is_told_to_the_cent_however_it_is_cut(body: Json) -> None:
    found = fact(body)
    taxes = body["taxes"]
    assert isinstance(taxes, list)
    for told in taxes:
        of = [b.amount for b in found.buckets if b.key.kind == "tax" and b.key.code.startswith(told["name"])]
        assert text(sum(of)) == told["amount"]


@given(_summary(), st.randoms(use_true_random=False))
def test_the_order_of_products_and_payments_changes_no_sum(body: Json, chance: random.Random) -> None:
    shuffled = {
        key: chance.sample(value, len(value)) if isinstance(value, list) and key != "products" else value
        for key, value in body.items()
    }
    assert sum_buckets(fact(shuffled).buckets) == sum_buckets(fact(body).buckets)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(_summary(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_order_and_repetition_of_records_change_nothing(
    tmp_path: Path, bodies: list[Json], chance: random.Random
) -> None:
    days = [body | {"business_date": f"2026-03-{n + 1:02d}"} for n, body in enumerate(bodies)]
    straight = _facts(tmp_path, days)
    repeated = [*days, *chance.choices(days, k=2)]
    chance.shuffle(repeated)
    assert _facts(tmp_path, repeated) == straight


def _facts(folder: Path, days: list[Json]) -> list[Fact]:
    (folder / "days.json").write_text(json.dumps({"data": days}))
    found = list(saved([folder], Shop()))
    if wrong := [each for each in found if isinstance(each, Unreadable)]:
        pytest.fail(str(wrong))
    return [each for each in found if isinstance(each, Fact)]
