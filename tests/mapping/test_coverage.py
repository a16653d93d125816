"""What is done with money that nobody decided about: it waits, falls back, or is posted; and it is always told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.domain.account_map import AccountMap
from connector.domain.books import Account, Books
from connector.domain.document import Held
from connector.domain.facts import Fact
from connector.domain.map_check import check_map
from connector.domain.map_file import read_map
from connector.domain.map_writing import written_map
from connector.domain.sales import Sale, Tender
from connector.errors import Unreadable
from connector.mapping.documents import documents
from connector.mapping.outcome import Journalized
from tests.mapping.given import fact, payout, rules, sums

CHARGED = [
    fact("orders", "A", Sale(sale_id="A", total=1300, tendered=(("P", 1300),)),
         ("sale", "Food", 1000), ("service_charge", "Room fee", 300)),
    fact("payments", "P", Tender(tender_id="P", sale_id="A", amount=1300), ("tender", "CARD", 1300)),
]  # fmt: skip


def made(text: str, facts: list[Fact], **more: object) -> Journalized:
    changes: dict[str, object] = {"account_map": read_map(text), **more}
    return documents(facts, rules("square", **changes))


def held(outcome: Journalized) -> Held:
    (only,) = outcome.held
    return only


def test_what_nobody_decided_waits_and_says_for_what_and_how_much() -> None:
    day = held(made("slots: {bank: Checking}", CHARGED))
    assert (day.waits_for, day.amount) == (("slot service_charge",), 1300)


def test_a_payout_without_a_bank_waits_with_its_worth() -> None:
    waiting = held(made("", payout("po_1", 1000, 30)))
    assert (waiting.waits_for, waiting.amount) == (("slot bank",), 970)


def test_it_falls_back_to_a_named_account_and_is_flagged() -> None:
    outcome = made("slots: {bank: Checking}\ncoverage: {service_charge: {account: Suspense}}", CHARGED)
    assert not outcome.held
    assert sums(outcome.documents[0].lines)["Suspense"] == -300
    (flag,) = outcome.findings
    assert (flag.code, flag.severity, flag.amount, flag.movements) == ("posted_undecided", "warning", 300, 1)
    assert "service_charge (Room fee): 3.00 USD in 1 movement went to Suspense" in flag.message


def test_it_is_posted_where_the_source_proposes_and_is_flagged() -> None:
    outcome = made("slots: {bank: Checking}\ncoverage: {service_charge: post}", CHARGED)
    assert sums(outcome.documents[0].lines)["Square Service Charge Income"] == -300
    assert [flag.subject for flag in outcome.findings] == ["service_charge|Room fee"]


def test_a_decision_ends_the_flag() -> None:
    text = "slots: {bank: Checking, service_charge: Room fees}\ncoverage: {service_charge: {account: Suspense}}"
    outcome = made(text, CHARGED)
    assert sums(outcome.documents[0].lines)["Room fees"] == -300
    assert not outcome.findings


def test_something_unknown_can_fall_back_as_well() -> None:
    shells = [
        fact("orders", "A", Sale(sale_id="A", total=1000, tendered=(("P", 1000),)), ("sale", "Food", 1000)),
        fact("payments", "P", Tender(tender_id="P", sale_id="A", amount=1000), ("unknown", "SHELLS", -1000)),
    ]
    assert held(made("", shells)).waits_for == ("kind of SHELLS",)
    outcome = made("coverage: {unknown: {account: Suspense}}", shells)
    assert sums(outcome.documents[0].lines)["Suspense"] == 1000
    assert [flag.subject for flag in outcome.findings] == ["unknown|SHELLS"]


def test_a_tax_without_a_code_takes_the_one_to_fall_back_to() -> None:
    text = "slots: {bank: Checking, service_charge: Fees in}"
    assert held(made(text, CHARGED, country="GB", out_of_scope="NONE")).waits_for == ("tax none",)
    outcome = made(f"{text}\ncoverage: {{taxes: {{tax_code: EXEMPT}}}}", CHARGED, country="GB", out_of_scope="NONE")
    assert {line.tax_code for line in outcome.documents[0].lines if line.role == "sales"} == {"EXEMPT"}
    assert [(flag.subject, flag.amount) for flag in outcome.findings] == [("taxes|none", 1300)]


def test_an_account_that_the_books_lost_falls_back_where_its_slot_says_so() -> None:
    kept = Account(account_id="1", name="Square Balance", number="", type="bank", kind="Bank")
    books = Books(name="B", country="US", currency="USD", accounts=(kept,))
    text = "slots: {bank: Checking, service_charge: Fees in}\ncoverage: {sales: {account: Sales to be coded}}"
    outcome = made(text, CHARGED, accounts=books)
    assert sums(outcome.documents[0].lines)["Sales to be coded"] == -1000
    there = replace(books, accounts=(kept, replace(kept, account_id="2", name="Square Sales")))
    assert sums(made(text, CHARGED, accounts=there).documents[0].lines)["Square Sales"] == -1000


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{bank: maybe}", "coverage.bank is hold, post, or {account: …} to fall back to."),
        ("{bank: {}}", "coverage.bank names nothing to fall back to."),
        ("{bank: {acount: X}}", "coverage.bank does not know 'acount'; it knows account, number, tax_code."),
        (
            "{bank: post}",
            "coverage.bank cannot be post: Square proposes nothing there. Say hold, or what to",
        ),
        ("{bnak: hold}", "coverage has no slot 'bnak'; it has"),
        ("{taxes: {account: X}}", "coverage.taxes falls back to a tax_code."),
        ("{bank: {tax_code: X}}", "coverage.bank falls back to an account."),
    ],
    ids=["word", "nothing", "field", "no proposal", "slot", "tax by account", "account by tax"],
)
def test_coverage_that_cannot_be_kept_is_refused(entry: str, told: str) -> None:
    with pytest.raises(Unreadable) as refused:
        check_map(read_map(f"coverage: {entry}"), rules().defaults)
    assert told in str(refused.value)


def test_hold_is_what_an_unsaid_slot_does() -> None:
    said = read_map("slots: {bank: Checking}\ncoverage: {service_charge: hold}")
    assert documents(CHARGED, rules(account_map=said)).held == made("slots: {bank: Checking}", CHARGED).held
    assert read_map(written_map(said)) == said
    assert AccountMap().covered("bank").policy == "hold"
