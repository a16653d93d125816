"""What must add up in a summary: each failure holds the day, with its difference."""

from __future__ import annotations

import pytest

from tests.sources.dash.building import Json, delivered, fact, payment, plain, problems, product, summary, tax


@pytest.mark.parametrize(("paid", "off"), [("113.01", -1), ("112.90", 10), ("0.00", 11300)])
def test_a_day_that_sold_more_or_less_than_was_paid_is_held(paid: str, off: int) -> None:
    body = plain() | {"payments": [payment("cash", paid)]}
    assert problems(body) == [("D1", off)]


def test_fees_explain_a_difference_only_all_together_and_to_the_cent() -> None:
    fees = [{"name": "A", "amount": "2.00"}, {"name": "B", "amount": "3.00"}]
    assert problems(plain(fees=fees) | {"payments": [payment("cash", "108.00")]}) == []
    assert problems(plain(fees=fees) | {"payments": [payment("cash", "111.00")]}) == [("D1", 200)]
    assert problems(plain(fees=fees) | {"payments": [payment("cash", "108.01")]}) == [("D1", 499)]


def test_a_fee_that_is_said_to_be_deducted_and_was_not_is_held() -> None:
    assert problems(plain(fees=[{"name": "A", "amount": "2.00", "deducted": True}])) == [("D1", -200)]


def test_gift_cards_redeemed_are_the_payments_by_gift_card() -> None:
    paid = [payment("cash", "93.00"), payment("gift_card", "20.00")]
    assert problems(plain(gift_cards={"redeemed": "20.00"}) | {"payments": paid}) == []
    assert problems(plain(gift_cards={"redeemed": "25.00"}) | {"payments": paid}) == [("D2", 500)]
    assert problems(plain(gift_cards={"sold": "0.00"}) | {"payments": paid}) == []


def test_a_product_is_its_gross_less_discount_and_returns() -> None:
    bent = product("Food", "100.00", gross="110.00", discount="5.00")
    body = plain() | {"products": [bent]}
    assert ("D3", 500) in problems(body)


def test_a_provider_pays_its_sales_its_tips_and_the_tax_it_does_not_remit() -> None:
    body = delivered("49.00", tax_remitted_by="provider")
    assert problems(body) == [("D1", 100), ("D4", -100)]


def test_one_provider_alone_need_not_be_named_by_its_payment() -> None:
    body = delivered("50.00", tax_remitted_by="provider")
    body["payments"] = [payment("cash", "113.00"), payment("delivery_provider", "50.00")]
    assert problems(body) == []


def test_the_products_sold_through_a_provider_are_its_net_sales() -> None:
    body = delivered("50.00", tax_remitted_by="provider")
    body["products"] = [product("Food", "110.00"), product("Food", "40.00", provider="Swift Bites")]
    assert problems(body) == [("D7", 1000)]


def test_what_came_back_is_what_was_paid_back() -> None:
    back: Json = {"gross": "100.00", "refunded": "20.00"}
    body = summary([product("Food", "80.00", **back)], [], [payment("cash", "80.00", refunded="15.00")])
    assert problems(body) == [("D5", 500)]


def test_the_sum_of_the_paid_outs_is_the_total_paid_out() -> None:
    assert problems(plain(paid_out="10.00", paid_outs=[{"amount": "9.00"}])) == [("D6", 100)]


def test_a_tax_that_its_rate_does_not_give_is_no_problem() -> None:
    body = summary([product("Food", "100.00")], [tax("9.99", taxable="100.00")], [payment("cash", "109.99")])
    assert problems(body) == []


def test_a_problem_names_the_day_and_the_amount() -> None:
    (problem,) = fact(plain() | {"payments": [payment("cash", "100.00")]}).problems
    assert problem.message == "L1/2026-03-30: what was sold and what was paid differ by 13.00 CAD."
