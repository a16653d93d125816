"""Tenders and refund tenders: how money came in and went back."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.facts import UNKNOWN
from connector.domain.sales import NoSale, Refund, Tender
from tests.sources.square.building import Json, codes, fact, money, payment, refund, sums

GIFT_CARD: Json = {"card_details": {"card": {"card_brand": "SQUARE_GIFT_CARD"}}}


def test_a_card_payment_is_money_received_tip_included() -> None:
    found = fact("payments", payment(1000, tip_money=money(200), total_money=money(1200), refunded_money=money(300)))
    assert sums(found) == {("tender", "CARD"): 1200}
    assert found.about == Tender(tender_id="PAYMENT", sale_id="ORDER", amount=1200, refunded=300)
    assert (found.business_day, found.problems) == (date(2026, 3, 15), ())


def test_fees_are_not_taken_from_the_payment() -> None:
    fee = {"type": "INITIAL", "amount_money": money(36)}
    assert sums(fact("payments", payment(1000, processing_fee=[fee]))) == {("tender", "CARD"): 1000}


@pytest.mark.parametrize("source", ["CASH", "WALLET", "BUY_NOW_PAY_LATER", "BANK_ACCOUNT", "SQUARE_ACCOUNT"])
def test_each_way_to_pay_has_its_code(source: str) -> None:
    assert sums(fact("payments", payment(1000, source_type=source))) == {("tender", source): 1000}


def test_a_square_gift_card_is_told_from_a_card_by_its_brand() -> None:
    assert sums(fact("payments", payment(2500) | GIFT_CARD)) == {("tender", "SQUARE_GIFT_CARD"): 2500}


def test_a_cheque_is_an_outside_tender_of_its_type() -> None:
    cheque = payment(2000, source_type="EXTERNAL", external_details={"type": "CHECK", "source": "Paper"})
    assert sums(fact("payments", cheque)) == {("tender", "EXTERNAL:CHECK"): 2000}


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ({"source_type": "SEASHELLS"}, "SEASHELLS"),
        ({"source_type": None}, "payment type not stated"),
        ({"source_type": "EXTERNAL", "external_details": {"type": "BARTER"}}, "EXTERNAL:BARTER"),
    ],
)
def test_a_way_to_pay_that_we_do_not_know_is_shown_as_unknown(extra: Json, code: str) -> None:
    assert sums(fact("payments", payment(1000) | extra)) == {(UNKNOWN, code): 1000}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("APPROVED", "approved, but not captured"),
        ("PENDING", "still pending"),
        ("CANCELED", "cancelled"),
        ("FAILED", "failed"),
    ],
)
def test_a_payment_that_is_not_completed_is_no_money(status: str, reason: str) -> None:
    found = fact("payments", payment(1000, status=status))
    assert found.about == NoSale(record_id="PAYMENT", reason=reason)
    assert (found.buckets, found.problems) == ((), ())


def test_a_payment_of_an_unknown_status_is_no_money_and_a_problem() -> None:
    found = fact("payments", payment(1000, status="LIMBO"))
    assert codes(found.problems) == [("unknown_status", 0)]
    assert found.buckets == ()


def test_an_offline_payment_counts_when_the_till_took_it() -> None:
    late = payment(1000, offline_payment_details={"client_created_at": "2026-03-13T17:00:00Z"})
    assert fact("payments", late).business_day == date(2026, 3, 13)


def test_a_total_that_is_not_amount_and_tip_names_the_identity_and_the_difference() -> None:
    found = fact("payments", payment(1000, tip_money=money(100), total_money=money(1150)))
    assert codes(found.problems) == [("S8", 50)]


def test_a_refund_is_money_given_back_where_it_went() -> None:
    found = fact("refunds", refund(1620, created_at="2026-03-16T03:00:00Z"))
    assert sums(found) == {("refund_tender", "CARD"): -1620}
    assert found.about == Refund(refund_id="REFUND", sale_id="RETURN", tender_id="PAYMENT", amount=1620)
    assert found.business_day == date(2026, 3, 15)


def test_a_refund_in_cash_of_a_card_sale_is_taken_from_cash() -> None:
    assert sums(fact("refunds", refund(4800, destination_type="CASH"))) == {("refund_tender", "CASH"): -4800}


def test_a_refund_to_a_gift_card_and_to_an_outside_tender_keep_their_codes() -> None:
    to_card = fact("refunds", refund(1000, destination_details=GIFT_CARD))
    outside: Json = {"external_details": {"type": "CHECK"}}
    to_cheque = fact("refunds", refund(1000, destination_type="EXTERNAL", destination_details=outside))
    assert sums(to_card) == {("refund_tender", "SQUARE_GIFT_CARD"): -1000}
    assert sums(to_cheque) == {("refund_tender", "EXTERNAL:CHECK"): -1000}


def test_a_refund_that_does_not_say_where_it_went_is_unknown() -> None:
    found = fact("refunds", refund(1000, destination_type=None))
    assert sums(found) == {(UNKNOWN, "refund destination not stated"): -1000}


def test_an_unlinked_refund_names_no_payment() -> None:
    found = fact("refunds", refund(1000, unlinked=True, payment_id=None))
    assert found.about == Refund(refund_id="REFUND", sale_id="RETURN", tender_id="", amount=1000)


@pytest.mark.parametrize("status", ["PENDING", "FAILED", "REJECTED"])
def test_a_refund_that_is_not_completed_is_no_money(status: str) -> None:
    found = fact("refunds", refund(1000, status=status))
    assert isinstance(found.about, NoSale)
    assert (found.buckets, found.problems) == ((), ())


def test_a_refund_of_an_unknown_status_is_no_money_and_a_problem() -> None:
    assert codes(fact("refunds", refund(1000, status="LIMBO")).problems) == [("unknown_status", 0)]
