"""A shift becomes the register closure: counted, expected, and what was put in or taken out."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connector.domain.facts import UNKNOWN
from connector.domain.sales import NoSale, RegisterClosure, TillCount
from tests.sources.loyverse.building import codes, fact, shift, sums

EITHER = "tender or tender+refund_tender"


def test_a_drawer_as_expected_has_no_money_to_book() -> None:
    found = fact("shifts", shift())
    assert isinstance(found.about, RegisterClosure)
    assert (found.about.expected, found.about.counted) == (16800, 16800)
    assert (found.buckets, found.problems) == ((), ())


def test_a_shift_tells_what_its_till_took_cash_apart_from_cash_given_back() -> None:
    payments = [{"payment_type_id": "P-CASH", "money_amount": 80.0}]
    found = fact("shifts", shift(payments=payments, pos_device_id="TILL-1"))
    assert isinstance(found.about, RegisterClosure)
    assert found.about.till == TillCount(
        report="shift",
        register="TILL-1",
        opened_at=datetime(2026, 3, 15, 13, tzinfo=UTC),
        closed_at=datetime(2026, 3, 16, 2, 30, tzinfo=UTC),
        totals=(("tender", "CASH", 8000), ("refund_tender", "CASH", -1200),
                (EITHER, "CARD", 0), (EITHER, "*", 0)),
        holds=True,
    )  # fmt: skip


def test_a_shift_with_a_way_to_pay_that_is_not_listed_is_compared_in_cash_only() -> None:
    found = fact("shifts", shift(payments=[{"payment_type_id": "P-GONE", "money_amount": 5.0}]))
    assert isinstance(found.about, RegisterClosure)
    assert found.about.till
    assert {code for _, code, _ in found.about.till.totals} == {"CASH"}


@pytest.mark.parametrize(("counted", "over"), [(170.5, 250), (160.0, -800)])
def test_over_and_short_are_counted_less_expected(counted: float, over: int) -> None:
    assert sums(fact("shifts", shift(actual_cash=counted))) == {("over_short", "Cash drawer"): over}


def test_a_shift_falls_on_the_stores_day_of_its_closing() -> None:
    assert fact("shifts", shift()).business_day == date(2026, 3, 15)  # 22:30 in New York


def test_a_shift_that_is_open_holds_no_money_yet() -> None:
    found = fact("shifts", shift(closed_at=None, actual_cash=None))
    assert found.about == NoSale(record_id="S1", reason="the shift is still open")


@pytest.mark.parametrize(("put_in", "taken"), [("PAY_IN", "PAY_OUT"), ("PAID_IN", "PAID_OUT")])
def test_paid_in_and_paid_out_are_read_in_both_spellings(put_in: str, taken: str) -> None:
    moves = [{"type": put_in, "money_amount": 20.0}, {"type": taken, "money_amount": 15.0, "comment": "Taxi"}]
    body = shift(cash_movements=moves, paid_in=20.0, paid_out=15.0, expected_cash=173.0, actual_cash=173.0)
    found = fact("shifts", body)
    assert sums(found) == {("paid_in", "Paid in"): 2000, ("paid_out", "Paid out"): -1500}
    assert found.problems == ()


def test_without_a_list_of_movements_their_sums_are_taken() -> None:
    found = fact("shifts", shift(paid_out=15.0, expected_cash=153.0, actual_cash=153.0, cash_movements=None))
    assert sums(found) == {("paid_out", "Paid out"): -1500}


def test_a_movement_of_an_unknown_type_waits_for_a_decision() -> None:
    moves = [{"type": "SAFE_DROP", "money_amount": 50.0}]
    found = fact("shifts", shift(cash_movements=moves))
    assert sums(found) == {(UNKNOWN, "cash movement SAFE_DROP"): 5000}


def test_movements_that_do_not_sum_to_what_the_shift_says_hold_the_day() -> None:
    moves = [{"type": "PAY_OUT", "money_amount": 15.0}]
    found = fact("shifts", shift(cash_movements=moves, paid_out=16.0, expected_cash=152.0, actual_cash=152.0))
    assert codes(found.problems) == [("L6", 100)]


def test_expected_cash_and_net_sales_must_add_up() -> None:
    assert codes(fact("shifts", shift(expected_cash=170.0)).problems) == [("L6", 200)]
    assert codes(fact("shifts", shift(net_sales=129.0)).problems) == [("L6", -100)]


def test_a_closed_shift_without_a_count_holds_the_day() -> None:
    found = fact("shifts", shift(actual_cash=None))
    assert "says not what was expected" in found.problems[0].message


@pytest.mark.parametrize("shown", [80.0, 68.0])
def test_cash_by_payment_type_may_be_before_or_after_refunds(shown: float) -> None:
    payments = [{"payment_type_id": "P-CASH", "money_amount": shown}]
    assert fact("shifts", shift(payments=payments)).problems == ()


def test_cash_by_payment_type_that_is_neither_holds_the_day() -> None:
    payments = [{"payment_type_id": "P-CASH", "money_amount": 70.0}]
    assert codes(fact("shifts", shift(payments=payments)).problems) == [("L7", 200)]


def test_a_payment_type_that_is_not_known_is_not_taken_for_cash() -> None:
    payments = [{"payment_type_id": "P-OTHER", "money_amount": 1.0}]
    assert fact("shifts", shift(payments=payments)).problems == ()


def test_an_amount_of_a_shift_with_too_many_decimals_is_not_rounded_in_silence() -> None:
    assert ("decimals", 0) in codes(fact("shifts", shift(starting_cash=100.001)).problems)
