"""Ordinary sales are read lean: the same fact as the full reading gives, or none at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sources.lightspeed.pages import kept_page, unpack
from connector.sources.lightspeed.plain import PlainSale
from connector.sources.lightspeed.records import Sale, read
from connector.sources.lightspeed.source import SOURCE
from connector.sources.lightspeed.translate.ordinary import ordinary_fact
from connector.sources.lightspeed.translate.sales import sale_fact
from tests.sources.lightspeed.building import ACCOUNT, CARD, CASH, GIFT, NOON, SHOP, TRUCK, YEN, Json, line, pay, sale

RATES = ["0", "0.05", "0.08875", "0.09975"]
ODD_LINES: list[Json] = [
    {"itemID": "0"}, {"itemID": "7", "Item": {"categoryID": "3"}}, {"Item": {"categoryID": "0"}}, {"itemFeeID": "9"},
    {"lineType": "item_fee"}, {"unitQuantity": "-1"}, {"tax": "false"}, {"tax1Rate": "0"}, {"calcTotal": "1.23"},
    {"calcSubtotal": "0"}, {"calcSubtotal": "9.995"}, {"calcTax1": "0.0012345"}, {"calcLineDiscount": "3.335"},
    {"avgCost": "1.5"}, {"avgCost": ""}, {"calcTax2": "1"}, {"calcTransactionDiscount": "0.5"},
]  # fmt: skip
ODD_SALES: list[Json] = [
    {"completed": "false"}, {"voided": "true"}, {"archived": "true"}, {"isTaxInclusive": "true"}, {"shopID": "0"},
    {"completeTime": "", "createTime": NOON}, {"calcTotal": "1"}, {"calcTax1": "0.01"},
    {"calcAvgCost": "7"}, {"calcAvgCost": "0"},
    {"calcPayments": "1"}, {"calcTips": "1"}, {"balance": "1"}, {"balance": "0"}, {"registerID": "0"},
    {"registerID": "5"}, {"TaxCategory": ""}, {"taxCategoryID": "1", "TaxCategory": ""}, {"SalePayments": ""},
    {"SaleLines": ""}, {"total": "0"}, {"total": "1234567890123456"}, {"calcSubtotal": "0.1 "}, {"customerID": "8"},
]  # fmt: skip
ODD_PAYMENTS: list[Json] = [
    {"archived": "true"}, {"amount": "0"}, {"amount": "-1"}, {"amount": "1.005"}, {"tipAmount": "1"},
    {"creditAccountID": "4"}, {"paymentTypeID": "77", "PaymentType": ""}, {"PaymentType": {"type": "barter"}},
    {"SaleAccounts": {"SaleAccount": {"creditAccountID": "4"}}},
]  # fmt: skip


@st.composite
def _line(draw: st.DrawFn) -> Json:
    cents = draw(st.integers(0, 30_000))
    off = draw(st.sampled_from([0, 0, cents // 10, cents]))
    quantity = draw(st.sampled_from([1, 1, 1, 2, -1]))
    rates = draw(st.sampled_from(RATES)), draw(st.sampled_from(RATES))
    body = line(_decimal(cents), quantity, discount=_decimal(off * quantity), rates=rates)
    return body | (draw(st.sampled_from(ODD_LINES)) if draw(st.integers(0, 5)) == 0 else {})


@st.composite
def _sale(draw: st.DrawFn) -> Json:
    body = sale(*draw(st.lists(_line(), min_size=1, max_size=4)))
    return body | (draw(st.sampled_from(ODD_SALES)) if draw(st.integers(0, 4)) == 0 else {})


@given(_sale(), st.sampled_from([SHOP, YEN]))
def test_a_sale_read_lean_is_the_sale_read_in_full_or_is_not_read_at_all(body: Json, shop: Shop) -> None:
    lean, full = _both(body, shop)
    assert lean is None or lean == full


@pytest.mark.parametrize("odd", ODD_LINES, ids=json.dumps)
def test_a_line_with_one_oddity_is_read_right_or_in_full(odd: Json) -> None:
    sound = [line("10", rates=("0.05", "0")), line("5", discount="1", rates=("0.05", "0.09975"))]
    for at, each in enumerate(sound):
        lean, full = _both(sale(*sound[:at], each | odd, *sound[at + 1 :]))
        assert lean is None or lean == full


@pytest.mark.parametrize("odd", ODD_SALES, ids=json.dumps)
def test_a_sale_with_one_oddity_is_read_right_or_in_full(odd: Json) -> None:
    lean, full = _both(sale(line("10", rates=("0.05", "0"))) | odd)
    assert lean is None or lean == full


@pytest.mark.parametrize("odd", ODD_PAYMENTS, ids=json.dumps)
def test_a_payment_with_one_oddity_is_read_right_or_in_full(odd: Json) -> None:
    lean, full = _both(sale(line("10"), pays=[pay("4"), pay("6", CARD) | odd]))
    assert lean is None or lean == full


@pytest.mark.parametrize("kind", [CASH, CARD, GIFT, ACCOUNT, TRUCK], ids=lambda kind: str(kind["name"]))
def test_a_reduced_sale_with_two_taxes_and_a_tip_is_ordinary(kind: Json) -> None:
    goods = [line("10", discount="1", rates=("0.05", "0.09975")), line("3.33", rates=("0.05", "0.09975")), line("0")]
    lean, full = _both(sale(*goods, pays=[pay("5", kind), pay("9.18", kind)]))
    assert lean is None or lean == full
    lean, full = _both(sale(*goods))
    assert lean == full
    assert full.problems == ()


def test_a_kept_page_gives_its_sales_to_the_byte_and_reads_them_once() -> None:
    bodies = [sale(line("10")) | {"saleID": "1"}, sale(line("5"), line("3")) | {"saleID": "2"}]
    page = kept_page("sales", bodies, "")
    found = unpack("sales", page.body)
    assert [each.body for each in found] == [each.body for each in page.records]
    assert all(isinstance(each.record, PlainSale) for each in found)
    assert SOURCE.translate is not None
    assert [SOURCE.translate(each, SHOP) for each in found] == [SOURCE.translate(each, SHOP) for each in page.records]


def test_a_page_with_a_sale_of_another_shape_gives_the_others_as_they_are() -> None:
    page = (
        b'{"Sale":[%s,{"saleID":"9","completeTime":"yesterday"}]}'
        % kept_page("sales", [sale(line("1"))], "").body[9:-2]
    )
    found = unpack("sales", page)
    assert len(found) == 2
    assert SOURCE.translate is not None
    assert SOURCE.translate(found[0], SHOP).problems == ()


def _both(body: Json, shop: Shop = SHOP) -> tuple[Fact | None, Fact]:
    (received,) = unpack("sales", kept_page("sales", [body], "").body)
    assert isinstance(received.record, PlainSale)
    return ordinary_fact(received.record, shop), sale_fact(read(received.body, Sale), shop)


def _decimal(cents: int) -> str:
    sign, size = "-" if cents < 0 else "", abs(cents)
    return f"{sign}{size // 100}.{size % 100:02d}"
