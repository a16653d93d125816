"""Ordinary sales are read lean: the same fact as the full reading gives, or none at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.facts import Fact
from connector.domain.money import share_half_even
from connector.domain.shop import Shop
from connector.sandbox.faults import Faults
from connector.sandbox.oauth import OAuthDesk
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sandbox.square import oauth_rules, square_app
from connector.sandbox.square_month import LONDON, NEW_YORK, TOKYO, fill_month
from connector.sandbox.square_weekend import MERCHANT_ID
from connector.sources.contract import PullOrder, Received
from connector.sources.square.pages import unpack
from connector.sources.square.plain import PlainOrder
from connector.sources.square.records import Order, read
from connector.sources.square.source import SOURCE
from connector.sources.square.translate.orders import order_fact
from connector.sources.square.translate.ordinary import ordinary_fact
from connector.transport.access import Access
from tests.sources.square.building import SALES_TAX, SHOP, Json, line, money, order, returned, tender

NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)
TAXES: dict[str, Json] = {
    "8": SALES_TAX,
    "20": {"uid": "tax", "name": "VAT", "percentage": "20", "type": "INCLUSIVE"},
    "odd": {"uid": "tax", "name": "Levy", "percentage": "x", "type": "ADDITIVE"},
    "namesake": {"uid": "tax", "name": "Unknown tax", "type": "INCLUSIVE"},
}
ODDITIES: list[Json] = [
    {"item_type": "CUSTOM_AMOUNT"}, {"item_type": "GIFT_CARD"}, {"item_type": "LOYALTY"}, {"item_type": None},
    {"name": None}, {"catalog_object_id": "V-FOOD"}, {"applied_taxes": []}, {"applied_taxes": None},
    {"total_tax_money": None}, {"total_money": None}, {"total_money": money(77)}, {"total_discount_money": money(-5)},
    {"total_service_charge_money": money(100)}, {"modifiers": [{"total_price_money": money(0)}]},
    {"modifiers": [{"total_price_money": money(50)}]}, {"return_modifiers": [{"total_price_money": money(50)}]},
    {"applied_discounts": []}, {"applied_discounts": [{"discount_uid": "?", "applied_money": money(10)}] * 2},
    {"applied_taxes": [{"tax_uid": "?", "applied_money": money(8)}]}, {"applied_taxes": [{"tax_uid": "tax"}]},
    {"applied_taxes": [{"tax_uid": "tax", "applied_money": money(4)}] * 2},
]  # fmt: skip
STRANGE: list[Json] = [
    {"state": "OPEN"}, {"state": "CANCELED"}, {"tenders": []}, {"tenders": None}, {"taxes": None}, {"taxes": []},
    {"discounts": []}, {"total_money": None}, {"total_money": {"amount": 500}}, {"total_tip_money": money(30)},
    {"total_tip_money": None}, {"total_discount_money": money(1)}, {"total_tax_money": money(1)},
    {"net_amounts": {"total_money": money(1)}}, {"net_amounts": {"tax_money": money(80), "tip_money": money(30)}},
    {"source": {"name": "Online"}},
    {"rounding_adjustment": {"amount_money": money(2)}}, {"location_id": None}, {"line_items": []},
    {"tenders": [tender("P1", 400), tender("P2", 600, "2026-03-16T04:30:00Z")]},
    {"tenders": [tender("P1", 400, card_details={"status": "CAPTURED"})]},
    {"tenders": [tender("P1", 400), tender("P2", 6, card_details={"status": "FAILED"})]}, {"total_money": None},
    {"tenders": [tender("P1", 400) | {"created_at": None, "amount_money": None}]},
    returned(line("Mug", 400)),
]  # fmt: skip


@st.composite
def _line(draw: st.DrawFn, rate: str) -> Json:
    price = draw(st.integers(0, 30_000))
    discount = draw(st.sampled_from([0, 0, 1, 333, price]))
    percent = int(rate) if rate.isdigit() else 3
    is_inside, taxed = rate in ("20", "namesake"), price - draw(st.sampled_from([discount, discount, 0]))
    tax = draw(st.sampled_from([0, share_half_even(taxed, percent, 100 + percent * is_inside), taxed * percent // 100]))
    body = line(draw(st.sampled_from(["Soup", "Mug"])), price, tax=tax, discount=discount, inclusive=is_inside)
    return body | (draw(st.sampled_from(ODDITIES)) if draw(st.integers(0, 5)) == 0 else {})


@st.composite
def _order(draw: st.DrawFn) -> Json:
    rate = draw(st.sampled_from(sorted(TAXES)))
    lines = draw(st.lists(_line(rate), min_size=1, max_size=4))
    known = [{key: value for key, value in each.items() if value is not None} for each in lines]
    filled = [{"total_money": money(0), "total_tax_money": money(0)} | each for each in known]
    body = order(*filled, tax=TAXES[rate], tip=draw(st.sampled_from([0, 150]))) | {"line_items": lines}
    return body | (draw(st.sampled_from(STRANGE)) if draw(st.integers(0, 3)) == 0 else {})


@given(_order())
def test_a_sale_read_lean_is_the_sale_read_in_full_or_is_not_read_at_all(body: Json) -> None:
    lean, full = _both(body, Shop(locations=SHOP.locations, zone="Asia/Tokyo"))
    assert lean is None or lean == full


@pytest.mark.parametrize("rate", sorted(TAXES))
@pytest.mark.parametrize("odd", ODDITIES, ids=json.dumps)
def test_a_line_with_one_oddity_is_read_right_or_in_full(odd: Json, rate: str) -> None:
    is_inside = TAXES[rate]["type"] == "INCLUSIVE"
    sound = [
        line("Soup", 1000, tax=100, inclusive=is_inside),
        line("Mug", 500, tax=50, discount=10, inclusive=is_inside),
    ]
    for at, each in enumerate(sound):
        lines = [*sound[:at], each | odd, *sound[at + 1 :]]
        lean, full = _both(order(*sound, tax=TAXES[rate]) | {"line_items": lines})
        assert lean is None or lean == full


@pytest.mark.parametrize("strange", STRANGE, ids=json.dumps)
def test_an_order_with_one_oddity_is_read_right_or_in_full(strange: Json) -> None:
    lean, full = _both(order(line("Soup", 1000, tax=80), tax=SALES_TAX, tip=30) | strange, Shop(zone="Asia/Tokyo"))
    assert lean is None or lean == full


@pytest.mark.parametrize("tax", [SALES_TAX, TAXES["20"]])
def test_a_reduced_and_taxed_sale_paid_by_two_cards_is_ordinary(tax: Json) -> None:
    is_inside = tax["type"] == "INCLUSIVE"
    goods = [line("Soup", 1000, tax=72, discount=100, inclusive=is_inside), line("Mug", 500)]
    body = order(*goods, tax=tax, tip=200, tenders=[tender("P1", 1000), tender("P2", 672)])
    found = _both(body)
    assert found[0] == found[1]
    assert found[1].problems == ()


def test_a_sale_whose_total_is_off_is_read_in_full() -> None:
    found = _both(order(line("Mug", 500)) | {"total_money": money(501)})
    assert found[0] is None
    assert [problem.code for problem in found[1].problems] == ["S2"]


def test_the_orders_of_a_month_are_the_same_read_lean_read_in_full_and_read_again(tmp_path: Path) -> None:
    assert SOURCE.shop and SOURCE.translate
    records, lean = _month(tmp_path), 0
    shop = SOURCE.shop(records, "")
    for record in (record for record in records if record.stream == "orders"):
        unread = Received(stream=record.stream, source_id=record.source_id, spelled=record.body)
        full = order_fact(read(record.body, Order), shop)
        assert SOURCE.translate(record, shop) == SOURCE.translate(unread, shop) == full
        lean += isinstance(record.record, PlainOrder) and ordinary_fact(record.record, shop) is not None
    assert lean > 200


def _both(body: Json, shop: Shop = SHOP) -> tuple[Fact | None, Fact]:
    """As it is read lean, None where it is not, and as it is read in full."""
    raw = json.dumps(body).encode()
    (received,) = unpack("orders", b'{"orders":[%s]}' % raw)
    lean = ordinary_fact(received.record, shop) if isinstance(received.record, PlainOrder) else None
    return lean, order_fact(read(raw, Order), shop)


def _month(folder: Path) -> list[Received]:
    with Shelf(folder / "square.db") as shelf:
        fill_month(shelf)
        token = OAuthDesk(shelf, oauth_rules(shelf), lambda: NOW).issue_personal_token()
        with serve(square_app(shelf, faults=Faults(), clock=lambda: NOW)) as served:
            access = Access(base_url=served.base_url, external_id=MERCHANT_ID, token=lambda: token, now=lambda: NOW)
            places = [("locations", ""), ("catalog", ""), *(("orders", place) for place in (NEW_YORK, LONDON, TOKYO))]
            return [record for place in places for record in _pulled(access, *place)]


def _pulled(access: Access, stream: str, location: str) -> list[Received]:
    assert SOURCE.pull
    wanted = PullOrder(stream=stream, location=location, position="", now=NOW)
    return [record for page in SOURCE.pull(access, wanted) for record in page.records]
