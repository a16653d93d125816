"""Returns and exchanges: the opposite of the sale, under kinds of their own."""

from __future__ import annotations

from datetime import date

from connector.domain.facts import UNKNOWN
from connector.domain.sales import Sale
from tests.sources.square.building import (
    SALES_TAX,
    charge,
    codes,
    fact,
    line,
    money,
    order,
    return_order,
    returned,
    sums,
    taxed,
    tender,
)


def test_a_return_takes_back_the_sale_and_its_tax() -> None:
    plate = line("Brunch plate", 1500, tax=120, catalog_object_id="V-FOOD")
    found = fact("orders", return_order(plate, tax=SALES_TAX))
    assert sums(found) == {("refund", "Food"): -1500, ("refund_tax", "Sales Tax 8%"): -120}
    assert taxed(found) == {"refund|Food": -120}
    assert found.about == Sale(sale_id="RETURN", total=-1620, is_return=True, returned_from=("EARLIER",))
    assert (found.business_day, found.problems) == (date(2026, 3, 15), ())


def test_a_return_gives_back_discount_tip_and_charge_too() -> None:
    back = return_order(
        line("Dinner", 3000, tax=216, discount=300), tax=SALES_TAX, tip=100, charges=[charge("Room fee", 500)]
    )
    found = fact("orders", back)
    assert sums(found) == {
        ("refund", "Dinner"): -3000,
        ("refund_discount", "Discount"): 300,
        ("refund_tax", "Sales Tax 8%"): -216,
        ("refund_service_charge", "Room fee"): -500,
        ("refund_tip", "Tips"): -100,
    }
    assert taxed(found) == {"refund|Dinner": -240, "refund_discount|Discount": 24}
    assert found.problems == ()


def test_the_day_of_a_return_is_the_day_it_was_made() -> None:
    body = return_order(line("Mug", 1800)) | {"created_at": "2026-03-20T02:30:00Z", "closed_at": "2026-03-25T12:00:00Z"}
    assert fact("orders", body).business_day == date(2026, 3, 19)


def test_a_refund_of_an_amount_only_is_named_so_for_only_its_sale_knows_its_share_of_the_tax() -> None:
    found = fact("orders", return_order(line("Custom Amount", 300, item_type="CUSTOM_AMOUNT")))
    assert sums(found) == {("refund_amount", "Custom amount"): -300}


def test_an_amount_typed_in_at_the_till_that_comes_back_is_a_line_like_any_other() -> None:
    typed = line("Custom Amount", 300, item_type="CUSTOM_AMOUNT", source_line_item_uid="line-1")
    assert sums(fact("orders", return_order(typed))) == {("refund", "Custom amount"): -300}


def test_modifiers_of_a_returned_line_come_back_with_it() -> None:
    latte = line("Latte", 900, total_money=money(1050), return_modifiers=[{"total_price_money": money(150)}])
    found = fact("orders", return_order(latte))
    assert sums(found) == {("refund", "Latte"): -1050}
    assert found.problems == ()


def test_an_exchange_shows_both_sides_although_only_the_difference_is_paid() -> None:
    back = returned(line("Mug", 1800, tax=144, discount=100), tax=SALES_TAX)
    body = order(line("Grinder", 2500, tax=200), tax=SALES_TAX, tenders=[tender("PAYMENT", 856)]) | back
    found = fact("orders", body)
    assert sums(found) == {
        ("sale", "Grinder"): 2500,
        ("tax", "Sales Tax 8%"): 200,
        ("exchange_return", "Mug"): -1800,
        ("exchange_discount", "Discount"): 100,
        ("exchange_tax", "Sales Tax 8%"): -144,
    }
    assert found.about == Sale(sale_id="ORDER", total=856, tendered=(("PAYMENT", 856),), returned_from=("EARLIER",))
    assert found.problems == ()


def test_an_even_exchange_needs_no_tender() -> None:
    found = fact("orders", order(line("Red mug", 1800), tenders=[]) | returned(line("Blue mug", 1800)))
    assert found.about == Sale(sale_id="ORDER", total=0, returned_from=("EARLIER",))


def test_a_return_that_is_not_the_sum_of_its_lines_names_the_difference() -> None:
    body = return_order(line("Mug", 1800))
    body["return_amounts"] = {"total_money": money(1700)}
    assert codes(fact("orders", body).problems) == [("S6", -100)]


def test_a_returned_gift_card_is_owed_no_longer() -> None:
    found = fact("orders", return_order(line("Gift card", 5000, item_type="GIFT_CARD")))
    assert sums(found) == {("refund_gift_card", "Gift card"): -5000}


def test_a_returned_charge_that_could_be_a_gratuity_is_unknown() -> None:
    found = fact("orders", return_order(line("Meal", 1000), charges=[charge(None, 180, type=None)]))
    assert sums(found)[UNKNOWN, "service charge without type and name"] == -180
