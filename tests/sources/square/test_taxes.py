"""Taxes: never computed as a total, only cut between the price, its discount and its charges."""

from __future__ import annotations

from connector.domain.facts import Fact
from tests.sources.square.building import SALES_TAX, VAT, Json, charge, codes, fact, line, money, order, sums, taxed


def test_additive_tax_is_cut_between_the_price_and_the_discount() -> None:
    found = fact("orders", order(line("Dinner", 12000, tax=864, discount=1200), tax=SALES_TAX))
    assert sums(found)["tax", "Sales Tax 8%"] == 864
    assert taxed(found) == {"sale|Dinner": 960, "discount|Regulars": -96}
    assert {bucket.key.tax_code for bucket in found.buckets} == {"Sales Tax 8%"}


def test_inclusive_tax_is_taken_out_of_the_price_and_of_the_discount() -> None:
    found = fact("orders", order(line("Meal", 24000, tax=3800, discount=1200, inclusive=True), tax=VAT))
    assert sums(found) == {("sale", "Meal"): 20000, ("discount", "Regulars"): -1000, ("tax", "VAT 20%"): 3800}
    assert taxed(found) == {"sale|Meal": 4000, "discount|Regulars": -200}
    assert found.problems == ()


def test_half_a_cent_of_discount_tax_goes_to_the_even_cent() -> None:
    # 2 % of 25 is half a cent, which goes to 0; 2 % of 75 is one and a half, which goes to 2.
    assert taxed(_discounted(25, tax=20)) == {"sale|Pen": 20}
    assert taxed(_discounted(75, tax=18)) == {"sale|Pen": 20, "discount|Regulars": -2}


def _discounted(discount: int, *, tax: int) -> Fact:
    levy: Json = {"uid": "tax", "name": "Levy", "percentage": "2", "type": "ADDITIVE"}
    return fact("orders", order(line("Pen", 1000, tax=tax, discount=discount), tax=levy))


def test_the_price_carries_what_rounding_leaves_so_that_the_total_stays_the_sources() -> None:
    found = fact("orders", order(line("Muffin", 500, tax=37, discount=50), tax=SALES_TAX | {"percentage": "8.25"}))
    assert taxed(found) == {"sale|Muffin": 41, "discount|Regulars": -4}
    assert sums(found)["tax", "Sales Tax 8.25%"] == 37


def test_a_discount_after_which_the_full_price_is_taxed_carries_no_tax() -> None:
    found = fact("orders", order(line("Jacket", 10000, tax=800, discount=1000), tax=SALES_TAX))
    assert taxed(found) == {"sale|Jacket": 800}


def test_a_zero_rate_keeps_its_name_though_there_is_no_tax() -> None:
    zero: Json = {"uid": "tax", "name": "Zero-rated", "percentage": "0", "type": "INCLUSIVE"}
    cold = line("Cold food", 6000, applied_taxes=[{"tax_uid": "tax", "applied_money": money(0)}])
    found = fact("orders", order(cold, tax=zero))
    assert [(bucket.amount, bucket.key.tax_code) for bucket in found.buckets] == [(6000, "Zero-rated 0%")]


def test_two_taxes_on_a_line_are_joined_in_its_code_and_kept_apart_as_tax() -> None:
    taxes: list[Json] = [
        {"uid": "pst", "name": "PST", "percentage": "7", "type": "ADDITIVE", "applied_money": money(70)},
        {"uid": "gst", "name": "GST", "percentage": "5", "type": "ADDITIVE", "applied_money": money(50)},
    ]
    applied = [
        {"tax_uid": "gst", "applied_money": money(50)},
        {"tax_uid": "pst", "applied_money": money(70)},
    ]
    found = fact("orders", order(line("Book", 1000, tax=120, applied_taxes=applied)) | {"taxes": taxes})
    assert sums(found) == {("sale", "Book"): 1000, ("tax", "GST 5%"): 50, ("tax", "PST 7%"): 70}
    assert {bucket.key.tax_code for bucket in found.buckets} == {"GST 5% + PST 7%"}
    assert found.problems == ()


def test_two_inclusive_taxes_share_one_price() -> None:
    taxes: list[Json] = [
        {"uid": "a", "name": "A", "percentage": "10", "type": "INCLUSIVE"},
        {"uid": "b", "name": "B", "percentage": "15", "type": "INCLUSIVE"},
    ]
    applied = [{"tax_uid": "a", "applied_money": money(90)}, {"tax_uid": "b", "applied_money": money(135)}]
    whole = line("Set", 1250, tax=225, discount=125, inclusive=True, applied_taxes=applied)
    found = fact("orders", order(whole) | {"taxes": taxes})
    assert sums(found)["sale", "Set"] == 1000
    assert sums(found)["discount", "Regulars"] == -100
    assert taxed(found) == {"sale|Set": 250, "discount|Regulars": -25}


def test_a_line_without_applied_taxes_takes_the_only_tax_of_the_order() -> None:
    found = fact("orders", order(line("Mug", 1000, tax=80, applied_taxes=None), tax=SALES_TAX))
    assert sums(found)["tax", "Sales Tax 8%"] == 80
    assert found.problems == ()


def test_a_line_without_applied_taxes_is_a_problem_where_the_order_has_several() -> None:
    taxes: list[Json] = [SALES_TAX, SALES_TAX | {"uid": "city", "name": "City"}]
    found = fact("orders", order(line("Mug", 1000, tax=80, applied_taxes=[])) | {"taxes": taxes})
    assert codes(found.problems) == [("tax_unknown", 0)]
    assert sums(found) == {("sale", "Mug"): 1000, ("tax", "Unknown tax"): 80}


def test_taxes_of_a_line_that_are_not_its_tax_name_the_difference() -> None:
    applied = [{"tax_uid": "tax", "applied_money": money(79)}]
    found = fact("orders", order(line("Mug", 1000, tax=80, applied_taxes=applied), tax=SALES_TAX))
    assert ("S3", 1) in codes(found.problems)


def test_a_taxed_service_charge_carries_its_own_tax() -> None:
    found = fact(
        "orders", order(line("Meal", 7000, tax=560), charges=[charge("Room fee", 3000, tax=240)], tax=SALES_TAX)
    )
    assert sums(found)["service_charge", "Room fee"] == 3000
    assert taxed(found) == {"sale|Meal": 560, "service_charge|Room fee": 240}
    assert found.problems == ()


def test_inclusive_tax_is_taken_out_of_a_service_charge() -> None:
    body = order(line("Meal", 1200, tax=200, inclusive=True), charges=[charge("Cover", 600, tax=100, inclusive=True)])
    found = fact("orders", body | {"taxes": [VAT]})
    assert sums(found) == {("sale", "Meal"): 1000, ("service_charge", "Cover"): 500, ("tax", "VAT 20%"): 300}


def test_a_percentage_in_the_name_is_not_said_twice() -> None:
    named = SALES_TAX | {"name": "Sales 8%", "percentage": "8.00"}
    found = fact("orders", order(line("Mug", 1000, tax=80), tax=named))
    assert ("tax", "Sales 8%") in sums(found)
