"""Drawers, fees, and the daily reports that our sums must meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from connector.domain.sales import Charge, DayTotals, NoSale, RegisterClosure
from connector.sources.lightspeed.pages import day_report, received_as
from connector.sources.lightspeed.translate.shops import read_shop
from tests.sources.lightspeed.building import CARD, CASH, GIFT, NOON, REFERENCE, SHOP, TRUCK, Json, codes, fact, sums


def count(*amounts: tuple[Json, str, str], register: str = "5") -> Json:
    parts = [
        {"paymentTypeID": kind["paymentTypeID"], "PaymentType": kind, "calculated": due, "actual": found}
        for kind, due, found in amounts
    ]
    inner = {"RegisterCountAmount": parts if len(parts) != 1 else parts[0]}
    return {"registerCountID": "3", "createTime": NOON, "registerID": register, "RegisterCountAmounts": inner}


def test_a_drawer_fifty_cents_short_is_over_short_apart_from_rounding() -> None:
    found = fact("register_counts", count((CASH, "218.26", "217.76")))
    assert isinstance(found.about, RegisterClosure)
    assert (found.about.expected, found.about.counted) == (21826, 21776)
    assert (found.location, found.business_day) == ("1", date(2026, 3, 15))
    assert sums(found) == {("over_short", "cash"): -50}


def test_a_count_tells_what_should_have_been_there_of_every_payment_type_but_cash() -> None:
    found = fact("register_counts", count((CASH, "218.26", "217.76"), (CARD, "87.54", "0"), (GIFT, "-50", "0")))
    assert isinstance(found.about, RegisterClosure)
    assert found.about.till
    assert (found.about.till.register, found.about.till.opened_at, found.about.till.holds) == ("5", None, False)
    assert found.about.till.totals == (("tender+refund_tender", "credit card", 8754),)


def test_what_was_not_counted_is_neither_over_nor_short() -> None:
    found = fact("register_counts", count((CASH, "10", "10"), (CARD, "87.54", "0"), (GIFT, "-50", "0")))
    assert sums(found) == {}
    assert sums(fact("register_counts", count((CARD, "87.54", "90")))) == {("over_short", "credit card"): 246}


def test_a_drawer_closed_with_nothing_in_it_asks_whether_it_was_counted() -> None:
    assert sums(fact("register_counts", count((CASH, "218.26", "0")))) == {("uncounted", "cash"): -21826}


def test_a_miscount_of_a_type_of_their_own_has_no_counter_account_and_waits() -> None:
    found = fact("register_counts", count((TRUCK, "20", "19")))
    assert sums(found) == {("over_short", "Food Truck"): -100}


def test_a_register_of_one_shop_alone_is_that_shops_and_of_several_a_problem() -> None:
    assert fact("register_counts", count((CASH, "1", "1"), register="8")).location == "1"
    second: Json = {"shopID": "2", "name": "Pier", "timeZone": "US/Pacific"}
    reference = [*REFERENCE, ("shops", second)]
    two = read_shop([(stream, received_as(stream, body).body) for stream, body in reference], "")
    found = fact("register_counts", count((CASH, "1", "1"), register="8"), two)
    assert codes(found.problems) == [("register_unknown", 0)]


def withdraw(amount: str, kind: Json = CASH) -> Json:
    return {
        "registerWithdrawID": "2",
        "amount": amount,
        "createTime": NOON,
        "registerID": "5",
        "paymentTypeID": kind["paymentTypeID"],
        "PaymentType": kind,
        "notes": "for the baker",
    }


def test_cash_paid_out_leaves_the_drawer_and_an_opening_float_stays_in_the_house() -> None:
    out = fact("register_withdraws", withdraw("-20"))
    assert (out.about, sums(out)) == (Charge(charge_id="2"), {("paid_out", "cash"): -2000})
    opened = fact("register_withdraws", withdraw("150"))
    assert isinstance(opened.about, NoSale)
    assert "150.00 USD put into the drawer" in opened.about.reason
    assert opened.buckets == ()


def test_something_else_than_cash_taken_out_of_a_drawer_is_unknown() -> None:
    assert sums(fact("register_withdraws", withdraw("-20", CARD))) == {("unknown", "paid out: credit card"): -2000}


def test_a_fee_is_its_six_amounts_on_the_day_it_was_processed() -> None:
    fee: Json = {
        "salePaymentProcessingFeeID": "6",
        "salePaymentID": "1",
        "amount": "151.89",
        "fixedFee": "0.01",
        "variableFee": "0.39",
        "variablePercent": "0.26",
        "interchangeFeesFixedFee": "0.2",
        "interchangeFeesVariableFee": "0.12",
        "schemeFeesFixedFee": "0.33",
        "schemeFeesVariableFee": "0.56",
        "processingTime": "2025-11-28T03:57:02+00:00",
        "createTime": "2025-11-28T18:31:53+00:00",
    }
    found = fact("processing_fees", fee)
    assert (found.about, sums(found)) == (Charge(charge_id="6", about="1"), {("fee", "Processing fees"): -161})
    assert (found.location, found.business_day) == ("1", date(2025, 11, 27))


def report(stream: str, *rows: Json) -> Json:
    return day_report(stream, "1", date(2026, 3, 15), rows)


def test_payments_of_the_day_are_compared_by_type_also_those_that_had_none() -> None:
    rows: list[Json] = [{"paymentTypeID": "1", "amount": "108.5"}, {"paymentTypeID": "5", "amount": "-50.00"}]
    found = fact("payments_by_day", report("payments_by_day", *rows))
    wanted = (("tender+refund_tender", "Food Truck", 0), ("tender+refund_tender", "cash", 10850))
    assert found.about == DayTotals(report="report PaymentsByDay", totals=wanted, covers=())
    assert (found.location, found.business_day, found.buckets) == ("1", date(2026, 3, 15), ())


@pytest.mark.parametrize(
    ("stream", "rows", "total"),
    [
        ("taxes_by_day", [{"tax": "65.00"}, {"tax": "1.5"}], ("tax+refund_tax+exchange_tax", "*", 6650)),
        ("discounts_by_day", [{"discount": "4.8"}], ("discount+refund_discount+exchange_discount", "*", -480)),
        (
            "sales_by_day",
            [{"taxClassID": "1", "subtotal": "150.24"}],
            ("sale+item_fee+refund+refund_item_fee+exchange_return+exchange_item_fee", "*", 15024),
        ),
    ],
)
def test_the_other_reports_are_compared_in_one_sum(stream: str, rows: list[Json], total: tuple[str, str, int]) -> None:
    about = fact(stream, report(stream, *rows)).about
    assert isinstance(about, DayTotals)
    assert about.totals == (total,)


def test_a_report_from_midnight_to_midnight_is_not_compared_with_a_day_that_ends_at_four() -> None:
    late = replace(SHOP.locations["1"], closes_at=4)
    night = replace(SHOP, locations={**SHOP.locations, "1": late})
    about = fact("taxes_by_day", report("taxes_by_day", {"tax": "1"}), night).about
    assert isinstance(about, NoSale)
    assert "midnight" in about.reason


def test_discounts_of_prices_that_hold_the_tax_are_not_compared() -> None:
    inside = replace(SHOP, categories={**SHOP.categories, "tax category/9": "inclusive\nVAT\n"})
    assert isinstance(fact("discounts_by_day", report("discounts_by_day", {"discount": "1"}), inside).about, NoSale)
    assert isinstance(fact("taxes_by_day", report("taxes_by_day", {"tax": "1"}), inside).about, DayTotals)
