"""Transactions that Amazon holds back: their money by family, in the codes of a settlement, and never in a document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connector.domain.facts import Fact
from connector.domain.sales import NoSale
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable
from connector.mapping.documents import documents
from connector.sandbox.amazon_deferrals import deferrals
from connector.sandbox.body import encode
from connector.sources.amazon.deferrals import translate_transaction
from connector.sources.amazon.previews import saved
from tests.mapping.given import rules
from tests.sources.amazon.selling import Seller, selling

BODIES = {f"D-{each.name}": encode(each.body) for each in deferrals()}


@pytest.fixture
def seller(tmp_path: Path) -> Iterator[Seller]:
    with selling(tmp_path) as found:
        yield found


def fact_of(name: str, **changes: object) -> Fact:
    body = json.loads(BODIES[name]) | changes
    return translate_transaction(name, json.dumps(body).encode(), "")


def money(fact: Fact) -> dict[tuple[str, str], int]:
    return {(bucket.key.kind, bucket.key.code): bucket.amount for bucket in fact.buckets}


def node(name: str, amount: object, *below: object, currency: str = "USD") -> dict[str, object]:
    told = {"currencyAmount": amount, "currencyCode": currency}
    return {"breakdownType": name, "breakdownAmount": told, "breakdowns": list(below) or None}


def test_a_deferred_order_has_its_money_by_family_in_the_codes_of_a_settlement() -> None:
    assert money(fact_of("D-0612")) == {
        ("sales", "Order|ItemPrice|Principal"): 4590,
        ("tax_collected", "Order|ItemPrice|Tax"): 367,
        ("marketplace_tax_withheld", "Order|ItemWithheldTax|MarketplaceFacilitatorTax-Principal"): -367,
        ("fee_referral", "Order|ItemFees|Commission"): -688,
        ("fee_fba", "Order|ItemFees|FBAPerUnitFulfillmentFee"): -540,
    }


def test_a_deferred_refund_has_the_opposite_signs() -> None:
    assert money(fact_of("D-0690")) == {
        ("refund_sales", "Refund|ItemPrice|Principal"): -4590,
        ("refund_tax_collected", "Refund|ItemPrice|Tax"): -367,
        ("refund_marketplace_tax_withheld", "Refund|ItemWithheldTax|MarketplaceFacilitatorTax-Principal"): 367,
        ("refund_fee_referral", "Refund|ItemFees|Commission"): 688,
    }


def test_a_fee_that_the_vocabulary_lacks_is_unknown_with_its_whole_path() -> None:
    assert money(fact_of("D-0692"))["unknown", "Shipment|AmazonFees|RiverCrossingFee|Base"] == -35


def test_it_says_why_and_until_when_the_money_is_held_and_belongs_to_its_marketplaces_day() -> None:
    fact = fact_of("D-0520")
    assert isinstance(fact.about, NoSale)
    assert fact.about.reason == "Amazon holds it back (B2B) until 2026-07-04: its money comes in a later settlement."
    assert (fact.business_day, fact.location, fact.currency) == (date(2026, 5, 20), "Amazon.com", "USD")
    assert {(bucket.key.channel, bucket.key.period) for bucket in fact.buckets} == {("DEFERRED", "2026-07-04")}


@pytest.mark.parametrize(
    ("written", "day"),
    [("2026-07-01T00:00:00Z", "2026-07-01"), ("2026-07-01T02:00:00Z", "2026-06-30"), (None, "")],
)
def test_a_maturity_at_midnight_is_a_bare_date_and_any_other_the_marketplaces_day(written: str, day: str) -> None:
    context = {"contextType": "DeferredContext", "deferralReason": "DD7", "maturityDate": written}
    assert {bucket.key.period for bucket in fact_of("D-0520", contexts=[context]).buckets} == {day}


def test_the_status_is_read_in_any_case_and_one_that_is_not_deferred_holds_no_money() -> None:
    assert {bucket.key.channel for bucket in fact_of("D-0520", transactionStatus="Deferred").buckets} == {"DEFERRED"}
    fact = fact_of("D-0520", transactionStatus="Released")
    assert isinstance(fact.about, NoSale)
    assert fact.buckets == () and "Its status is RELEASED" in fact.about.reason


def test_the_transactions_own_breakdown_stands_in_where_the_items_have_none() -> None:
    tree = [node("Sales", 10, node("ProductCharges", 10, node("OurPricePrincipal", 10)))]
    total = {"currencyAmount": 10, "currencyCode": "USD"}
    fact = fact_of("D-0612", items=[{"breakdowns": None}], breakdowns=tree, totalAmount=total)
    assert money(fact) == {("sales", "Order|ItemPrice|Principal"): 1000}


def test_a_node_whose_parts_do_not_add_up_is_not_taken_apart() -> None:
    tree = [node("Sales", 10, node("ProductCharges", 7, node("OurPricePrincipal", 7)))]
    total = {"currencyAmount": 10, "currencyCode": "USD"}
    fact = fact_of("D-0612", items=None, breakdowns=tree, totalAmount=total)
    assert money(fact) == {("unknown", "Shipment|Sales"): 1000}


def test_pieces_that_miss_the_total_are_a_problem_with_the_difference() -> None:
    tree = [node("OurPricePrincipal", "7.50")]
    total = {"currencyAmount": 10, "currencyCode": "USD"}
    (problem,) = fact_of("D-0612", items=None, breakdowns=tree, totalAmount=total).problems
    assert (problem.code, problem.difference) == ("T1", -250)


def test_a_transaction_without_a_breakdown_is_one_unknown_amount() -> None:
    assert money(fact_of("D-0612", items=None, breakdowns=None)) == {("unknown", "Shipment|total"): 3362}


@pytest.mark.parametrize(("amount", "currency", "minor"), [(1200, "JPY", 1200), (12.3, "USD", 1230)])
def test_amounts_become_minor_units_of_their_currency(amount: object, currency: str, minor: int) -> None:
    total = {"currencyAmount": amount, "currencyCode": currency}
    tree = [node("OurPricePrincipal", amount, currency=currency)]
    fact = fact_of("D-0612", items=None, breakdowns=tree, totalAmount=total)
    assert list(money(fact).values()) == [minor]


def test_an_amount_finer_than_its_currency_is_refused() -> None:
    with pytest.raises(Broken, match=r"12\.345 is no amount in USD"):
        fact_of("D-0612", totalAmount={"currencyAmount": "12.345", "currencyCode": "USD"})


def test_what_is_held_back_is_in_no_document_and_is_seen_with_its_reason(seller: Seller) -> None:
    facts = seller.facts("transactions")
    made = documents(facts.values(), rules("amazon"))
    assert (made.documents, made.held) == ((), ())
    assert len(made.ignored) == len(facts) > 0
    assert all("Amazon holds it back" in ignored.reason for ignored in made.ignored)


def test_saved_answers_are_read_beside_settlement_files_a_released_one_counting(tmp_path: Path) -> None:
    pages = [{"payload": {"transactions": [json.loads(body)], "nextToken": None}} for body in BODIES.values()]
    again = json.loads(BODIES["D-0520"]) | {"transactionStatus": "DEFERRED_RELEASED"}
    (tmp_path / "a.json").write_text(json.dumps(pages))
    (tmp_path / "b.json").write_text(json.dumps({"payload": {"transactions": [again]}}))
    (tmp_path / "c.json").write_text('{"orders": []}')
    found = list(saved([tmp_path], Shop()))
    facts = {each.source_id: each for each in found if isinstance(each, Fact)}
    assert facts.keys() == BODIES.keys()
    assert {bucket.key.channel for bucket in facts["D-0520"].buckets} == {"DEFERRED_RELEASED"}
    (wrong,) = (each for each in found if isinstance(each, Unreadable))
    assert "c.json: a .json file is read as what listTransactions answered" in str(wrong)
