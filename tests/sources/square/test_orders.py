"""Sales: which money an order holds, how it is named, and what must add up."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.facts import UNKNOWN
from connector.domain.sales import NoSale, Sale
from connector.domain.shop import Location, Shop
from connector.errors import Broken, Unreadable
from tests.sources.square.building import (
    NOON,
    SALES_TAX,
    SHOP,
    charge,
    codes,
    fact,
    line,
    money,
    order,
    returned,
    sums,
    tender,
)


def test_a_plain_sale_is_credit_and_its_discount_is_not() -> None:
    found = fact("orders", order(line("Mug", 1800, discount=300), tip=200))
    assert sums(found) == {("sale", "Mug"): 1800, ("discount", "Regulars"): -300, ("tip", "Tips"): 200}
    assert found.about == Sale(sale_id="ORDER", total=1700, tendered=(("PAYMENT", 1700),))
    assert (found.business_day, found.currency, found.problems) == (date(2026, 3, 15), "USD", ())


def test_a_sale_goes_under_the_category_of_its_product() -> None:
    plate = line("Dinner plate", 3000, catalog_object_id="V-FOOD")
    typed_in = line("", 500, item_type="CUSTOM_AMOUNT")
    found = fact("orders", order(plate, line("Mug", 1800, catalog_object_id="V-NEW"), typed_in))
    assert sums(found) == {("sale", "Food"): 3000, ("sale", "Mug"): 1800, ("sale", "Custom amount"): 500}


def test_modifiers_belong_to_the_sale() -> None:
    latte = line("Latte", 900, total_money=money(1050), modifiers=[{"total_price_money": money(150)}])
    body = order(latte)
    assert sums(fact("orders", body)) == {("sale", "Latte"): 1050}
    assert fact("orders", body).problems == ()


def test_every_bucket_names_place_day_and_channel() -> None:
    found = fact("orders", order(line("Mug", 1800), source={"name": "Square Online"}))
    key = found.buckets[0].key
    assert (key.location, key.period, key.currency, key.channel) == ("MAIN", "2026-03-15", "USD", "Square Online")


def test_two_lines_of_one_category_share_a_bucket_and_the_way_back_is_kept() -> None:
    lines = [line("Soup", 900, catalog_object_id="V-FOOD"), line("Mug", 1800), line("Pie", 700)]
    lines[2]["catalog_object_id"] = "V-FOOD"
    found = fact("orders", order(*lines))
    assert [(bucket.amount, bucket.count) for bucket in found.buckets] == [(1600, 2), (1800, 1)]
    assert list(found.bucket_numbers()) == [0, 1, 0]


def test_a_gift_card_sold_is_owed_to_its_bearer() -> None:
    found = fact("orders", order(line("Gift card", 5000, item_type="GIFT_CARD")))
    assert sums(found) == {("gift_card", "Gift card"): 5000}


def test_a_line_of_an_unknown_type_is_shown_as_unknown() -> None:
    found = fact("orders", order(line("Points", 5000, item_type="LOYALTY")))
    assert sums(found) == {(UNKNOWN, "line of type LOYALTY"): 5000}
    assert found.problems == ()


def test_auto_gratuity_is_owed_to_staff_though_it_has_no_name() -> None:
    found = fact("orders", order(line("Meal", 10800), charges=[charge(None, 1944, type="AUTO_GRATUITY")]))
    assert sums(found) == {("sale", "Meal"): 10800, ("gratuity", "Auto gratuity"): 1944}


def test_a_service_charge_is_income_and_one_without_name_and_type_is_unknown() -> None:
    found = fact("orders", order(line("Meal", 1000), charges=[charge("Room fee", 3000), charge(None, 70, type=None)]))
    assert sums(found) == {
        ("sale", "Meal"): 1000,
        ("service_charge", "Room fee"): 3000,
        (UNKNOWN, "service charge without type and name"): 70,
    }


def test_an_apportioned_charge_stands_in_the_lines_and_is_counted_once() -> None:
    inside: dict[str, object] = {
        "total_service_charge_money": money(100),
        "applied_service_charges": [{"service_charge_uid": "Delivery", "applied_money": money(100)}],
        "total_money": money(1100),
    }
    spread = charge(
        "Delivery", 100, treatment_type="APPORTIONED_TREATMENT", calculation_phase="APPORTIONED_AMOUNT_PHASE"
    )
    body = order(line("Meal", 1000) | inside) | {"service_charges": [spread]}
    found = fact("orders", body)
    assert sums(found) == {("sale", "Meal"): 1000, ("service_charge", "Delivery"): 100}
    assert found.problems == ()


@pytest.mark.parametrize("rounding", [2, -2])
def test_cash_rounding_may_have_either_sign(rounding: int) -> None:
    found = fact("orders", order(line("Tea", 998), rounding=rounding))
    assert sums(found)["rounding", "Cash rounding"] == rounding
    assert found.problems == ()


def test_a_paid_order_counts_although_it_is_still_open() -> None:
    found = fact("orders", order(line("Sandwich", 1200), state="OPEN", closed_at=None))
    assert isinstance(found.about, Sale)
    assert sums(found) == {("sale", "Sandwich"): 1200}


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ({"state": "OPEN", "tenders": []}, "open and not paid"),
        ({"state": "DRAFT", "tenders": []}, "a draft"),
        ({"state": "CANCELED"}, "cancelled"),
    ],
)
def test_an_order_without_money_holds_none_and_says_why(extra: dict[str, object], reason: str) -> None:
    found = fact("orders", order(line("Brunch", 1500)) | extra)
    assert found.about == NoSale(record_id="ORDER", reason=reason)
    assert found.buckets == ()


def test_an_open_order_with_an_authorised_card_only_is_not_paid_yet() -> None:
    waiting = tender("PAYMENT", 1500, card_details={"status": "AUTHORIZED"})
    found = fact("orders", order(line("Brunch", 1500), state="OPEN", tenders=[waiting]))
    assert found.about == NoSale(record_id="ORDER", reason="open, and its payment is not taken yet")


def test_a_failed_tender_beside_the_one_that_paid_is_left_out() -> None:
    failed = tender("P1", 1500, card_details={"status": "FAILED"})
    found = fact("orders", order(line("Brunch", 1500), tenders=[failed, tender("P2", 1500)]))
    assert isinstance(found.about, Sale)
    assert found.about.tendered == (("P2", 1500),)


def test_an_order_in_an_unknown_state_is_a_problem() -> None:
    found = fact("orders", order(line("Brunch", 1500), state="PARKED"))
    assert codes(found.problems) == [("unknown_state", 0)]


def test_the_day_is_the_local_one_of_the_payment_not_of_the_order() -> None:
    # 02:30 in UTC is the evening before in New York.
    paid = tender("PAYMENT", 1000, "2026-03-20T02:30:00Z")
    found = fact("orders", order(line("Invoice", 1000), created_at="2026-03-01T12:00:00Z", tenders=[paid]))
    assert found.business_day == date(2026, 3, 19)
    assert {bucket.key.period for bucket in found.buckets} == {"2026-03-19"}


def test_a_shop_that_closes_after_midnight_keeps_the_day() -> None:
    bar = Location(source_id="MAIN", name="Bar", zone="America/New_York", currency="USD", closes_at=4)
    late = tender("PAYMENT", 1000, "2026-03-20T06:59:00Z")  # 02:59 by the wall clock
    found = fact("orders", order(line("Wine", 1000), tenders=[late]), Shop(locations={"MAIN": bar}))
    assert found.business_day == date(2026, 3, 19)


def test_a_sale_given_away_counts_on_the_day_it_was_closed() -> None:
    free = order(line("Latte", 450, discount=450), created_at="2026-03-14T12:00:00Z")
    found = fact("orders", free)
    assert found.business_day == date(2026, 3, 15)
    assert found.about == Sale(sale_id="ORDER", total=0)
    assert sums(found) == {("sale", "Latte"): 450, ("discount", "Regulars"): -450}


def test_an_order_paid_on_several_days_is_a_sale_of_the_day_that_completed_it() -> None:
    tenders = [tender("P2", 600, "2026-03-18T15:00:00Z"), tender("P1", 400)]
    found = fact("orders", order(line("Grinder", 1000), tenders=tenders))
    assert found.problems == ()
    assert found.business_day == date(2026, 3, 18)
    assert sums(found) == {("sale", "Grinder"): 1000}


def test_an_open_order_paid_in_part_holds_nothing_yet_and_names_its_deposits() -> None:
    body = order(line("Party", 1000, tax=80), tax=SALES_TAX, state="OPEN", tenders=[tender("P1", 400)])
    found = fact("orders", body)
    assert found.about == Sale(sale_id="ORDER", total=1080, tendered=(("P1", 400),), is_complete=False)
    assert (found.buckets, found.problems) == ((), ())


def test_an_open_order_paid_whole_is_a_sale_though_it_waits_to_be_picked_up() -> None:
    found = fact("orders", order(line("Pie", 1000), state="OPEN", closed_at=None))
    assert isinstance(found.about, Sale)
    assert found.about.is_complete
    assert sums(found) == {("sale", "Pie"): 1000}


def test_a_completed_order_paid_in_part_is_a_sale_that_its_tenders_do_not_meet() -> None:
    found = fact("orders", order(line("Pie", 1000), tenders=[tender("P1", 400)]))
    assert isinstance(found.about, Sale)
    assert found.about.is_complete
    assert found.about.total - sum(amount for _, amount in found.about.tendered) == 600


def test_an_order_of_a_location_without_a_zone_asks_for_one() -> None:
    with pytest.raises(Unreadable, match="--zone"):
        fact("orders", order(line("Mug", 1800), location_id="ELSEWHERE"))


def test_a_zone_that_stands_in_serves_an_unknown_location() -> None:
    found = fact("orders", order(line("Mug", 1800), location_id="ELSEWHERE"), Shop(zone="Asia/Tokyo"))
    assert found.business_day == date(2026, 3, 16)


def test_yen_have_no_decimals_and_are_taken_as_they_are() -> None:
    yen = {"amount": 1200, "currency": "JPY"}
    tea = line("Tea", 0) | {"variation_total_price_money": yen, "total_money": yen}
    paid = tender("PAYMENT", 1200) | {"amount_money": yen}
    found = fact("orders", order(tea) | {"total_money": yen, "tenders": [paid]})
    assert (found.currency, sums(found)) == ("JPY", {("sale", "Tea"): 1200})
    assert found.problems == ()


def test_a_line_that_does_not_add_up_names_the_identity_and_the_difference() -> None:
    found = fact("orders", order(line("Mug", 1800, total_money=money(1810))))
    assert codes(found.problems) == [("S1", 10), ("S2", 10)]


def test_a_total_that_is_not_the_sum_names_the_identity_and_the_difference() -> None:
    found = fact("orders", order(line("Mug", 1800)) | {"total_money": money(1750)})
    assert codes(found.problems) == [("S2", -50)]


def test_a_tax_total_that_is_not_the_sum_names_the_identity_and_the_difference() -> None:
    body = order(line("Mug", 1000, tax=80), tax=SALES_TAX) | {"total_tax_money": money(81)}
    assert codes(fact("orders", body).problems) == [("S3", 1), ("S3", 1)]


def test_a_discount_total_that_is_not_the_sum_names_the_identity_and_the_difference() -> None:
    body = order(line("Mug", 1000, discount=100)) | {"total_discount_money": money(90)}
    assert codes(fact("orders", body).problems) == [("S4", -10)]


def test_net_amounts_that_forget_a_return_name_the_identity_and_the_difference() -> None:
    back = returned(line("Mug", 400))
    net = {"net_amounts": {"total_money": money(1000), "tax_money": money(0)}}
    body = order(line("Grinder", 1000), tenders=[tender("PAYMENT", 600)]) | back | net
    assert codes(fact("orders", body).problems) == [("S5", 400)]


def test_unknown_fields_and_nulls_are_no_obstacle() -> None:
    body = order(line("Mug", 1800, modifiers=None, quantity_unit={"precision": 2}), source=None, rewards=[{"id": "R"}])
    assert sums(fact("orders", body)) == {("sale", "Mug"): 1800}


def test_a_record_of_an_impossible_shape_is_broken() -> None:
    with pytest.raises(Broken, match="Order"):
        fact("orders", {"id": ["ORDER"]})
    with pytest.raises(Broken, match="currency"):
        fact("orders", {"id": "O", "location_id": "X", "state": "COMPLETED", "created_at": NOON}, Shop(zone="UTC"))
    with pytest.raises(Broken, match="no stream"):
        fact("loyalty", {"id": "L"}, SHOP)
