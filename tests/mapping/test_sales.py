"""Days and payouts: what is posted, what is held, and what is said about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs

from connector.domain.account_map import AccountMap, Placement
from connector.domain.facts import Bucket, BucketKey, Problem
from connector.domain.sales import DayTotals, NoSale, Refund, Sale, Tender
from connector.mapping.documents import documents
from tests.mapping.given import DAY, fact, payout, refund, rules, sale, sums


def test_a_day_puts_what_was_tendered_into_clearing() -> None:
    (document,) = documents([*sale("O1", 4126), *refund("X1", 500)], rules()).documents
    assert sums(document.lines) == {"Square Balance": 3626, "Square Sales": -4126, "Square Returns": 500}
    assert document.key == "square|M1|L1|sales|2026-03-14"
    assert document.movements == 4


def test_where_books_want_credit_notes_refunds_are_a_document_of_their_own() -> None:
    made = documents([*sale("O1", 4126), *refund("X1", 500)], rules(separate_refunds=True))
    kinds = {document.kind: sums(document.lines) for document in made.documents}
    assert kinds == {
        "sales": {"Square Balance": 4126, "Square Sales": -4126},
        "refund": {"Square Balance": -500, "Square Returns": 500},
    }


def test_a_sale_that_differs_from_its_tender_holds_its_day_and_no_other() -> None:
    other = DAY + timedelta(days=1)
    made = documents([*sale("O1", 1000, tendered=999), *sale("O2", 2000), *sale("O3", 3000, other)], rules())
    (held,) = made.held
    assert (held.key, held.code, held.difference, held.movements) == ("square|M1|L1|sales|2026-03-14", "S7", 1, 4)
    assert "differs from its tenders by 0.01 USD" in held.reason
    assert [document.date for document in made.documents] == [other]


def test_a_payment_without_its_sale_is_held_by_name() -> None:
    made = documents(sale("O1", 1000)[1:], rules())
    assert made.held[0].code == "orphan"
    assert "Payment PO1 of 10.00 USD has no sale here (order O1)" in made.held[0].reason


def test_a_tender_posts_on_its_own_day_and_until_the_sale_completes_it_is_a_deposit() -> None:
    other = DAY + timedelta(days=1)
    about = Sale(sale_id="O1", total=1000, tendered=(("P1", 400), ("P2", 600)))
    facts = [
        fact("orders", "O1", about, ("sale", "Food", 1000), day=other),
        fact("payments", "P1", Tender(tender_id="P1", sale_id="O1", amount=400), ("tender", "CARD", 400)),
        fact("payments", "P2", Tender(tender_id="P2", sale_id="O1", amount=600), ("tender", "CARD", 600), day=other),
    ]
    first, second = documents(facts, rules()).documents
    assert sums(first.lines) == {"Square Balance": 400, "Square Customer Deposits": -400}
    assert sums(second.lines) == {"Square Balance": 600, "Square Customer Deposits": 400, "Square Sales": -1000}


def test_a_sale_taken_offline_stands_with_its_tender_on_the_day_it_was_taken() -> None:
    order, payment = sale("O1", 1000, DAY + timedelta(days=1))[0], sale("O1", 1000)[1]
    (document,) = documents([order, payment], rules()).documents
    assert (document.date, document.period) == (DAY, "day|L1|2026-03-14|USD")
    assert sums(document.lines) == {"Square Balance": 1000, "Square Sales": -1000}


def test_a_return_stands_on_the_day_of_its_refund_though_it_was_made_before_midnight() -> None:
    made, given_back = refund("O1", 500)[0], refund("O1", 500, DAY + timedelta(days=1))[1]
    (document,) = documents([made, given_back], rules()).documents
    assert (document.date, document.period) == (DAY + timedelta(days=1), "day|L1|2026-03-15|USD")
    assert sums(document.lines) == {"Square Returns": 500, "Square Balance": -500}


def test_a_return_whose_refunds_are_of_several_days_waits() -> None:
    made = fact("orders", "O1", Sale(sale_id="O1", total=-500, is_return=True), ("refund", "Food", -500))
    first, second = (
        fact("refunds", name, Refund(refund_id=name, sale_id="O1", tender_id="", amount=250),
             ("refund_tender", "CARD", -250), day=day)
        for name, day in (("R1", DAY), ("R2", DAY + timedelta(days=1)))
    )  # fmt: skip
    assert {held.code for held in documents([made, first, second], rules()).held} == {"several_days"}


def test_a_sale_of_which_a_payment_is_missing_stays_where_it_is_and_waits() -> None:
    other = DAY + timedelta(days=1)
    about = Sale(sale_id="O1", total=1000, tendered=(("P1", 400), ("P2", 600)))
    order = fact("orders", "O1", about, ("sale", "Food", 1000), day=other)
    payment = fact("payments", "P1", Tender(tender_id="P1", sale_id="O1", amount=400), ("tender", "CARD", 400))
    (held,) = documents([order, payment], rules()).held
    assert (held.key, held.code) == ("square|M1|L1|sales|2026-03-15", "S7")


def test_what_was_paid_towards_a_sale_that_is_still_open_is_owed_to_the_customer() -> None:
    order = fact("orders", "O1", Sale(sale_id="O1", total=1000, tendered=(("PO1", 400),), is_complete=False))
    payment = fact("payments", "PO1", Tender(tender_id="PO1", sale_id="O1", amount=400), ("tender", "CARD", 400))
    (document,) = documents([order, payment], rules()).documents
    assert sums(document.lines) == {"Square Balance": 400, "Square Customer Deposits": -400}


def test_a_day_that_differs_from_the_sources_own_total_is_held_to_the_cent() -> None:
    report = DayTotals(report="payments by day", totals=(("tender", "CARD", 1001),), covers=("tender",))
    made = documents([*sale("O1", 1000), fact("reports", "D1", report)], rules())
    assert [(held.code, held.difference, held.movements) for held in made.held] == [("control_total", -1, 2)]
    assert "differs from the source's payments by day by -0.01 USD" in made.held[0].reason


def test_a_day_that_the_source_has_and_we_do_not_is_an_alarm() -> None:
    report = DayTotals(report="payments by day", totals=(("tender", "CARD", 500),), covers=("tender",))
    (held,) = documents([fact("reports", "D1", report)], rules()).held
    assert (held.code, held.difference, held.movements) == ("control_total", -500, 0)


def test_a_feed_for_payouts_only_leaves_the_sales_to_the_other_feed_and_says_so() -> None:
    made = documents([*sale("O1", 1000), *payout("po1", 1000, 30)], rules(role="payouts only"))
    assert [document.kind for document in made.documents] == ["payout"]
    assert [ignored.movements for ignored in made.ignored] == [1, 1]
    made = documents([*sale("O1", 1000), *payout("po1", 1000, 30)], rules(role="sales only"))
    assert [document.kind for document in made.documents] == ["sales"]


def test_what_was_given_back_must_equal_the_refunds() -> None:
    order, _ = sale("O1", 1000)
    tender = Tender(tender_id="PO1", sale_id="O1", amount=1000, refunded=300)
    made = documents([order, fact("payments", "PO1", tender, ("tender", "CARD", 1000))], rules())
    assert (made.held[0].code, made.held[0].difference) == ("S9", 300)


def test_a_kind_that_nobody_knows_holds_the_day_until_the_map_says_where_it_goes() -> None:
    facts = [
        fact("orders", "O1", Sale(sale_id="O1", total=100, tendered=(("P1", 100),)), ("sale", "Food", 100)),
        fact("payments", "P1", Tender(tender_id="P1", sale_id="O1", amount=100), ("unknown", "SHELLS", 100)),
    ]
    made = documents(facts, rules())
    assert made.held[0].code == "unknown_kind"
    assert made.findings[0].subject == "SHELLS"
    placement = Placement(account="Shells", role="clearing", side="debit")
    mapped = rules(account_map=AccountMap(codes={("unknown", "SHELLS"): placement}))
    assert sums(documents(facts, mapped).documents[0].lines) == {"Square Sales": -100, "Shells": 100}


def test_row_39_a_day_whose_sides_differ_in_spite_of_all_is_never_posted() -> None:
    order, payment = sale("O1", 1000)
    wrong = fact("orders", "O1", order.about, ("sale", "Food", 990))
    made = documents([wrong, payment], rules())
    assert (made.held[0].code, made.held[0].difference, made.documents) == ("day_balance", 10, ())


def test_a_slot_that_waits_for_the_owner_holds_the_day_with_the_proposal_named() -> None:
    about = Sale(sale_id="O1", total=100, tendered=(("P1", 100),))
    facts = [
        fact("orders", "O1", about, ("service_charge", "Room fee", 100)),
        fact("payments", "P1", Tender(tender_id="P1", sale_id="O1", amount=100), ("tender", "CARD", 100)),
    ]
    (held,) = documents(facts, rules()).held
    assert held.code == "unmapped_service_charge"
    assert "Square Service Charge Income is proposed" in held.reason


def test_in_books_with_vat_a_sale_without_tax_waits_until_somebody_says_what_it_is() -> None:
    waiting = documents(sale("O1", 1000), rules(country="GB", out_of_scope="NONE"))
    assert waiting.held[0].code == "unmapped_tax"
    decided = AccountMap(taxes={"none": "ZERORATEDOUTPUT"})
    (document,) = documents(sale("O1", 1000), rules(country="GB", out_of_scope="NONE", account_map=decided)).documents
    assert {line.account: line.tax_code for line in document.lines} == {
        "Square Sales": "ZERORATEDOUTPUT",
        "Square Balance": "NONE",
    }


def test_a_cart_that_was_abandoned_is_listed_and_holds_nothing() -> None:
    cart = fact("orders", "O9", NoSale(record_id="O9", reason="open and not paid"))
    made = documents([cart, *sale("O1", 1000)], rules())
    assert [(ignored.reason, ignored.movements) for ignored in made.ignored] == [("open and not paid", 0)]
    assert made.held == ()


def test_a_payout_empties_clearing_into_the_bank_less_its_fee() -> None:
    (document,) = documents(payout("po1", 4126, 124), rules()).documents
    assert sums(document.lines) == {"Square Balance": -4126, "Square Fees": 124, "Checking": 4002}


def test_without_a_bank_account_a_payout_waits_and_says_so() -> None:
    (held,) = documents(payout("po1", 4126, 124), rules(account_map=AccountMap())).held
    assert held.code == "unmapped_bank"
    assert held.movements == 2
    assert "never guessed" in held.reason


def test_a_payout_that_differs_from_its_entries_is_held_with_the_difference() -> None:
    (held,) = documents(payout("po1", 4126, 124, amount=4000), rules()).held
    assert (held.code, held.difference) == ("S11", -2)


def test_a_payment_of_which_a_payout_brings_less_is_a_warning_and_the_payout_is_posted() -> None:
    made = documents([*sale("O1", 1000), *payout("po1", 900, 30, settles="PO1")], rules())
    (finding,) = made.findings
    assert (finding.code, finding.subject, finding.severity) == ("S12", "payments/PO1", "warning")
    assert "took 10.00 USD, payout po1 pays out 9.00 USD of it: a difference of -1.00 USD" in finding.message
    assert {document.kind for document in made.documents} == {"sales", "payout"}
    assert documents([*sale("O1", 1000), *payout("po1", 1000, 30, settles="PO1")], rules()).findings == ()


def test_a_payout_whose_entries_are_missing_waits_for_them() -> None:
    (held,) = documents(payout("po1", 4126, 124)[:1], rules()).held
    assert (held.code, held.difference) == ("missing_entries", 4002)


def test_a_payout_that_failed_keeps_its_fee_and_gives_the_rest_back_to_clearing() -> None:
    (document,) = documents(payout("po1", 4126, 124, has_failed=True), rules(account_map=AccountMap())).documents
    assert sums(document.lines) == {"Square Balance": -124, "Square Fees": 124}
    assert document.kind == "adjustment"


@pytest.mark.parametrize("code", ["ADJUSTMENT", "OTHER"])
def test_an_entry_that_explains_nothing_always_asks(code: str) -> None:
    facts = payout("po1", 4126, 124)
    entry = facts[1]
    odd = fact("payout_entries", entry.source_id, entry.about, ("entry", code, 4126), ("entry_fee", code, -124))
    (held,) = documents([facts[0], odd], rules()).held
    assert held.code == "unmapped_adjustments"


def test_a_record_without_money_that_has_a_problem_is_held_not_ignored() -> None:
    odd = structs.replace(
        fact("payouts", "po9", NoSale(record_id="po9", reason="?")),
        problems=(Problem(code="unknown_status", message="The payout's status LOST is not known."),),
    )
    made = documents([odd], rules())
    assert [(held.code, held.reason) for held in made.held] == [
        ("unknown_status", "The payout's status LOST is not known.")
    ]


def test_a_code_without_an_account_leaves_the_decision_for_its_kind_in_force() -> None:
    codes = {("sale", "Food"): Placement(tax_code="X"), ("sale", ""): Placement(account="All Sales", tax_code="Y")}
    made = documents(sale("O1", 1000), rules(account_map=AccountMap(codes=codes)))
    line = next(line for line in made.documents[0].lines if line.role == "sales")
    assert (line.account, line.tax_code) == ("All Sales", "X")


def test_fees_of_an_earlier_month_are_posted_in_that_month_against_clearing() -> None:
    first, entry = payout("po1", 4126, 124)
    early = fact("payout_entries", entry.source_id, entry.about, ("entry", "CHARGE", 4126))
    bucket = Bucket(
        key=BucketKey(kind="entry_fee", code="CHARGE", currency="USD", period="2026-02-27"), amount=-124, count=1
    )
    made = documents([first, structs.replace(early, buckets=(*early.buckets, bucket))], rules())
    assert [(d.date.isoformat(), d.kind, sums(d.lines)) for d in made.documents] == [
        ("2026-02-28", "adjustment", {"Square Fees": 124, "Square Balance": -124}),
        ("2026-03-14", "payout", {"Square Balance": -4002, "Checking": 4002}),
    ]
