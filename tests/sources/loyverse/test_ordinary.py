"""Ordinary receipts are read lean: the same fact as the full reading gives, or none at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.facts import Fact
from connector.domain.money import share_half_even
from connector.sources.loyverse.pages import unpack
from connector.sources.loyverse.plain import PlainReceipt
from connector.sources.loyverse.translate.ordinary import ordinary_fact
from tests.sources.loyverse.building import (
    INSIDE,
    ON_TOP,
    SHOP,
    Json,
    amount,
    discount,
    fact,
    line,
    pay,
    receipt,
    with_tax,
)

ODDITIES: list[Json] = [
    {"item_id": None}, {"item_name": None}, {"item_id": "I-MUG", "item_name": "Soup"}, {"quantity": 2},
    {"quantity": 0.5}, {"quantity": 1.00005}, {"quantity": None}, {"quantity": "one"}, {"price": None},
    {"price": 10.005}, {"price": 9.99}, {"price": 9.98}, {"gross_total_money": None}, {"gross_total_money": 11},
    {"total_money": 9.37}, {"total_discount": 0.5}, {"total_discount": -0.5}, {"line_taxes": None}, {"line_taxes": []},
    {"line_modifiers": [{"price": 0}]}, {"line_modifiers": [{"price": 0.5}]}, {"line_modifiers": None},
    {"line_discounts": [discount("Regulars", 0)]}, {"line_discounts": [discount("", 50)], "total_discount": 0.5},
    {"line_discounts": [discount("Staff", 30), discount("Regulars", 20)], "total_discount": 0.5},
    {"line_discounts": [discount("Points", 50, "DISCOUNT_BY_POINTS")], "total_discount": 0.5},
    {"line_taxes": [ON_TOP | {"money_amount": 0.8, "type": "NEITHER"}]},
    {"line_taxes": [ON_TOP | {"money_amount": 0.8, "rate": None}]},
    {"line_taxes": [ON_TOP | {"money_amount": 0.81}]}, {"line_taxes": [ON_TOP | {"money_amount": 0.8, "id": "T9"}]},
    {"line_taxes": [ON_TOP | {"money_amount": 0.8, "id": None, "name": None}]},
    {"line_taxes": [ON_TOP | {"money_amount": 0.8}, INSIDE | {"money_amount": 1.67}]},
]  # fmt: skip
STRANGE: list[Json] = [
    {"receipt_type": "VOID"}, {"receipt_type": None}, {"cancelled_at": "2026-03-15T17:00:00.000Z"}, {"tip": 0.3},
    {"surcharge": 0.3}, {"tip": "much"}, {"total_discount": 0.01}, {"total_discounts": [discount("All", 10)]},
    {"total_taxes": []}, {"total_taxes": None}, {"total_tax": 0.79}, {"total_money": 10.81}, {"total_money": 10.805},
    {"payments": []}, {"payments": None}, {"payments": [pay(500), pay(580, "NONINTEGRATEDCARD", "Card")]},
    {"payments": [pay(1080, "OTHER", " cash ")]}, {"payments": [pay(1080, "MAGIC")]},
    {"payments": [pay(1081)]}, {"line_items": []}, {"line_items": None}, {"pos_device_id": "TILL"},
    {"total_taxes": [ON_TOP | {"money_amount": 0.5}, ON_TOP | {"id": "T8", "money_amount": 0.3}]},
]  # fmt: skip
BENT = ("total_money", "total_tax", "total_discount", "tip", "surcharge")


@st.composite
def _line(draw: st.DrawFn, tax: Json | None) -> Json:
    price = draw(st.integers(0, 30_000))
    off = draw(st.sampled_from([0, 0, 1, 333, price]))
    body = line(draw(st.sampled_from(["Soup", "Mug"])), price, off=off)
    if tax is not None:
        rate = int(float(str(tax["rate"])))
        due = share_half_even(price - off, rate, 100 + rate * (tax["type"] == "INCLUDED"))
        body = with_tax(body, tax, due + draw(st.sampled_from([0, 0, 0, 1])), inside_total=draw(st.booleans()))
    return body | (draw(st.sampled_from(ODDITIES)) if draw(st.integers(0, 5)) == 0 else {})


@st.composite
def _receipt(draw: st.DrawFn) -> Json:
    tax = draw(st.sampled_from([None, ON_TOP, INSIDE]))
    lines = draw(st.lists(_line(tax), min_size=1, max_size=4))
    known = [{"line_taxes": [], "line_discounts": []} | each for each in lines]
    whole = [each | {key: 0 for key in ("total_money", "total_discount") if each[key] is None} for each in known]
    whole = [
        each | {"line_taxes": each["line_taxes"] or [], "line_discounts": each["line_discounts"]} for each in whole
    ]
    body = receipt(*whole, tip=draw(st.sampled_from([0, 1.5]))) | {"line_items": lines}
    if draw(st.integers(0, 4)) == 0:
        field = draw(st.sampled_from(BENT))
        body |= {field: amount(round(float(str(body[field])) * 100) + 1)}
    body |= {"receipt_type": draw(st.sampled_from(["SALE", "SALE", "REFUND"]))}
    return body | (draw(st.sampled_from(STRANGE)) if draw(st.integers(0, 3)) == 0 else {})


@given(_receipt())
def test_a_receipt_read_lean_is_the_receipt_read_in_full_or_is_not_read_at_all(body: Json) -> None:
    lean, full = _both(body)
    assert lean is None or lean == full


@pytest.mark.parametrize("tax", [ON_TOP, INSIDE], ids=["on top", "inside"])
@pytest.mark.parametrize("odd", ODDITIES, ids=json.dumps)
def test_a_line_with_one_oddity_is_read_right_or_in_full(odd: Json, tax: Json) -> None:
    cents = 80 if tax is ON_TOP else 167
    sound = [with_tax(line("Soup", 1000), tax, cents), line("Mug", 500, off=10)]
    for at, each in enumerate(sound):
        lines = [*sound[:at], each | odd, *sound[at + 1 :]]
        lean, full = _both(receipt(*sound) | {"line_items": lines})
        assert lean is None or lean == full


@pytest.mark.parametrize("kind", ["SALE", "REFUND"])
@pytest.mark.parametrize("strange", STRANGE, ids=json.dumps)
def test_a_receipt_with_one_oddity_is_read_right_or_in_full(strange: Json, kind: str) -> None:
    lean, full = _both(receipt(with_tax(line("Soup", 1000), ON_TOP, 80), receipt_type=kind) | strange)
    assert lean is None or lean == full


@pytest.mark.parametrize("kind", ["SALE", "REFUND"])
@pytest.mark.parametrize("tax", [ON_TOP, INSIDE], ids=["on top", "inside"])
def test_a_reduced_and_taxed_receipt_paid_by_two_tenders_is_ordinary(tax: Json, kind: str) -> None:
    cents = 72 if tax is ON_TOP else 150
    reduced, weighed = with_tax(line("Soup", 1000, off=100), tax, cents), line("Mug", 399, quantity=0.75, gross=299)
    modified = line("Pie", 500, gross=550, line_modifiers=[{"price": 0.5}])
    body = receipt(reduced, weighed, modified, tip=1.5, surcharge=0.25, receipt_type=kind)
    total = round(float(str(body["total_money"])) * 100)
    lean, full = _both(body | {"payments": [pay(1000), pay(total - 1000, "NONINTEGRATEDCARD", "Card")]})
    assert lean == full
    assert full.problems == ()


def test_a_receipt_whose_total_is_off_is_read_in_full() -> None:
    lean, full = _both(receipt(line("Mug", 500), payments=[pay(501)]) | {"total_money": 5.01})
    assert lean is None
    assert [problem.code for problem in full.problems] == ["L5"]


def _both(body: Json) -> tuple[Fact | None, Fact]:
    """As it is read lean, None where it is not, and as it is read in full."""
    (received,) = unpack("receipts", b'{"receipts":[%s]}' % json.dumps(body).encode())
    lean = ordinary_fact(received.record, SHOP) if isinstance(received.record, PlainReceipt) else None
    return lean, fact("receipts", body)
