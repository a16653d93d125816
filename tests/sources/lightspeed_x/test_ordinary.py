"""Ordinary sales are read lean: the same fact as the full reading gives, or none at all."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sources.lightspeed_x.pages import kept_page, unpack
from connector.sources.lightspeed_x.plain import PlainSale
from connector.sources.lightspeed_x.source import SOURCE
from connector.sources.lightspeed_x.translate.ordinary import ordinary_fact
from connector.sources.lightspeed_x.translate.record import translate
from tests.sources.lightspeed_x.building import NOON, SHOP, Json, line, pay, sale, shop

CENT, FIVE = Decimal("0.01"), Decimal("0.00001")
ODD_LINES: list[Json] = [
    {"status": "VOIDED"}, {"status": None}, {"product": None}, {"product": {"id": "?"}}, {"pricing": None},
    {"pricing": {"total": -3}}, {"pricing": {"total": 1, "discount_total": -1}}, {"tax": None}, {"tax": {"total": 9}},
    {"gift_card_number": "6006"}, {"return": {"is_return": True}}, {"return": None}, {"_metadata": None},
    {"_metadata": {"tax_components": []}}, {"_metadata": {"tax_components": [{"rate_id": "R-CITY", "total_tax": 1}]}},
    {"pricing": {"total": "ten"}}, {"pricing": {"total": 1e30}}, {"pricing": {"total": "1.5"}},
    {"pricing": {"total": True}},
]  # fmt: skip
ODD_SALES: list[Json] = [
    {"state": "pending"}, {"state": "voided"}, {"state": "new"}, {"attributes": ["onaccount"]}, {"deleted_at": NOON},
    {"source": None}, {"source": {"type": "SHOPIFY", "outlet_id": "AKL"}}, {"source": {"outlet_id": "?"}},
    {"totals": None}, {"taxes": None}, {"taxes": []}, {"taxes": [{"id": "?", "tax": 1}]}, {"line_items": []},
    {"taxes": [{"id": "R-GST", "tax": 1}, {"id": "R-GST", "tax": 2}]}, {"payments": []}, {"receipt_number": "7"},
    {"adjustments": [{"adjustment_type": "TIP", "total": 5}]}, {"ecom_custom_charges": [{"name": "Post", "total": 5}]},
    {"totals": {"price": 1, "tax": 1, "surcharge": 4}}, {"date": "2026-03-01T00:00:00Z"},
]  # fmt: skip
ODD_PAYMENTS: list[Json] = [
    {"amount": 0}, {"amount": None}, {"amount": "x"}, {"deleted_at": NOON}, {"date": "2026-03-17T00:00:00Z"},
    {"date": "2026-03-14T23:30:00Z"}, {"date": None}, {"type": None}, {"type": {"config_id": "?", "name": "New"}},
    {"source": {"outlet_id": "WLG"}}, {"source": {"outlet_id": "AKL"}},
    {"_metadata": {"register_open_sequence_id": "S9"}},
]  # fmt: skip


@st.composite
def _sale(draw: st.DrawFn) -> Json:
    gross = draw(st.lists(st.integers(0, 90_000), min_size=1, max_size=5))
    nets = [(Decimal(each) / 115).quantize(FIVE, ROUND_HALF_UP) for each in gross]
    taxes = [(net * Decimal("0.15")).quantize(FIVE, ROUND_HALF_UP) for net in nets]
    price = sum(nets, Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    total = Decimal(sum(gross)) / 100
    lines = [_line(draw, net, tax) for net, tax in zip(nets, taxes, strict=True)]
    first = (total / 3).quantize(CENT)
    pays = [pay(float(first)), pay(float(total - first), "P-CARD")]
    body = sale(*lines, price=float(price), tax=float(total - price), pays=pays)
    return body | (draw(st.sampled_from(ODD_SALES)) if draw(st.integers(0, 4)) == 0 else {})


def _line(draw: st.DrawFn, net: Decimal, tax: Decimal) -> Json:
    discount = draw(st.sampled_from([0, 0, 1.5]))
    body = line(draw(st.sampled_from(["MUG", "TEA", "POSTER"])), float(net), float(tax), discount=discount)
    return body | (draw(st.sampled_from(ODD_LINES)) if draw(st.integers(0, 6)) == 0 else {})


@given(_sale())
def test_a_sale_read_lean_is_the_sale_read_in_full_or_is_not_read_at_all(body: Json) -> None:
    _agree(body)


@pytest.mark.parametrize("odd", ODD_LINES, ids=json.dumps)
def test_a_line_with_one_oddity_is_read_right_or_in_full(odd: Json) -> None:
    sound = [line("MUG", 10, 1.5), line("TEA", 5, 0.75, discount=1)]
    for at, each in enumerate(sound):
        _agree(sale(*sound[:at], each | odd, *sound[at + 1 :], price=15, tax=2.25, pays=[pay(17.25)]))


@pytest.mark.parametrize("odd", ODD_SALES, ids=json.dumps)
def test_a_sale_with_one_oddity_is_read_right_or_in_full(odd: Json) -> None:
    _agree(sale(line("MUG", 10, 1.5), price=10, tax=1.5, pays=[pay(11.5)]) | odd)


@pytest.mark.parametrize("odd", ODD_PAYMENTS, ids=json.dumps)
def test_a_payment_with_one_oddity_is_read_right_or_in_full(odd: Json) -> None:
    _agree(sale(line("MUG", 10, 1.5), price=10, tax=1.5, pays=[pay(4), pay(7.5, "P-CARD") | odd]))


@pytest.mark.parametrize(
    "of", [SHOP, shop(payment_types=[]), Shop(zone="Pacific/Auckland")], ids=["all", "few", "none"]
)
def test_a_reduced_sale_paid_by_two_tenders_is_read_lean_where_the_shop_is_known(of: Shop) -> None:
    body = sale(
        line("MUG", 10, 1.5, discount=2), line("MUG", 3.33333, 0.5), price=13.33, tax=2, pays=[pay(5), pay(10.33)]
    )
    lean, full = _both(body, of)
    assert lean == (full if of.locations else None)
    assert lean is None or lean.problems == ()


def test_a_kept_page_gives_its_sales_to_the_byte_and_reads_them_once() -> None:
    bodies = [sale(line("MUG", 10, 1.5), price=10, tax=1.5, pays=[pay(11.5)]) | {"id": name} for name in ("S1", "S2")]
    page = kept_page("sales", [msgspec.Raw(json.dumps(each).encode()) for each in bodies], "")
    found = unpack("sales", page.body)
    assert b'{"data":[%s]}' % b",".join(each.body for each in found) == page.body
    assert all(isinstance(each.record, PlainSale) for each in found)
    assert SOURCE.translate is not None
    assert [SOURCE.translate(each, SHOP) for each in found] == [
        translate("sales", each.source_id, each.body, SHOP) for each in found
    ]


def _agree(body: Json) -> None:
    lean, full = _both(body, SHOP)
    assert lean is None or lean == full


def _both(body: Json, of: Shop) -> tuple[Fact | None, Fact | None]:
    """None for both where the record is not plain; then it is read in full, or refused, as ever."""
    raw = json.dumps(body).encode()
    (received,) = unpack("sales", b'{"data":[%s]}' % raw)
    if not isinstance(received.record, PlainSale):
        return None, None
    lean = ordinary_fact(received.record, of)
    return (lean, translate("sales", "S1", raw, of)) if lean else (None, None)
