"""What must hold for every receipt that Loyverse could make."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.domain.facts import Fact
from connector.domain.money import share_half_even
from connector.domain.shop import Shop
from connector.errors import Unreadable
from connector.sources.loyverse.files import saved
from connector.sources.loyverse.records import Receipt, read
from connector.sources.loyverse.translate.identities import adds_up, each_problem
from connector.sources.loyverse.translate.lines import SOLD, lines_of
from tests.sources.loyverse.building import ON_TOP, Json, amount, fact, line, pay, receipt, sides, with_tax

RATES = [0, 5, 7.25, 8.875, 10, 16, 20, 21]


@st.composite
def _line(draw: st.DrawFn, inside_total: bool) -> Json:
    name, price = draw(st.sampled_from(["Soup", "Mug", "Pie"])), draw(st.integers(0, 500_000))
    off = draw(st.integers(0, price))
    body = line(name, price, off=off)
    rate, is_added = draw(st.sampled_from(RATES)), draw(st.booleans())
    thousandths = round(rate * 1000)
    tax: Json = {"id": f"T{rate}{is_added}", "type": "ADDED" if is_added else "INCLUDED", "name": "Tax", "rate": rate}
    cents = share_half_even(price - off, thousandths, 100_000 + (0 if is_added else thousandths))
    return with_tax(body, tax, cents, inside_total=inside_total)


@st.composite
def _receipt(draw: st.DrawFn) -> Json:
    inside_total = draw(st.booleans())
    lines = draw(st.lists(_line(inside_total), min_size=1, max_size=6))
    tip, surcharge = draw(st.integers(0, 5_000)), draw(st.integers(0, 900))
    body = receipt(*lines, tip=amount(tip), surcharge=amount(surcharge))
    return body if inside_total else _with_tax_on_top(body)


def _with_tax_on_top(body: Json) -> Json:
    taxes = body["total_taxes"]
    assert isinstance(taxes, list)
    added = sum(round(tax["money_amount"] * 100) for tax in taxes if tax["type"] == "ADDED")
    total = body["total_money"]
    assert isinstance(total, int | float)
    cents = round(total * 100) + added
    return body | {"total_money": amount(cents), "payments": [pay(cents)]}


@given(_receipt())
def test_the_sale_side_is_the_tender_side_and_no_identity_fails(body: Json) -> None:
    found = fact("receipts", body)
    assert found.problems == ()
    total = body["total_money"]
    assert isinstance(total, int | float)
    assert sides(found) == (round(total * 100), round(total * 100))


@given(_receipt())
def test_what_is_sold_and_wholly_refunded_leaves_nothing(body: Json) -> None:
    sold, back = fact("receipts", body), fact("receipts", body | {"receipt_type": "REFUND"})
    assert back.problems == ()
    assert sorted(bucket.amount for bucket in sold.buckets) == sorted(-bucket.amount for bucket in back.buckets)


@given(_receipt(), st.integers(-9_000, 9_000).filter(bool))
def test_a_total_that_is_off_by_any_amount_holds_its_day(body: Json, off: int) -> None:
    total = body["total_money"]
    assert isinstance(total, int | float)
    wrong = body | {"total_money": amount(round(total * 100) + off)}
    assert ("L1", off) in {(problem.code, problem.difference) for problem in fact("receipts", wrong).problems}


@given(
    _receipt(), st.sampled_from(["total_money", "total_tax", "total_discount", "tip", "surcharge"]), st.integers(-2, 2)
)
def test_a_receipt_that_adds_up_at_one_glance_does_so_identity_by_identity(body: Json, field: str, off: int) -> None:
    told = body[field]
    assert isinstance(told, int | float)
    found = read(json.dumps(body | {field: amount(round(told * 100) + off)}).encode(), Receipt)
    lines = lines_of(found, SOLD, {}, "USD")
    if adds_up(found, lines, "USD"):
        assert each_problem(found, lines, 0, "USD") == []


def test_an_ordinary_receipt_adds_up_at_one_glance() -> None:
    body = receipt(with_tax(line("Soup", 1000), ON_TOP, 80), with_tax(line("Pie", 500, off=100), ON_TOP, 32), tip=1.5)
    found = read(json.dumps(body).encode(), Receipt)
    assert adds_up(found, lines_of(found, SOLD, {}, "USD"), "USD")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(_receipt(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_order_and_repetition_of_records_change_nothing(
    tmp_path: Path, bodies: list[Json], chance: random.Random
) -> None:
    receipts = [body | {"receipt_number": f"1-{n}"} for n, body in enumerate(bodies)]
    straight = _facts(tmp_path, receipts)
    repeated = [*receipts, *chance.choices(receipts, k=2)]
    chance.shuffle(repeated)
    assert _facts(tmp_path, repeated) == straight


def _facts(folder: Path, receipts: list[Json]) -> list[Fact]:
    (folder / "receipts.json").write_text(json.dumps({"receipts": receipts}))
    found = list(saved([folder], Shop(zone="America/New_York")))
    if wrong := [str(each) for each in found if isinstance(each, Unreadable)]:
        pytest.fail(wrong[0])
    return [each for each in found if isinstance(each, Fact)]
