"""The vocabulary: which family a triple belongs to, and what stays unknown."""

from __future__ import annotations

import pytest

from connector.domain.defaults import table
from connector.domain.facts import UNKNOWN
from connector.sources.amazon.defaults import DEFAULTS
from connector.sources.amazon.translate import Triple, meaning, suggested_family
from tests.sources.amazon.reports import fact_of, report, row

PACKAGE = "connector.sources.amazon"


def kind(text: str, marketplace: str = "Amazon.com") -> str:
    first, second, third = text.split("/")
    return meaning((first, second, third), marketplace).kind


@pytest.mark.parametrize(
    ("triple", "family"),
    [
        ("Order/ItemPrice/Principal", "sales"),
        ("Order/Promotion/Principal", "promotions"),
        ("Refund/ItemPrice/Principal", "refund_sales"),
        ("Refund/ItemFees/Commission", "refund_fee_referral"),
        ("Refund/ItemWithheldTax/MarketplaceFacilitatorTax-Shipping", "refund_marketplace_tax_withheld"),
        ("Refund/ItemWithheldTax/LowValueGoodsTax-Principal", "refund_marketplace_tax_withheld"),
        ("Refund/ItemWithheldTax/Something else", UNKNOWN),
        ("CouponRedemptionFee/CouponRedemptionFee/20 % off, 3-9 April", "fee_coupons"),
        ("Lightning Deal Fee/LightningDealFee/", "fee_deals"),
        ("Debt/Debt Payment/Debt Payment", "card_charged_for_negative_balance"),
        ("other-transaction/other-transaction/Transfer of funds unsuccessful: the bank said no", "transfer_returned"),
        ("other-transaction/other-transaction/Cross-marketplace adjustment", "cross_marketplace_offset"),
        ("other-transaction/other-transaction/Debt payment from another marketplace", "cross_marketplace_offset"),
        ("Order/ItemWithheldTax/TDS (Section 194-O)", "withholding_tax_asset"),
        ("other-transaction/Amazon Warehousing & Distribution (AWD)/AWD Storage Fee", "fee_awd"),
        ("Order/ItemFees/Principal", UNKNOWN),
        ("Order/ItemPrice/Commission", UNKNOWN),
        ("order/ItemPrice/Principal", UNKNOWN),
    ],
)
def test_a_family_is_found_by_the_whole_triple(triple: str, family: str) -> None:
    assert kind(triple) == family


def test_an_unproven_row_is_a_suggestion_and_no_default() -> None:
    for description in ("Failed charge", "Unsuccessful charge"):
        triple = ("other-transaction", "other-transaction", description)
        assert meaning(triple, "").kind == UNKNOWN
        assert suggested_family(triple) == "card_charged_for_negative_balance"
    assert suggested_family(("Order", "ItemPrice", "Never seen")) == ""


def test_outside_amazons_sites_there_are_fees_but_no_revenue() -> None:
    assert kind("Order/ShipmentFees/FBA transportation fee", "Non-Amazon CA") == "fee_mcf_shipping"
    assert kind("Order/ItemPrice/Principal", "Non-Amazon CA") == UNKNOWN
    assert kind("Order/ItemPrice/Shipping", "Non-Amazon US") == UNKNOWN


def test_an_unknown_movement_keeps_its_own_words_and_its_money() -> None:
    (bucket,) = fact_of(report([row("Order/ItemFees/MoonTax", "-1.00")])).buckets
    assert (bucket.key.kind, bucket.key.code, bucket.amount) == (UNKNOWN, "Order|ItemFees|MoonTax", -100)


def test_free_text_makes_no_new_code_each_time() -> None:
    rows = [row(f"CouponRedemptionFee/CouponRedemptionFee/Coupon {number}", "-0.60") for number in range(3)]
    (bucket,) = fact_of(report(rows)).buckets
    assert (bucket.key.code, bucket.count) == ("CouponRedemptionFee|CouponRedemptionFee|*", 3)


def test_every_row_of_the_vocabulary_finds_itself_and_its_family_has_a_rule_and_an_account() -> None:
    for line in table(PACKAGE, "vocabulary.csv"):
        triple: Triple = (line["transaction_type"], line["amount_type"], line["amount_description"])
        if "(any" not in "".join(triple):
            assert suggested_family(triple) == line["suggested_family"]
        rule = DEFAULTS.rule(line["suggested_family"], "")
        assert rule and rule.text and rule.side == "credit", line
        assert DEFAULTS.account(rule.slot), rule


def test_no_bank_account_is_ever_proposed_and_the_books_of_record_are_balance_sheet() -> None:
    assert "bank" not in {account.type for account in DEFAULTS.accounts.values()}
    assert {
        slot: DEFAULTS.accounts[slot].type for slot in ("reserve", "clearing", "carry", "adjustments", "paid_out")
    } == {
        "reserve": "current_asset",
        "clearing": "current_asset",
        "carry": "current_asset",
        "adjustments": "current_asset",
        "paid_out": "current_asset",
    }
    assert DEFAULTS.accounts["clearing"].name == "{marketplace} Clearing"
    numbers = [account.number for account in DEFAULTS.accounts.values()]
    assert all(number.startswith("AM-") for number in numbers)
