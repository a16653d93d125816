"""What a sale becomes: decisions one by one."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.facts import UNKNOWN
from connector.domain.sales import NoSale, Receipt
from connector.errors import Broken, Unreadable
from connector.sources.lightspeed_x.versions import STATES
from tests.sources.lightspeed_x.building import (
    NOON,
    OUTLET,
    Json,
    codes,
    fact,
    line,
    old_sale,
    pay,
    sale,
    shop,
    sides,
    sums,
    taxed,
)

NEXT_DAY = "2026-03-15T23:00:00+00:00"


def test_a_sale_is_its_lines_its_tax_and_its_tender_on_the_outlets_own_day() -> None:
    found = fact(sale(line("MUG", 200, 30), price=200, tax=30, pays=[pay(230)]))
    assert found.about == Receipt(receipt_id="SALE")
    assert (found.location, found.business_day, found.currency) == ("AKL", date(2026, 3, 15), "NZD")
    assert sums(found) == {("sale", "Homeware"): 20000, ("tax", "GST 15%"): 3000, ("tender", "CASH"): 23000}
    assert taxed(found) == {"sale|Homeware": 3000}
    assert {b.key.tax_code for b in found.buckets if b.key.kind in ("sale", "tax")} == {"GST 15%"}
    assert found.problems == ()


def test_lines_of_five_decimals_are_posted_as_the_totals_have_them() -> None:
    found = fact(old_sale())
    assert sums(found) == {("sale", "Pantry"): 1291, ("tax", "GST 15%"): 194, ("tender", "CASH"): 1485}
    assert found.problems == ()


def test_the_cent_that_rounding_leaves_stands_on_rounding() -> None:
    lines = [line("MUG", 4.345), line("TEA", 4.345), line("POSTER", 4.345)]
    found = fact(sale(*lines, price=13.04, tax=0, pays=[pay(13.04)]))
    assert sums(found)["rounding", "Rounding"] == 1304 - 3 * 435
    assert sides(found) == (1304, 1304)
    assert found.problems == ()


def test_a_product_goes_under_its_type_else_its_tag_else_its_name() -> None:
    lines = [line("MUG", 1), line("TEA", 2), line("POSTER", 3), line("GONE", 4)]
    found = sums(fact(sale(*lines, price=10, tax=0, pays=[pay(10)])))
    assert {code for kind, code in found if kind == "sale"} == {
        "Homeware", "Pantry", "Poster", "Product not in the catalogue",
    }  # fmt: skip


def test_a_discount_carries_its_share_of_the_tax() -> None:
    found = fact(sale(line("MUG", 90, 13.5, discount=10), price=90, tax=13.5, pays=[pay(103.5)]))
    assert sums(found)["sale", "Homeware"] == 10000
    assert sums(found)["discount", "Discount"] == -1000
    assert taxed(found) == {"sale|Homeware": 1500, "discount|Discount": -150}


def test_a_line_given_away_is_a_sale_and_a_discount_without_tax() -> None:
    found = fact(sale(line("MUG", 0, 0, discount=10), price=0, tax=0, pays=[]))
    assert sums(found) == {("sale", "Homeware"): 1000, ("discount", "Discount"): -1000}
    assert found.problems == ()


def test_a_price_below_nothing_is_a_rebate_and_not_a_return() -> None:
    found = fact(sale(line("MUG", 10), line("TEA", -2), price=8, tax=0, pays=[pay(8)]))
    assert sums(found) == {("sale", "Homeware"): 1000, ("discount", "Discount"): -200, ("tender", "CASH"): 800}


def test_two_taxes_of_a_line_are_posted_apart_under_one_code() -> None:
    both = [("R-STATE", 6.25), ("R-CITY", 1.25)]
    body = sale(line("MUG", 100, 7.5, components=both), price=100, tax=7.5, pays=[pay(107.5)])
    found = fact(body | {"taxes": [{"id": "R-STATE", "tax": 6.25}, {"id": "R-CITY", "tax": 1.25}]})
    assert sums(found)["tax", "State Tax 6.25%"] == 625
    assert sums(found)["tax", "City 1.25%"] == 125
    assert {b.key.tax_code for b in found.buckets if b.key.kind == "tax"} == {"City 1.25% + State Tax 6.25%"}


def test_the_tax_of_the_sale_counts_and_not_that_of_its_lines() -> None:
    lines = [line("MUG", 10, 1.504), line("TEA", 5, 0.754)]
    found = fact(sale(*lines, price=15, tax=2.25, pays=[pay(17.25)]))
    assert sums(found)["tax", "GST 15%"] == 225
    assert taxed(found) == {"sale|Homeware": 150, "sale|Pantry": 75}


def test_a_return_whose_tax_components_stay_positive_brings_its_tax_back() -> None:
    body = sale(line("MUG", -200, -30, back=True), price=-200, tax=-30, pays=[pay(-230, "P-CARD")])
    found = fact(body | {"return": {"is_return": True, "original_sale_id": "EARLIER"}})
    assert found.about == Receipt(receipt_id="SALE", is_refund=True)
    assert sums(found) == {
        ("refund", "Homeware"): -20000,
        ("refund_tax", "GST 15%"): -3000,
        ("refund_tender", "CREDIT_CARD"): -23000,
    }
    assert found.problems == ()


def test_a_return_of_discounted_goods_brings_the_discount_back_whatever_its_sign() -> None:
    for discount in (10, -10):
        found = fact(sale(line("MUG", -90, -13.5, discount=discount, back=True), price=-90, tax=-13.5,
                          pays=[pay(-103.5)]))  # fmt: skip
        assert sums(found)["refund", "Homeware"] == -10000
        assert sums(found)["refund_discount", "Discount"] == 1000
        assert taxed(found) == {"refund|Homeware": -1500, "refund_discount|Discount": 150}


def test_an_exchange_keeps_what_comes_back_and_its_tender_within_the_sale() -> None:
    lines = [line("MUG", -40, -6, back=True), line("TEA", 20, 3)]
    found = fact(sale(*lines, price=-20, tax=-3, pays=[pay(-23)]))
    assert found.about == Receipt(receipt_id="SALE")
    assert sums(found) == {
        ("exchange_return", "Homeware"): -4000,
        ("exchange_tax", "GST 15%"): -600,
        ("sale", "Pantry"): 2000,
        ("tax", "GST 15%"): 300,
        ("tender", "CASH"): -2300,
    }


def test_a_gift_card_sold_is_owed_and_its_number_is_not_kept() -> None:
    found = fact(sale(line("MUG", 50, gift_card_number="7781-0042"), price=50, tax=0, pays=[pay(50)]))
    assert sums(found) == {("gift_card", "Gift card"): 5000, ("tender", "CASH"): 5000}
    assert "7781" not in repr(found)


@pytest.mark.parametrize(
    ("told", "kind", "code"),
    [
        ("TIP", "tip", "Tips"),
        ("SURCHARGE", "surcharge", "Surcharge"),
        ("NON_CASH_FEE", "surcharge", "Non-cash fee"),
        ("ECOM_CUSTOM_CHARGE", "online_charge", "Delivery"),
        ("CONFETTI", UNKNOWN, "adjustment CONFETTI"),
    ],
)
def test_an_adjustment_has_a_kind_of_its_own_and_an_unknown_one_waits(told: str, kind: str, code: str) -> None:
    extra: Json = {"adjustments": [{"adjustment_type": told, "name": "Delivery", "total": 1.5}]}
    found = fact(sale(line("MUG", 200, 30), price=201.5, tax=30, pays=[pay(231.5)], **extra))
    assert sums(found)[kind, code] == 150
    assert found.problems == ()


def test_a_discount_on_the_whole_sale_is_a_discount() -> None:
    extra: Json = {"adjustments": [{"adjustment_type": "DISCOUNT", "name": "Neighbours", "total": -5}]}
    found = fact(sale(line("MUG", 20), price=15, tax=0, pays=[pay(15)], **extra))
    assert sums(found)["discount", "Discount"] == -500


@pytest.mark.parametrize("price", [20, 27.5])
def test_an_online_charge_counts_exactly_where_the_price_holds_it(price: float) -> None:
    extra: Json = {"ecom_custom_charges": [{"name": "Shipping", "total": 7.5, "total_tax": 0, "total_incl": 7.5}]}
    found = fact(sale(line("MUG", 20), price=price, tax=0, pays=[pay(price)], **extra))
    assert sums(found).get(("online_charge", "Shipping"), 0) == round(price * 100) - 2000
    assert found.problems == ()


def test_a_surcharge_of_the_totals_counts_where_no_adjustment_holds_it() -> None:
    body = sale(line("MUG", 20), price=20.4, tax=0, pays=[pay(20.4)])
    body["totals"] = {"price": 20.4, "tax": 0, "price_incl_tax": 20.4, "surcharge": 0.4}
    assert sums(fact(body))["surcharge", "Surcharge"] == 40


def test_a_currency_without_cents_has_none() -> None:
    tokyo = shop(outlet=OUTLET | {"currency": "JPY", "time_zone": "Asia/Tokyo"})
    found = fact(sale(line("MUG", 1800, 180), price=1800, tax=180, pays=[pay(1980)]), tokyo)
    assert (found.currency, sides(found)) == ("JPY", (1980, 1980))


def test_a_line_and_a_payment_that_were_taken_out_do_not_count() -> None:
    lines = [line("MUG", 20), line("TEA", 5, status="VOIDED")]
    found = fact(sale(*lines, price=20, tax=0, pays=[pay(20), pay(5, "P-CARD", deleted_at=NOON)]))
    assert sums(found) == {("sale", "Homeware"): 2000, ("tender", "CASH"): 2000}
    assert found.problems == ()


def test_a_sale_of_another_channel_says_so_and_the_till_is_none() -> None:
    body = sale(line("MUG", 20), price=20, tax=0, pays=[pay(20)])
    assert {b.key.channel for b in fact(body).buckets} == {""}
    online = body | {"source": {"type": "ECOMMERCE", "outlet_id": "AKL"}}
    assert {b.key.channel for b in fact(online).buckets} == {"ECOMMERCE"}


# Which sales count.


@pytest.mark.parametrize(
    ("state", "attributes", "reason"),
    [
        ("parked", [], "parked, and not paid"),
        ("pending", [], "pending, and not paid"),
        ("pending", ["layby"], "an open layby"),
        ("voided", [], "voided"),
    ],
)
def test_a_sale_without_money_says_why(state: str, attributes: list[str], reason: str) -> None:
    pays = [pay(20)] if state == "voided" else []
    found = fact(sale(line("MUG", 20), price=20, tax=0, pays=pays, state=state, attributes=attributes))
    assert found.about == NoSale(record_id="SALE", reason=reason)
    assert found.buckets == ()


def test_a_deleted_sale_is_none() -> None:
    found = fact(sale(line("MUG", 20), price=20, tax=0, pays=[pay(20)], deleted_at=NOON))
    assert found.about == NoSale(record_id="SALE", reason="deleted")


@pytest.mark.parametrize(
    ("state", "attributes", "code", "difference"),
    [
        ("closed", ["layby"], "layby", 1500),
        ("closed", [], "X5", 1500),
        ("lost", [], "unknown_state", 0),
    ],
)
def test_a_sale_that_is_not_paid_in_full_holds_its_day_and_says_why(
    state: str, attributes: list[str], code: str, difference: int
) -> None:
    found = fact(sale(line("MUG", 20), price=20, tax=0, pays=[pay(5)], state=state, attributes=attributes))
    assert codes(found.problems) == [(code, difference)]
    assert sums(found)["tender", "CASH"] == 500


@pytest.mark.parametrize("state", ["closed", "pending"])
@pytest.mark.parametrize(("pays", "owed"), [([], 2000), ([pay(5)], 1500)])
def test_what_is_owed_of_a_sale_on_account_is_charged_to_the_house_account(
    state: str, pays: list[Json], owed: int
) -> None:
    found = fact(sale(line("MUG", 20), price=20, tax=0, pays=pays, state=state, attributes=["onaccount"]))
    assert found.problems == ()
    assert sums(found)["tender", "ON_ACCOUNT"] == owed
    assert sides(found)[0] == sides(found)[1] == 2000


def test_more_paid_than_due_on_account_holds_the_day() -> None:
    found = fact(sale(line("MUG", 20), price=20, tax=0, pays=[pay(25)], attributes=["onaccount"]))
    assert codes(found.problems) == [("on_account", -500)]


@pytest.mark.parametrize(("state", "attributes"), [("pending", ["layby"]), ("parked", []), ("pending", [])])
def test_money_taken_for_what_is_not_sold_yet_is_a_deposit_of_the_customer(state: str, attributes: list[str]) -> None:
    found = fact(sale(line("MUG", 20), price=20, tax=0, pays=[pay(5)], state=state, attributes=attributes))
    assert found.problems == ()
    assert sums(found) == {("customer_deposit", "Deposits"): 500, ("tender", "CASH"): 500}


def test_an_instalment_of_another_day_holds_the_layby() -> None:
    pays = [pay(5), pay(5, at=NEXT_DAY)]
    found = fact(sale(line("MUG", 20), price=20, tax=0, pays=pays, state="pending", attributes=["layby"]))
    assert codes(found.problems) == [("several_days", 0)]


@pytest.mark.parametrize("attribute", ["onaccount", "layby"])
def test_a_sale_on_account_or_layby_that_was_paid_in_full_that_day_is_a_sale(attribute: str) -> None:
    found = fact(sale(line("MUG", 20), price=20, tax=0, pays=[pay(20)], attributes=[attribute]))
    assert found.problems == ()


def test_a_layby_that_is_paid_in_full_and_not_handed_over_is_a_deposit() -> None:
    found = fact(sale(line("MUG", 20), price=20, tax=0, pays=[pay(20)], state="pending", attributes=["layby"]))
    assert sums(found) == {("customer_deposit", "Deposits"): 2000, ("tender", "CASH"): 2000}


def test_a_payment_on_another_day_holds_the_day_of_the_sale() -> None:
    found = fact(sale(line("MUG", 20), price=20, tax=0, pays=[pay(5), pay(15, "P-CARD", at=NEXT_DAY)]))
    assert codes(found.problems) == [("several_days", 0)]
    assert "2026-03-16" in found.problems[0].message


def test_a_payment_at_another_outlet_holds_the_day() -> None:
    found = fact(sale(line("MUG", 20), price=20, tax=0, pays=[pay(20, source={"outlet_id": "WLG"})]))
    assert codes(found.problems) == [("several_places", 0)]


def test_every_published_status_of_the_older_version_has_a_state() -> None:
    counted = {status: fact(old_sale(status)).problems for status in STATES}
    posted = {status for status, problems in counted.items() if not problems} - {"VOIDED"}
    assert posted == {
        "CLOSED", "ONACCOUNT_CLOSED", "LAYBY_CLOSED", "AWAITING_DISPATCH", "AWAITING_PICKUP", "DISPATCHED_CLOSED",
        "PICKED_UP_CLOSED", "SERVICE_CLOSED", "ONACCOUNT", "SAVED", "LAYBY", "SERVICE",
    }  # fmt: skip
    owed = {status for status in STATES if ("customer_deposit", "Deposits") in sums(fact(old_sale(status)))}
    assert owed == {"SAVED", "LAYBY", "SERVICE"}
    assert fact(old_sale("CONFETTI")).problems[0].code == "unknown_state"


def test_the_older_version_names_the_kind_of_an_adjustment_in_either_way() -> None:
    for key in ("type", "adjustment_type"):
        fee = [{key: "NON_CASH_FEE", "name": "Fee", "value": 1.5}]
        found = fact(old_sale(adjustments=fee, total_price=14.41, payments=[]))
        assert sums(found)["surcharge", "Non-cash fee"] == 150


def test_a_return_of_the_older_version_that_lists_no_taxes_takes_them_from_its_lines() -> None:
    back = {
        "id": "l", "product_id": "MUG", "tax_id": "T-GST", "quantity": -1, "price_total": -200, "tax_total": -30,
        "is_return": True, "tax_components": [{"rate_id": "R-GST", "total_tax": 30}],
    }  # fmt: skip
    payment = {"retailer_payment_type_id": "P-CASH", "payment_type_id": "1", "amount": -230, "payment_date": NOON}
    found = fact(old_sale(line_items=[back], payments=[payment], taxes=[], total_price=-200, total_tax=-30,
                          return_for="EARLIER"))  # fmt: skip
    assert sums(found)["refund_tax", "GST 15%"] == -3000
    assert found.problems == ()


# What is missing is said, never guessed.


def test_without_a_zone_the_sale_asks_for_one() -> None:
    with pytest.raises(Unreadable, match="--zone"):
        fact(sale(line("MUG", 20), price=20, tax=0, pays=[pay(20)]), shop(outlet={"id": "AKL", "currency": "NZD"}))


def test_without_its_outlet_a_sale_waits_for_the_currency() -> None:
    found = fact(sale(line("MUG", 20), price=20, tax=0, pays=[pay(20)]), shop(outlet={"id": "WLG"}, zone="Asia/Tokyo"))
    assert codes(found.problems) == [("currency_unknown", 0)]


@pytest.mark.parametrize("amount", ['"NaN"', '"Infinity"', "1e999", '"1e-999"'])
def test_what_is_no_amount_of_money_holds_its_sale(amount: str) -> None:
    from connector.sources.lightspeed_x.translate.record import translate
    from tests.sources.lightspeed_x.building import SHOP

    body = f'{{"id":"S","state":"closed","date":"{NOON}","source":{{"outlet_id":"AKL"}},"totals":{{"price":{amount}}}}}'
    assert "no_amount" in [found.code for found in translate("sales", "S", body.encode(), SHOP).problems]


def test_a_sale_without_a_moment_is_refused() -> None:
    with pytest.raises(Broken, match="does not say when"):
        fact({"id": "S", "state": "closed"})
