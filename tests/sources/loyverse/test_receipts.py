"""A receipt becomes the sale and the money it brought, decision by decision."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.facts import UNKNOWN
from connector.domain.sales import NoSale, Receipt
from connector.domain.shop import Location, Shop
from connector.errors import Broken, Unreadable
from tests.sources.loyverse.building import (
    INSIDE,
    NOON,
    ON_TOP,
    SHOP,
    Json,
    codes,
    discount,
    fact,
    line,
    pay,
    receipt,
    sides,
    sums,
    taxed,
    with_tax,
)


def test_a_sale_has_the_category_of_its_item_and_the_cash_it_brought() -> None:
    found = fact("receipts", receipt(line("Soup", 900), line("Pie", 450)))
    assert found.about == Receipt(receipt_id="1-1001")
    assert sums(found) == {("sale", "Food"): 900, ("sale", "Pie"): 450, ("tender", "CASH"): 1350}
    assert found.problems == ()


def test_included_tax_is_taken_out_of_the_price() -> None:
    found = fact("receipts", receipt(with_tax(line("Soup", 1200), INSIDE, 200)))
    assert sums(found) == {("sale", "Food"): 1000, ("tax", "VAT 20%"): 200, ("tender", "CASH"): 1200}
    assert {bucket.key.tax_code for bucket in found.buckets if bucket.key.kind != "tender"} == {"VAT 20%"}
    assert taxed(found) == {"sale|Food": 200}
    assert found.problems == ()


@pytest.mark.parametrize("inside_total", [True, False])
def test_added_tax_is_on_top_of_the_price_wherever_loyverse_puts_it(inside_total: bool) -> None:
    body = receipt(with_tax(line("Soup", 1000), ON_TOP, 80, inside_total=inside_total), total_money=10.8)
    found = fact("receipts", body)
    assert sums(found) == {("sale", "Food"): 1000, ("tax", "Sales Tax 8%"): 80, ("tender", "CASH"): 1080}
    assert found.problems == ()


def test_both_kinds_of_tax_on_a_line_are_kept_apart() -> None:
    body = receipt(with_tax(with_tax(line("Soup", 1200), INSIDE, 200), ON_TOP, 80))
    found = fact("receipts", body)
    assert sums(found) == {
        ("sale", "Food"): 1000,
        ("tax", "VAT 20%"): 200,
        ("tax", "Sales Tax 8%"): 80,
        ("tender", "CASH"): 1280,
    }
    assert {bucket.key.tax_code for bucket in found.buckets if bucket.key.parent} == {"Sales Tax 8% + VAT 20%"}


def test_a_discount_takes_its_share_of_the_tax_and_its_code() -> None:
    found = fact("receipts", receipt(with_tax(line("Soup", 1200, off=120), INSIDE, 180)))
    assert sums(found) == {
        ("sale", "Food"): 1000,
        ("discount", "Regulars"): -100,
        ("tax", "VAT 20%"): 180,
        ("tender", "CASH"): 1080,
    }
    assert taxed(found) == {"sale|Food": 200, "discount|Regulars": -20}
    assert found.problems == ()


def test_a_discount_that_left_the_tax_as_it_was_carries_none() -> None:
    found = fact("receipts", receipt(with_tax(line("Soup", 1200, off=120), INSIDE, 200)))
    assert taxed(found) == {"sale|Food": 200}
    assert sums(found)["discount", "Regulars"] == -120


def test_points_are_not_among_the_discounts() -> None:
    points = discount("Points", 300, "DISCOUNT_BY_POINTS")
    body = receipt(line("Soup", 900, off=400, line_discounts=[discount("Regulars", 100), points]))
    assert sums(fact("receipts", body)) == {
        ("sale", "Food"): 900,
        ("discount", "Regulars"): -100,
        ("points", "Points"): -300,
        ("tender", "CASH"): 500,
    }


def test_a_discount_without_a_name_is_a_discount() -> None:
    found = fact("receipts", receipt(line("Soup", 900, off=50, line_discounts=[])))
    assert sums(found)["discount", "Discount"] == -50


def test_points_that_only_the_receipt_names_are_spread_over_the_lines_and_their_taxes() -> None:
    lines = with_tax(line("Soup", 1080), INSIDE, 180), line("Mug", 1080)
    points = discount("Points", 160, "DISCOUNT_BY_POINTS")
    body = receipt(*lines, total_discount=1.6, total_discounts=[points], total_money=20.0)
    found = fact("receipts", body)
    assert found.problems == ()
    by_tax = {bucket.key.tax_code: bucket.amount for bucket in found.buckets if bucket.key.kind == "points"}
    assert by_tax == {"VAT 20%": -80, "": -80}
    assert sides(found) == (2000, 2000)


def test_tip_and_surcharge_go_their_own_ways() -> None:
    found = fact("receipts", receipt(line("Soup", 900), tip=1.5, surcharge=0.45))
    assert sums(found) == {
        ("sale", "Food"): 900,
        ("tip", "Tips"): 150,
        ("service_charge", "Surcharge"): 45,
        ("tender", "CASH"): 1095,
    }
    assert found.problems == ()


def test_a_refund_is_written_with_positive_amounts_and_goes_the_other_way() -> None:
    lines = with_tax(line("Soup", 1200, off=120), INSIDE, 180)
    body = receipt(lines, receipt_type="REFUND", refund_for="1-1000", tip=1.0, surcharge=0.5)
    found = fact("receipts", body)
    assert found.about == Receipt(receipt_id="1-1001", is_refund=True)
    assert sums(found) == {
        ("refund", "Food"): -1000,
        ("refund_discount", "Regulars"): 100,
        ("refund_tax", "VAT 20%"): -180,
        ("refund_tip", "Tips"): -100,
        ("refund_service_charge", "Surcharge"): -50,
        ("refund_tender", "CASH"): -1230,
    }
    assert taxed(found) == {"refund|Food": -200, "refund_discount|Regulars": 20}


@pytest.mark.parametrize("receipt_type", ["SALE", "REFUND", "LAYAWAY"])
def test_a_cancelled_receipt_holds_no_money_whatever_its_type(receipt_type: str) -> None:
    found = fact("receipts", receipt(line("Soup", 900), receipt_type=receipt_type, cancelled_at=NOON))
    assert found.about == NoSale(record_id="1-1001", reason="cancelled")
    assert (found.buckets, found.business_day) == ((), date(2026, 3, 15))


def test_a_receipt_of_an_unknown_type_waits_for_a_decision() -> None:
    found = fact("receipts", receipt(line("Soup", 900), receipt_type="LAYAWAY"))
    assert sums(found) == {(UNKNOWN, "receipt of type LAYAWAY"): 900}


@pytest.mark.parametrize(
    ("type_", "name", "code"),
    [
        ("CASH", "Efectivo", "CASH"),
        ("NONINTEGRATEDCARD", "Tarjeta", "CARD"),
        ("SUMUP", "SumUp", "CARD"),
        ("CHECK", "Check", "OTHER"),
        ("OTHER", "Meal  voucher ", "Meal voucher"),
        ("OTHER", "credit card", "CARD"),
        ("OTHER", "Cash", "CASH"),
        ("OTHER", None, "OTHER"),
    ],
)
def test_a_payment_is_told_by_its_type_and_an_own_one_by_its_name(type_: str, name: str | None, code: str) -> None:
    found = fact("receipts", receipt(line("Soup", 900), payments=[pay(900, type_, name)]))
    assert sums(found)["tender", code] == 900


@pytest.mark.parametrize(("type_", "code"), [("PALMSCAN", "payment type PALMSCAN"), (None, "payment type (none)")])
def test_a_payment_type_that_is_not_known_waits_for_a_decision(type_: str | None, code: str) -> None:
    found = fact("receipts", receipt(line("Soup", 900), payments=[pay(900, type_, "Palm")]))
    assert sums(found)[UNKNOWN, code] == 900


def test_a_split_payment_is_two_tenders() -> None:
    found = fact("receipts", receipt(line("Soup", 900), payments=[pay(400), pay(500, "NONINTEGRATEDCARD", "Card")]))
    assert sums(found) == {("sale", "Food"): 900, ("tender", "CASH"): 400, ("tender", "CARD"): 500}


def test_the_day_is_that_of_the_till_in_the_zone_of_the_store_however_late_it_arrives() -> None:
    late: Json = {"receipt_date": "2026-03-15T03:59:00.000Z", "created_at": "2026-03-16T06:00:00.000Z"}
    assert fact("receipts", receipt(line("Soup", 900)) | late).business_day == date(2026, 3, 14)


def test_a_bar_that_closes_at_four_counts_the_night_to_the_day_before() -> None:
    bar = Location(source_id="MAIN", name="Bar", zone="America/New_York", currency="USD", closes_at=4)
    body = receipt(line("Soup", 900), receipt_date="2026-03-15T07:30:00.000Z")  # half past three in the morning
    assert fact("receipts", body, Shop(locations={"MAIN": bar})).business_day == date(2026, 3, 14)


def test_a_store_without_a_zone_asks_for_one() -> None:
    nowhere = Shop(locations={"MAIN": Location(source_id="MAIN", name="Main St", zone="", currency="USD")})
    with pytest.raises(Unreadable, match=r"time zone of the Loyverse store Main St is not known.*connector location"):
        fact("receipts", receipt(line("Soup", 900)), nowhere)


def test_a_receipt_without_a_date_is_broken() -> None:
    with pytest.raises(Broken, match="does not say when"):
        fact("receipts", receipt(line("Soup", 900), receipt_date=None))


def test_without_the_merchants_currency_the_day_is_held() -> None:
    shop = Shop(zone="America/New_York")
    found = fact("receipts", receipt(line("Soup", 900)), shop)
    assert codes(found.problems) == [("currency_unknown", 0)]
    assert "merchant.json" in found.problems[0].message


def test_a_store_that_is_not_listed_has_the_merchants_currency() -> None:
    shop = Shop(locations=SHOP.locations, zone="America/New_York")
    found = fact("receipts", receipt(line("Soup", 900), store_id="GONE"), shop)
    assert (found.currency, found.location, found.problems) == ("USD", "GONE", ())


def test_an_amount_in_yen_has_no_decimals() -> None:
    tokyo = Location(source_id="MAIN", name="Yanaka", zone="Asia/Tokyo", currency="JPY")
    body: Json = receipt(line("Curry", 98000, quantity=2, gross=196000))
    found = fact("receipts", body, Shop(locations={"MAIN": tokyo}))
    assert sums(found) == {("sale", "Curry"): 1960, ("tender", "CASH"): 1960}
    assert found.problems == ()
    half = fact("receipts", receipt(line("Curry", 98050)), Shop(locations={"MAIN": tokyo}))
    assert ("decimals", 0) in codes(half.problems)
