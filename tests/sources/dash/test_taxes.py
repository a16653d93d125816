"""Which sales bear a tax, and that no cent of it is lost or invented."""

from __future__ import annotations

from connector.domain.facts import Fact
from tests.sources.dash.building import Json, delivered, fact, plain, product, summary, tax

GST: Json = {"tax_id": "gst", "name": "GST", "rate": "0.05"}
PST: Json = {"tax_id": "pst", "name": "PST 7%", "rate": "0.0700"}


def _on(found: Fact) -> dict[tuple[str, str], int]:
    """Tax by its name and by what bears it."""
    taxes = [bucket for bucket in found.buckets if bucket.key.kind in ("tax", "refund_tax")]
    return {(bucket.key.code, bucket.key.parent): bucket.amount for bucket in taxes}


def _codes(found: Fact) -> dict[str, str]:
    return {bucket.key.code: bucket.key.tax_code for bucket in found.buckets if bucket.key.kind == "sale"}


def test_a_tax_on_the_whole_net_is_borne_by_all_products() -> None:
    found = fact(plain())
    assert _on(found) == {("HST 13%", "sale|Food"): 1300}
    assert _codes(found) == {"Food": "HST 13%"}


def test_products_say_which_taxes_they_bear() -> None:
    products = [
        product("Food", "100.00", tax_ids=["gst", "pst"]),
        product("Books", "40.00", tax_ids=["gst"]),
        product("Milk", "9.00", tax_ids=[]),
    ]
    found = fact(summary(products, [GST | {"amount": "7.00"}, PST | {"amount": "7.00"}]))
    assert _codes(found) == {"Food": "GST 5% + PST 7%", "Books": "GST 5%", "Milk": ""}
    assert _on(found) == {("GST 5%", "sale|Food"): 500, ("GST 5%", "sale|Books"): 200, ("PST 7%", "sale|Food"): 700}


def test_a_discount_bears_its_share_of_the_tax() -> None:
    sold = product("Food", "80.00", gross="100.00", discount="20.00")
    assert _on(fact(summary([sold], [tax("10.40", taxable="80.00")]))) == {
        ("HST 13%", "sale|Food"): 1300,
        ("HST 13%", "discount|Food"): -260,
    }


def test_no_cent_is_lost_where_a_tax_is_cut_over_several_products() -> None:
    products = [product(name, "10.00", tax_ids=["hst"]) for name in ("A", "B", "C")]
    found = fact(summary(products, [tax("3.91")]))
    assert sorted(_on(found).values()) == [130, 130, 131]


def test_where_nobody_says_which_sales_are_taxed_the_tax_stands_alone_and_the_code_is_unknown() -> None:
    found = fact(summary([product("Food", "100.00"), product("Milk", "9.00")], [tax("13.00", taxable="100.00")]))
    assert _on(found) == {("HST 13%", ""): 1300}
    assert _codes(found) == {"Food": "Unknown tax", "Milk": "Unknown tax"}


def test_deliveries_that_no_product_tells_leave_the_code_unknown() -> None:
    body = delivered("54.00", tax="4.00", tax_remitted_by="merchant")
    body["products"] = [product("Food", "150.00", tax_ids=["hst"])]
    found = fact(body)
    assert _codes(found) == {"Food": "Unknown tax"}
    assert _on(found)["Tax through Swift Bites", ""] == 400


def test_a_provider_that_sold_nothing_leaves_the_codes_of_the_till_as_they_are() -> None:
    idle = {"provider": "Night Owl", "net_sales": "0.00", "tax": "0.00"}
    assert _codes(fact(plain(delivery_providers=[idle]))) == {"Food": "HST 13%"}


def test_a_tax_that_no_product_bears_is_kept() -> None:
    found = fact(summary([product("Milk", "9.00", tax_ids=[])], [tax("1.00")]))
    assert _on(found) == {("HST 13%", ""): 100}


def test_a_tax_on_nothing_but_given_away_food_is_borne_by_the_first_of_it() -> None:
    gifts = [product(name, "0.00", gross="9.00", discount="9.00", tax_ids=["hst"]) for name in ("Pie", "Tea")]
    assert _on(fact(summary(gifts, [tax("0.05")]))) == {("HST 13%", "sale|Pie"): 5}
