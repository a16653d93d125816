"""XML settlement reports: the same settlement as the flat file's, and only as far as the shape is certain."""

from __future__ import annotations

import gzip
import io
import tracemalloc

import pytest

from connector.errors import Unreadable
from connector.sandbox.amazon_chain import AMERICAN, CANADIAN, Plan
from connector.sources.amazon import xml_rows
from connector.sources.amazon.files import rows
from connector.sources.amazon.positions import money_in
from connector.sources.amazon.xml_rows import XmlRows
from tests.sources.amazon.reports import SUMMARY, fact_of, kinds, report, row
from tests.sources.amazon.xml_reports import entry, envelope, in_pieces, money, tag, xml_of

OWED = [plan for plan in AMERICAN if plan.total < 0 or plan.owed or plan.held]
HEAD = SUMMARY | {"total-amount": "-5.00"}


@pytest.mark.parametrize("plan", [*OWED, *CANADIAN[2:4]], ids=lambda plan: plan.settlement_id)
def test_a_settlement_has_the_same_facts_from_xml_as_from_the_flat_file(plan: Plan) -> None:
    """Returns, reserves, negative totals and advertising among them; also packed."""
    from_xml, from_flat = fact_of(xml_of(plan.content), ""), fact_of(plan.content, "")
    assert from_xml == from_flat == fact_of(gzip.compress(xml_of(plan.content)), "")
    assert from_xml.problems == ()


def test_a_settlement_taken_in_as_xml_and_again_as_flat_file_is_the_same_money() -> None:
    """The settlement id names it, and the digest of its money says that nothing is new (fault row 27)."""
    content = AMERICAN[0].content
    assert fact_of(xml_of(content)).source_id == fact_of(content).source_id
    assert money_in(fact_of(xml_of(content))) == money_in(fact_of(content)) != ""


def test_promotions_and_withheld_tax_have_the_families_of_the_flat_file() -> None:
    content = report([
        row("Order/ItemPrice/Principal", "20.00"),
        row("Order/ItemPrice/Tax", "1.60"),
        row("Order/ItemWithheldTax/MarketplaceFacilitatorTax-Principal", "-1.60"),
        row("Order/Promotion/Shipping", "-2.00"),
        row("Refund/ItemPrice/Principal", "-20.00"),
        row("Refund/ItemFees/RefundCommission", "-0.60"),
        row("Refund/Promotion/Shipping", "2.00"),
        row("ServiceFee/Refund for Advertiser/TransactionTotalAmount", "3.00", marketplace_name=""),
    ])  # fmt: skip
    assert fact_of(xml_of(content)) == fact_of(content)
    assert "unknown" not in kinds(fact_of(content))


def test_the_way_back_leads_from_a_movement_to_its_amount_in_the_xml() -> None:
    content = xml_of(report([row("Order/ItemPrice/Principal", "20.00"), row("Order/ItemFees/Commission", "-3.00")]))
    assert [text.split("\t")[6:11] for _, text in rows(io.BytesIO(content), frozenset({1}))] == [
        ["Order", "Amazon.com", "ItemFees", "Commission", "-3.00"]
    ]


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        (tag("OtherTransaction", tag("TransactionType", "Subscription Fee") + tag(
            "Fees", tag("Fee", tag("Type", "Base") + money("Amount", "-5.00", "USD"), is_text=False),
            is_text=False), is_text=False),
         "OtherTransaction|XML Fees/Fee/Amount|Base"),
        (tag("Retrocharge", tag("BaseTax", money("Amount", "-5.00", "USD"), is_text=False), is_text=False),
         "Retrocharge|XML BaseTax/Amount|"),
        (tag("SellerCouponPayment", money("CouponFee", "-5.00", "USD"), is_text=False),
         "SellerCouponPayment|XML CouponFee|"),
        (tag("AdvertisingTransactionDetails", tag("TransactionType", "Free") + money(
            "TransactionAmount", "-5.00", "USD"), is_text=False),
         "AdvertisingTransactionDetails|XML TransactionAmount|Free"),
        (tag("Order", tag("Fulfillment", tag("Item", tag("ItemPrice", tag("Component", money(
            "Amount", "-5.00", "USD"), is_text=False), is_text=False), is_text=False), is_text=False), is_text=False),
         "Order|ItemPrice|"),
    ],
)  # fmt: skip
def test_money_where_the_shape_is_not_certain_is_counted_and_unknown(inner: str, code: str) -> None:
    fact = fact_of(envelope(HEAD, [inner]))
    assert [(bucket.key.kind, bucket.key.code, bucket.amount) for bucket in fact.buckets] == [("unknown", code, -500)]
    assert fact.problems == ()


def test_parts_that_are_told_beside_their_sum_count_once() -> None:
    parts = money("BaseAmount", "-4.00", "USD") + money("TaxAmount", "-1.00", "USD")
    inner = tag("TransactionType", "Charge") + parts + money("TransactionAmount", "-5.00", "USD")
    fact = fact_of(envelope(HEAD, [tag("AdvertisingTransactionDetails", inner, is_text=False)]))
    assert kinds(fact) == {"advertising": -500} and fact.problems == ()
    item = tag("OtherTransactionItem", tag("SKU", "K1") + money("Amount", "-5.00", "USD"), is_text=False)
    inner = tag("TransactionType", "Storage Fee") + money("Amount", "-5.00", "USD") + item
    fact = fact_of(envelope(HEAD, [tag("OtherTransaction", inner, is_text=False)]))
    assert sum(kinds(fact).values()) == -500 and fact.problems == ()


def test_an_xml_report_that_does_not_add_up_is_held_with_the_difference() -> None:
    only = entry(row("Order/ItemPrice/Principal", "-4.00"), "USD")
    (problem,) = fact_of(envelope(HEAD, [only])).problems
    assert (problem.code, problem.difference) == ("A1", 100)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
DEEP = "".join(f"<A{n}>" for n in range(12)) + "".join(f"</A{n}>" for n in reversed(range(12)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (envelope(HEAD, [], prolog=BOMB), "it declares a document type (DOCTYPE)"),
        (envelope(HEAD, [], prolog='<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'), "it declares a document type"),
        (envelope(HEAD, [])[:-20], "damaged or cut off"),
        (envelope(HEAD, ["<A>&nbsp;</A>"]), "damaged or cut off"),
        (envelope(HEAD, []).replace(b"UTF-8", b"Klingon"), "damaged or cut off"),
        (envelope(HEAD, [DEEP]), "nested deeper"),
        (envelope(HEAD, [tag("Order", "x" * 5000)]), "a text in it is longer"),
        (b'<?xml version="1.0"?><AmazonEnvelope/>', "no settlement report"),
        (envelope(HEAD | {"deposit-date": ""}, []), "without SettlementData/DepositDate"),
        (envelope(HEAD, []).replace(b"SettlementData", b"Other"), "does not begin with the data of one settlement"),
        (envelope(HEAD, ["<SettlementData><StartDate>1</StartDate></SettlementData>"]), "the data of one settlement"),
        (envelope(HEAD, []).replace(b"</Message>", b"</Message><Message><MessageID>2</MessageID></Message>"),
         "more than one settlement"),
        (envelope(HEAD | {"currency": ""}, []), "names no currency"),
        (envelope(HEAD, [entry(row("Order/ItemPrice/Principal", "-5.00"), "CAD")]), "a settlement has one currency"),
        (envelope(HEAD, [entry(row("Order/ItemPrice/Principal", "five"), "USD")]), "'five' in it is not an amount"),
    ],
)  # fmt: skip
def test_xml_that_is_no_sound_report_is_refused_in_one_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        fact_of(content)
    text = str(refused.value)
    assert reason in text and text.startswith("The file cannot be read: ") and "\n" not in text


def test_one_order_without_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_rows, "MOST_LEAVES", 50)
    with pytest.raises(Unreadable, match="a single Order in it is larger"):
        fact_of(envelope(HEAD, ["<Order>" + "<SKU>1</SKU>" * 51 + "</Order>"]))


def test_row_98_a_large_xml_report_is_read_as_it_comes_in_little_memory() -> None:
    content = xml_of(report([row("Order/ItemPrice/Principal", "20.00")] * 20_000))
    tracemalloc.start()
    cells = sum(len(block) for block in XmlRows(in_pieces(content, 1 << 14)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert cells == 20_001 * len(xml_rows.COLUMNS)
    assert peak < 1_000_000 < len(content)
