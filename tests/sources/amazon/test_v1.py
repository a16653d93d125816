"""Reports in the older layout, flat file V1: nine amount columns, and the same families as in V2."""

from __future__ import annotations

import io

import pytest

from connector.domain.facts import UNKNOWN
from connector.errors import Unreadable
from connector.sources.amazon.files import rows
from tests.sources.amazon.reports import V1, Row, fact_of, kinds, report, row, summary, table, v1_row

NO_PROMOTION = [name for name in V1 if not name.startswith("promotion")]

PRICE = v1_row("Order", price_type="Principal", price_amount="35.00")
FEE = v1_row("Order", item_related_fee_type="Commission", item_related_fee_amount="-5.25")
PROMOTION = v1_row("Order", promotion_type="Shipping", promotion_amount="-2.00")
ADVERTISING = v1_row(
    "ServiceFee",
    item_related_fee_type="Cost of Advertising",
    item_related_fee_amount="-10.00",
    other_fee_amount="-1.30",
    other_fee_reason_description="TaxAmount",
)


def v1(total: str, *details: Row, columns: list[str] = V1) -> bytes:
    return table([summary(total), *details], columns)


def test_the_nine_amount_columns_are_added_up_and_several_on_a_row_are_several_movements() -> None:
    fact = fact_of(v1("16.45", PRICE, FEE, PROMOTION, ADVERTISING))
    assert fact.problems == ()
    assert fact.movement_count == 5
    assert kinds(fact) == {"sales": 3500, "fee_referral": -525, "promotions": -200, "advertising": -1130}


def test_the_eight_columns_of_a_period_without_promotions_do_as_well() -> None:
    fact = fact_of(v1("29.75", PRICE, FEE, columns=NO_PROMOTION))
    assert (fact.problems, kinds(fact)) == ((), {"sales": 3500, "fee_referral": -525})


def test_v1_and_v2_of_a_settlement_have_the_same_families_and_sums() -> None:
    old = v1(
        "-1.00",
        PRICE,
        v1_row("Order", price_type="Tax", price_amount="2.80"),
        v1_row("Order", item_related_fee_type="MarketplaceFacilitatorTax-Principal", item_related_fee_amount="-2.80"),
        v1_row("Subscription Fee", other_amount="-39.00   "),
        v1_row("WAREHOUSE_LOST", other_amount="4.00"),
        v1_row("Micro Deposit", other_amount="-0.01"),
        v1_row("Order", shipment_fee_type="FBA transportation fee", shipment_fee_amount="-0.99"),
    )
    new = [
        row("Order/ItemPrice/Principal", "35.00"),
        row("Order/ItemPrice/Tax", "2.80"),
        row("Order/ItemWithheldTax/MarketplaceFacilitatorTax-Principal", "-2.80"),
        row("other-transaction/other-transaction/Subscription Fee", "-39.00"),
        row("other-transaction/FBA Inventory Reimbursement/WAREHOUSE_LOST", "4.00"),
        row("Transfers/Micro Deposit/Micro Deposit", "-0.01"),
        row("Order/ShipmentFees/FBA transportation fee", "-0.99"),
    ]
    before, after = fact_of(old), fact_of(report(new))
    assert before.problems == after.problems == ()
    assert before.buckets == after.buckets
    assert UNKNOWN not in kinds(after)


def test_amounts_that_v2_has_no_name_for_are_held_as_unknown() -> None:
    fact = fact_of(
        v1(
            "-6.00",
            v1_row("Order", misc_fee_amount="-1.00"),
            v1_row("Order", other_fee_amount="-2.00", other_fee_reason_description="Odd"),
            v1_row("Something new", other_amount="-3.00"),
        )
    )
    assert kinds(fact) == {UNKNOWN: -600}
    assert fact.movement_count == 3


def test_movements_of_one_row_lead_back_to_it_in_the_order_of_its_columns() -> None:
    content = v1("23.70", PRICE, ADVERTISING)
    fact = fact_of(content)
    assert [fact.buckets[number].key.kind for number in fact.bucket_numbers()] == [
        "sales",
        "advertising",
        "advertising",
    ]
    found = dict(rows(io.BytesIO(content), frozenset({0, 1, 2})))
    assert "Principal" in found[0]
    assert found[1] == found[2]
    assert "Cost of Advertising" in found[1]


def test_a_broken_row_is_joined_in_the_older_layout_too() -> None:
    assert fact_of(v1("23.70", PRICE, ADVERTISING).replace(b"Cost of", b"Cost\n of")) == fact_of(
        v1("23.70", PRICE, ADVERTISING)
    )


def test_an_amount_column_that_lacks_is_named() -> None:
    with pytest.raises(Unreadable, match="lacks the column other-amount"):
        fact_of(v1("35.00", PRICE, columns=[name for name in V1 if name != "other-amount"]))
