"""Sales: what was sold, how it was paid, and which sales are none."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.sales import NoSale, Receipt
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable
from connector.sources.lightspeed.pages import received_as
from connector.sources.lightspeed.translate.record import translate
from tests.sources.lightspeed.building import (
    ACCOUNT,
    CARD,
    CASH,
    GIFT,
    SHOP,
    TRUCK,
    YEN,
    Json,
    codes,
    fact,
    line,
    pay,
    sale,
    sides,
    sums,
)

BOTH = ("0.05", "0.09975")


def test_a_cash_sale_is_income_by_category_against_cash() -> None:
    found = fact("sales", sale(line("18", 2)))
    assert found.about == Receipt(receipt_id="4")
    assert (found.location, found.currency, found.business_day) == ("1", "USD", date(2026, 3, 15))
    assert sums(found) == {("sale", "Gifts/Mugs"): 3600, ("tender", "cash"): 3600}
    assert found.problems == ()


def test_a_misc_charge_and_an_item_without_a_category_go_under_names_of_their_own() -> None:
    bare = line("5", Item={"categoryID": "0"})
    found = fact("sales", sale(line("2.25", itemID="0"), bare))
    assert sums(found) == {("sale", "Miscellaneous"): 225, ("sale", "Uncategorized"): 500, ("tender", "cash"): 725}


def test_a_bottle_deposit_is_an_item_fee_and_no_sale() -> None:
    found = fact("sales", sale(line("3"), line("0.1", 2, itemID="0", itemFeeID="1074", lineType="item_fee")))
    assert sums(found)["item_fee", "Item fee 1074"] == 20


def test_the_day_is_the_shops_own_even_under_an_old_name_of_its_zone() -> None:
    late = fact("sales", sale(line("1"), completeTime="2026-03-16T03:59:00+00:00"))
    assert late.business_day == date(2026, 3, 15)
    early = fact("sales", sale(line("1"), completeTime="2026-03-16T04:00:00+00:00"))
    assert early.business_day == date(2026, 3, 16)


def test_an_answer_of_version_two_tells_its_completion_by_the_time_stamp() -> None:
    body = sale(line("1"), timeStamp="2015-12-11T23:17:18+00:00")
    del body["completeTime"]
    assert fact("sales", body).business_day == date(2015, 12, 11)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"voided": "true"}, "void"),
        ({"archived": "true"}, "archived"),
        ({"completed": "false"}, "not completed, though 18.00 USD of payments are attached: they count with it"),
    ],
)
def test_a_sale_that_does_not_count_holds_no_money_and_says_why(changes: Json, reason: str) -> None:
    found = fact("sales", sale(line("18")) | changes)
    assert found.about == NoSale(record_id="4", reason=reason)
    assert found.buckets == ()


def test_an_archived_payment_is_void_and_ignored() -> None:
    found = fact("sales", sale(line("18"), pays=[pay("18", CARD, archived="true"), pay("18")]))
    assert sums(found) == {("sale", "Gifts/Mugs"): 1800, ("tender", "cash"): 1800}
    assert found.problems == ()


def test_change_is_not_added_to_cash() -> None:
    assert sums(fact("sales", sale(line("11.49"), change="3.51")))["tender", "cash"] == 1149


def test_a_split_payment_goes_to_both_tenders_and_a_type_of_their_own_under_its_name() -> None:
    found = fact("sales", sale(line("50"), pays=[pay("20"), pay("18", CARD), pay("12", TRUCK)]))
    assert sums(found) == {
        ("sale", "Gifts/Mugs"): 5000,
        ("tender", "cash"): 2000,
        ("tender", "credit card"): 1800,
        ("tender", "Food Truck"): 1200,
    }


@pytest.mark.parametrize("calc_payments", ["23", "18"])
def test_a_tip_inside_the_payment_is_owed_to_staff_whether_or_not_the_header_counts_it(calc_payments: str) -> None:
    body = sale(line("18"), pays=[pay("23", CARD, tipAmount="5")], calcTips="5", calcPayments=calc_payments)
    found = fact("sales", body | {"balance": "-5" if calc_payments == "23" else "0"})
    assert sums(found) == {("sale", "Gifts/Mugs"): 1800, ("tip", "Tips"): 500, ("tender", "credit card"): 2300}
    assert found.problems == ()


def test_a_gift_card_sold_for_cash_is_owed_though_the_total_is_nothing() -> None:
    loaded = [pay("-50", GIFT, SaleAccounts={"SaleAccount": {"creditAccountID": "77"}}), pay("50")]
    found = fact("sales", sale(pays=loaded, displayableTotal="50"))
    assert sums(found) == {("gift_card", "gift card"): 5000, ("tender", "cash"): 5000}
    assert found.problems == ()


def test_a_gift_card_loaded_with_another_amount_than_the_receipt_shows_holds_the_day() -> None:
    found = fact("sales", sale(pays=[pay("-50", GIFT), pay("50")], displayableTotal="40"))
    assert codes(found.problems) == [("R9", -1000)]


def test_a_gift_card_redeemed_is_a_tender() -> None:
    found = fact("sales", sale(line("50"), pays=[pay("30", GIFT, creditAccountID="77"), pay("20")]))
    assert sums(found)["tender", "gift card"] == 3000
    assert found.problems == ()


def test_a_deposit_is_owed_to_the_customer_and_a_charge_is_owed_by_him() -> None:
    deposit = fact("sales", sale(pays=[pay("-100", ACCOUNT, creditAccountID="78"), pay("100", CARD)]))
    assert sums(deposit) == {("customer_deposit", "credit account"): 10000, ("tender", "credit card"): 10000}
    charged = fact("sales", sale(line("28"), pays=[pay("28", ACCOUNT, creditAccountID="78")]))
    assert sums(charged)["tender", "credit account"] == 2800


def test_cash_that_names_a_credit_account_is_held_for_review() -> None:
    found = fact("sales", sale(line("28"), pays=[pay("28", CASH, creditAccountID="78")]))
    assert codes(found.problems) == [("deposit_refund", 2800)]


def test_a_return_is_a_refund_paid_by_the_tender_that_paid_it() -> None:
    found = fact("sales", sale(line("18", -1, discount="-1.8", rates=BOTH), pays=[pay("-18.63")]))
    assert found.about == Receipt(receipt_id="4", is_refund=True)
    assert sums(found) == {
        ("refund", "Gifts/Mugs"): -1800,
        ("refund_discount", "Discounts"): 180,
        ("refund_tax", "GST 5%"): -81,
        ("refund_tax", "PST 9.975%"): -162,
        ("refund_tender", "cash"): -1863,
    }
    assert found.problems == ()


def test_a_return_onto_a_gift_card_is_a_refund_and_no_card_sold() -> None:
    found = fact("sales", sale(line("18", -1), pays=[pay("-18", GIFT)]))
    assert sums(found) == {("refund", "Gifts/Mugs"): -1800, ("refund_tender", "gift card"): -1800}


def test_an_exchange_keeps_what_came_back_apart_from_what_was_sold() -> None:
    found = fact("sales", sale(line("13", -1), line("48"), pays=[pay("35", CARD)]))
    assert found.about == Receipt(receipt_id="4", is_refund=False)
    assert sums(found) == {
        ("exchange_return", "Gifts/Mugs"): -1300,
        ("sale", "Gifts/Mugs"): 4800,
        ("tender", "credit card"): 3500,
    }


def test_a_rebate_is_a_negative_price_and_no_return() -> None:
    found = fact("sales", sale(line("18"), line("-3", itemID="0")))
    assert sums(found)["sale", "Miscellaneous"] == -300
    assert found.about == Receipt(receipt_id="4")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ({"paymentTypeID": "17", "name": "Later", "type": "pay later"}, "payment type pay later 17"),
        ({"paymentTypeID": "19", "name": "Crypto", "internalReserved": "true"}, "payment type Crypto 19"),
    ],
)
def test_a_payment_type_that_nobody_knows_is_unknown_and_balances(kind: Json, code: str) -> None:
    found = fact("sales", sale(line("18"), pays=[pay("18", kind)]))
    assert sums(found) == {("sale", "Gifts/Mugs"): 1800, ("unknown", code): 1800}
    assert sides(found) == (1800, 1800)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ({"paymentTypeID": "21", "name": "CASH", "type": "user defined"}, "cash"),
        ({"paymentTypeID": "22", "name": "Credit card", "type": "user defined"}, "credit card"),
        ({"paymentTypeID": "23", "name": "Check", "type": "user defined"}, "Check"),
        ({"paymentTypeID": "2", "name": "Cheque", "type": "user defined", "internalReserved": "true"}, "check"),
        ({"paymentTypeID": "6", "name": "Debit", "type": "credit card", "internalReserved": "true"}, "debit card"),
        ({"paymentTypeID": "1", "name": "Bar", "type": "cash", "internalReserved": "true"}, "cash"),
    ],
)
def test_payment_types_go_by_type_and_id_and_only_their_own_by_name(kind: Json, code: str) -> None:
    assert ("tender", code) in sums(fact("sales", sale(line("18"), pays=[pay("18", kind)])))


def test_without_the_relation_the_shops_list_tells_the_payment_type() -> None:
    bare: Json = {"salePaymentID": "9", "amount": "18", "archived": "false", "paymentTypeID": "12"}
    assert ("tender", "Food Truck") in sums(fact("sales", sale(line("18"), pays=[bare])))


def test_a_currency_without_cents_keeps_its_whole_amounts() -> None:
    found = fact("sales", sale(line("1800")), YEN)
    assert sums(found) == {("sale", "Gifts/Mugs"): 1800, ("tender", "cash"): 1800}
    broken = fact("sales", sale(line("1800.5")), YEN)
    assert "fraction" in dict(codes(broken.problems))


def test_without_zone_or_currency_a_sentence_asks_for_it() -> None:
    with pytest.raises(Unreadable, match="--zone"):
        fact("sales", sale(line("18")), Shop())
    with pytest.raises(Unreadable, match=r"Account\.json"):
        fact("sales", sale(line("18")), Shop(zone="America/New_York"))


@pytest.mark.parametrize("total", ["NaN", "Infinity", "1e40", "twelve"])
def test_what_is_no_amount_holds_its_sale(total: str) -> None:
    assert "no_amount" in [found.code for found in fact("sales", sale(line("18")) | {"total": total}).problems]


def test_the_customer_is_kept_only_where_his_credit_account_was_used() -> None:
    assert b"customerID" not in received_as("sales", sale(line("18"), pays=[pay("18", GIFT, creditAccountID="7")])).body
    assert b'"customerID":"31"' in received_as("sales", sale(pays=[pay("-9", ACCOUNT, creditAccountID="7")])).body


def test_a_stream_that_holds_no_money_is_not_translated() -> None:
    with pytest.raises(Broken, match="no stream"):
        translate("carts", "1", b"{}", SHOP)
