"""Two taxes, rounded once a sale; the header is the truth, and what does not add up holds the day."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.sources.lightspeed.translate.amounts import shared
from tests.sources.lightspeed.building import YEN, Json, codes, fact, line, pay, sale, sides, sums, taxed

BOTH = ("0.05", "0.09975")
INSIDE: Json = {"isTaxInclusive": "true"}


def test_each_tax_is_rounded_once_for_the_sale_as_the_documented_sale_has_it() -> None:
    found = fact("sales", sale(line("9.99", rates=BOTH), line("20", rates=BOTH, itemID="0")))
    assert {name: amount for name, amount in sums(found).items() if name[0] == "tax"} == {
        ("tax", "GST 5%"): 150,
        ("tax", "PST 9.975%"): 299,
    }
    assert found.problems == ()
    assert taxed(found) == {"sale|Gifts/Mugs": 50 + 100, "sale|Miscellaneous": 100 + 199}


def test_lines_of_different_taxes_have_tax_codes_of_their_own() -> None:
    found = fact("sales", sale(line("10", rates=BOTH), line("10", rates=("0.05", "0")), line("10")))
    sold = {bucket.key.tax_code: bucket.amount for bucket in found.buckets if bucket.key.kind == "sale"}
    assert sold == {"GST 5% + PST 9.975%": 1000, "GST 5%": 1000, "": 1000}


def test_a_tax_without_a_name_is_called_by_its_number() -> None:
    unnamed = sale(line("10", rates=BOTH), TaxCategory={"taxCategoryID": "1", "tax1Name": "GST", "tax2Name": ""})
    assert ("tax", "Tax 2 9.975%") in sums(fact("sales", unnamed))


def test_without_the_relation_the_shops_tax_category_names_the_taxes() -> None:
    body = sale(line("10", rates=BOTH))
    del body["TaxCategory"]
    assert ("tax", "PST 9.975%") in sums(fact("sales", body))


def test_the_discount_carries_the_tax_that_it_saved() -> None:
    found = fact("sales", sale(line("100", discount="10", rates=("0.05", "0"))))
    assert sums(found)["tax", "GST 5%"] == 450
    assert taxed(found) == {"sale|Gifts/Mugs": 500, "discount|Discounts": -50}


def test_what_is_given_away_keeps_its_tax_code_on_price_and_discount() -> None:
    found = fact("sales", sale(line("100", discount="100", rates=("0.05", "0")), pays=[]))
    assert {bucket.key.tax_code for bucket in found.buckets} == {"GST 5%"}
    assert taxed(found) == {"sale|Gifts/Mugs": 500, "discount|Discounts": -500}
    assert found.problems == ()


def test_prices_that_hold_the_tax_are_told_apart_by_the_sales_own_total() -> None:
    inside = line("4400", rates=("0.1", "0"), calcTax1="400", calcTotal="4400")
    found = fact(
        "sales", sale(inside, pays=[pay("4400")], total="4400", calcTotal="4400", calcTax1="400") | INSIDE, YEN
    )
    assert sums(found) == {("sale", "Gifts/Mugs"): 4000, ("tax", "GST 10%"): 400, ("tender", "cash"): 4400}
    assert found.problems == ()
    on_top = fact("sales", sale(line("4400", rates=("0.1", "0"))) | INSIDE, YEN)
    assert sums(on_top) == {("sale", "Gifts/Mugs"): 4400, ("tax", "GST 10%"): 440, ("tender", "cash"): 4840}
    assert on_top.problems == ()


def test_row_39_a_cent_between_the_total_and_its_parts_is_rounding() -> None:
    found = fact("sales", sale(line("10"), pays=[pay("10.01")], total="10.005", calcTotal="10.005"))
    assert sums(found)["rounding", "Rounding"] == 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"calcTotal": "17"}, ("R1", 100)),
        ({"total": "17", "calcTotal": "17", "SalePayments": {"SalePayment": pay("17")}}, ("R1", -100)),
        ({"calcSubtotal": "17", "total": "17"}, ("R2", -100)),
        ({"calcDiscount": "1"}, ("R3", 100)),
        ({"calcPayments": "17"}, ("R4", -100)),
        ({"SalePayments": {"SalePayment": pay("17")}}, ("R5", 100)),
        ({"balance": "1"}, ("R5", 100)),
        ({"calcTax1": "1"}, ("R6", 100)),
        ({"SaleLines": {"SaleLine": line("18", calcTotal="17")}}, ("R7", -100)),
        ({"calcAvgCost": "7", "SaleLines": {"SaleLine": line("18", avgCost="6")}}, ("R8", 100)),
    ],
)
def test_a_sale_that_does_not_add_up_holds_its_day(changes: Json, problem: tuple[str, int]) -> None:
    assert fact("sales", sale(line("18"))).problems == ()
    assert problem in codes(fact("sales", sale(line("18")) | changes).problems)


def test_a_line_that_bears_a_tax_without_a_rate_is_a_problem() -> None:
    found = fact("sales", sale(line("10", calcTax1="1", calcTotal="11")))
    assert "tax_unknown" in dict(codes(found.problems))


@pytest.mark.parametrize(
    ("total", "exact", "parts"),
    [
        (150, ["49.95", "100"], [50, 100]),
        (1, ["0.4", "0.4", "0.4"], [1, 0, 0]),
        (-150, ["-49.95", "-100"], [-50, -100]),
        (450, ["500", "-50"], [500, -50]),
        (0, ["0.3", "-0.3"], [0, 0]),
        (9, ["1.5", "1.5"], [2, 2]),
        (1, ["0", "1"], [0, 1]),
    ],
)
def test_a_header_amount_is_divided_to_the_cent(total: int, exact: list[str], parts: list[int]) -> None:
    assert shared(total, [Decimal(each) for each in exact]) == parts


def test_both_sides_agree_in_every_case_above() -> None:
    found = fact("sales", sale(line("9.99", 3, discount="1.37", rates=BOTH), line("0.33", -1, rates=BOTH)))
    assert sides(found)[0] == sides(found)[1] != 0


@pytest.mark.parametrize("others", [[], [line("10", itemID="0")], [line("10")]], ids=["alone", "elsewhere", "alike"])
def test_a_tax_inside_a_price_of_nothing_is_held(others: list[Json]) -> None:
    empty = line("0") | {"tax": "true", "tax1Rate": "0.05", "calcTax1": "1", "calcTotal": "0"}
    goods = sum(10 for _ in others)
    found = fact("sales", sale(empty, *others, pays=[pay(str(goods))], total=str(goods), calcTotal=str(goods)) | INSIDE)
    assert ("R7", -100) in codes(found.problems)
    sold, tendered = sides(found)
    assert sold == tendered
