"""A summary becomes one fact: what is sold, what is paid, and what is held for a person."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connector.domain.facts import UNKNOWN
from connector.domain.sales import NoSale, Receipt
from connector.errors import Broken
from tests.sources.dash.building import Json, delivered, fact, payment, plain, problems, product, summary, sums, tax


def test_a_closed_day_is_its_sales_and_its_payments() -> None:
    found = fact(plain())
    assert sums(found) == {("sale", "Food"): 10000, ("tax", "HST 13%"): 1300, ("tender", "cash"): 11300}
    assert (found.source_id, found.location, found.business_day) == ("L1/2026-03-30", "L1", date(2026, 3, 30))
    assert found.about == Receipt(receipt_id="L1/2026-03-30")
    assert found.problems == ()


def test_the_business_date_is_the_sources_whatever_hour_the_day_was_closed_at() -> None:
    late = fact(plain(closed_at="2026-03-31T03:30:00-04:00"))
    assert late.business_day == date(2026, 3, 30)
    assert late.occurred_at == datetime(2026, 3, 31, 7, 30, tzinfo=UTC)
    assert fact(plain()).occurred_at.date() == date(2026, 3, 30)


def test_an_open_day_holds_no_money_and_says_so() -> None:
    found = fact(plain(closed=False))
    assert found.buckets == ()
    assert isinstance(found.about, NoSale)
    assert "still open" in found.about.reason


def test_a_superseded_revision_holds_no_money_and_is_a_record_beside_the_day() -> None:
    found = fact(plain(superseded_by=3))
    assert (found.source_id, found.buckets) == ("L1/2026-03-30#1", ())
    assert isinstance(found.about, NoSale)
    assert found.about.reason == "revision 1 of the day is superseded by revision 3"


def test_products_are_grouped_by_category_and_else_by_their_name() -> None:
    body = summary([product("Pie", "10.00", category=""), product("Tea", "5.00", category="Drinks")])
    assert sums(fact(body)) == {("sale", "Pie"): 1000, ("sale", "Drinks"): 500}


def test_tips_charges_gift_cards_and_rounding_are_pieces_of_their_own() -> None:
    extra: Json = {"tips": "5.00", "service_charges": "2.00", "rounding": "-0.02", "gift_cards": {"sold": "20.00"}}
    found = fact(summary([product("Food", "10.00")], [], [payment("cash", "36.98")], **extra))
    assert found.problems == ()
    assert sums(found) == {
        ("sale", "Food"): 1000, ("tip", ""): 500, ("service_charge", ""): 200, ("rounding", ""): -2,
        ("gift_card", ""): 2000, ("tender", "cash"): 3698,
    }  # fmt: skip


def test_a_return_is_taken_from_returns_and_from_the_payment_that_gave_it_back() -> None:
    body = summary(
        [product("Food", "80.00", gross="100.00", discount="0.00", refunded="20.00")],
        [tax("10.40", taxable="80.00", refunded="2.60")],
        [payment("credit_card", "113.00"), payment("cash", "-22.60", refunded="22.60")],
    )
    found = fact(body)
    assert found.problems == ()
    assert sums(found) == {
        ("sale", "Food"): 10000, ("refund", "Food"): -2000, ("tax", "HST 13%"): 1300, ("refund_tax", "HST 13%"): -260,
        ("tender", "credit_card"): 11300, ("refund_tender", "cash"): -2260,
    }  # fmt: skip


def test_a_tax_that_the_provider_remits_reaches_neither_clearing_nor_tax() -> None:
    found = fact(delivered("50.00", tax="4.00", tax_remitted_by="provider"))
    assert found.problems == ()
    assert sums(found)["tender", "delivery_provider"] == 5000
    assert {code for kind, code in sums(found) if kind == "tax"} == {"HST 13%"}
    assert "Remitted by Swift Bites" in {bucket.key.tax_code for bucket in found.buckets}


def test_a_tax_of_a_delivery_that_the_merchant_remits_is_paid_by_the_provider_and_owed() -> None:
    found = fact(delivered("54.00", tax="4.00", tax_remitted_by="merchant"))
    assert found.problems == ()
    assert sums(found)["tax", "Tax through Swift Bites"] == 400
    named = fact(delivered("56.50", tax="6.50", tax_remitted_by="merchant", tax_id="hst"))
    assert sums(named)["tax", "HST 13%"] == 1950


@pytest.mark.parametrize("paid", ["50.00", "54.00"])
@pytest.mark.parametrize("remitter", [{}, {"tax_remitted_by": None}, {"tax_remitted_by": "the state"}])
def test_a_tax_without_a_remitter_is_held_whether_it_is_in_the_payment_or_not(paid: str, remitter: Json) -> None:
    found = fact(delivered(paid, tax="4.00", **remitter))
    assert found.problems == ()
    assert sums(found)[UNKNOWN, "Tax through Swift Bites, remitter not told"] == 400


def test_no_tax_asks_for_no_remitter() -> None:
    found = fact(delivered("50.00", tax="0.00"))
    assert found.problems == ()
    assert UNKNOWN not in {bucket.key.kind for bucket in found.buckets}


def test_a_commission_is_a_cost_and_so_much_less_is_owed() -> None:
    found = fact(delivered("50.00", tax_remitted_by="provider", commission="12.50"))
    assert found.problems == ()
    assert sums(found)["commission", "Swift Bites"] == -1250
    assert sums(found)["tender", "delivery_provider"] == 3750


def test_tips_of_a_delivery_are_among_the_tips_of_the_day() -> None:
    body = delivered("53.00", tax_remitted_by="provider", tips="3.00") | {"tips": "3.00"}
    assert problems(body) == []
    assert sums(fact(body))["tip", ""] == 300


@pytest.mark.parametrize("deducted", [True, None])
def test_a_fee_that_was_deducted_stands_beside_the_sales(deducted: bool | None) -> None:
    body = plain(fees=[{"name": "Terminal", "amount": "3.00", "deducted": deducted}])
    body["payments"] = [payment("credit_card", "110.00")]
    assert problems(body) == []
    assert sums(fact(body))["fee_deducted", "Terminal"] == -300


@pytest.mark.parametrize("deducted", [False, None])
def test_a_fee_that_was_not_deducted_is_taken_from_clearing_on_its_own(deducted: bool | None) -> None:
    body = plain(fees=[{"name": "Terminal", "amount": "3.00", "deducted": deducted}])
    assert problems(body) == []
    assert sums(fact(body))["fee", "Terminal"] == -300


def test_a_paid_out_told_as_one_sum_is_in_the_cash_or_was_taken_from_it() -> None:
    assert sums(fact(plain(paid_out="10.00")))["paid_out", ""] == -1000
    less = plain(paid_out="10.00") | {"payments": [payment("cash", "103.00")]}
    assert problems(less) == []
    assert sums(fact(less))["paid_out_deducted", ""] == -1000


def test_paid_outs_told_one_by_one_are_each_by_their_name() -> None:
    rows = [{"name": "Milk", "amount": "4.00"}, {"paid_out_id": "7", "amount": "6.00"}]
    found = sums(fact(plain(paid_outs=rows, paid_out="10.00")))
    assert (found["paid_out", "Milk"], found["paid_out", "7"]) == (-400, -600)


@pytest.mark.parametrize(
    ("extra", "code"),
    [({"contract": "dash-daily-summary/2"}, "contract"), ({"currency": "EUR"}, "currency")],
)
def test_another_contract_or_currency_holds_the_day(extra: Json, code: str) -> None:
    assert [found for found, _ in problems(plain(**extra))] == [code]


@pytest.mark.parametrize(
    "bent", [{"revision": 0}, {"business_date": "30.03.2026"}, {"location": {}}, {"closed": "yes"}]
)
def test_a_summary_that_does_not_say_which_day_it_tells_is_broken(bent: Json) -> None:
    with pytest.raises(Broken):
        fact(plain() | bent)


@pytest.mark.parametrize(
    "bent", [{"tips": 5}, {"tips": 5.25}, {"tips": "5,25"}, {"tips": "5.255"}, {"products": [{"product": "Pie"}]}]
)
def test_an_amount_that_is_none_holds_its_day(bent: Json) -> None:
    assert "no_amount" in [code for code, _ in problems(plain() | bent)]
