"""Which bank account a payout arrives on: its place's, its currency's, or the one for all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from msgspec import structs

from connector.domain.account_map import AccountMap, Placement
from connector.domain.facts import Fact
from connector.domain.map_check import check_map
from connector.domain.payouts import Payout
from connector.errors import Unreadable
from connector.mapping.documents import documents
from connector.sources.registry import source
from tests.mapping.audit.given import account, books, found, world
from tests.mapping.given import payout, rules, settlement

MONDAY = date(2026, 3, 16)
HARBOUR, CANADIAN, ALL = Placement(account="Harbour"), Placement(account="Canadian"), Placement(account="Checking")


def mapped(**slots: Placement) -> AccountMap:
    return AccountMap(number=1, slots={name.replace("__", "."): to for name, to in slots.items()})


@pytest.mark.parametrize(
    ("decided", "account"),
    [
        (mapped(bank=ALL), "Checking"),
        (mapped(bank=ALL, bank__USD=CANADIAN), "Canadian"),
        (mapped(bank=ALL, bank__USD=CANADIAN, bank__L1=HARBOUR), "Harbour"),
        (mapped(bank=ALL, bank__CAD=CANADIAN, bank__L2=HARBOUR), "Checking"),
        (mapped(bank__L1=HARBOUR), "Harbour"),
    ],
    ids=["all", "currency", "place", "others", "place alone"],
)
def test_the_place_goes_before_the_currency_and_the_bank_takes_the_rest(decided: AccountMap, account: str) -> None:
    (made,) = documents(payout("po_1", 900, 20), rules(account_map=decided)).documents
    assert [(line.account, line.amount) for line in made.lines if line.role == "bank"] == [(account, 880)]


def sent(name: str, day: date, to: str) -> list[Fact]:
    head, *entries = payout(name, 900, 20)
    assert isinstance(head.about, Payout)
    return [structs.replace(head, about=structs.replace(head.about, destination=to, arrives_on=day)), *entries]


def test_the_account_that_the_processor_names_goes_before_the_place() -> None:
    decided = mapped(bank=ALL, bank__L1=HARBOUR, **{"bank__bact:B": CANADIAN})
    made = documents([*sent("po_1", MONDAY, "bact:A"), *sent("po_2", MONDAY, "bact:B")], rules(account_map=decided))
    assert [line.account for each in made.documents for line in each.lines if line.role == "bank"] == [
        "Harbour", "Canadian",
    ]  # fmt: skip
    assert made.findings == ()


def test_payouts_that_begin_to_go_elsewhere_are_told_once_and_posted() -> None:
    facts = [
        fact for n in range(3) for fact in sent(f"po_{n}", MONDAY + timedelta(days=n), "bact:B" if n else "bact:A")
    ]
    made = documents(facts, rules())
    (finding,) = made.findings
    assert (finding.code, finding.severity, finding.subject) == ("payout_destination", "warning", "L1 bact:B")
    assert "Payout po_1 of L1 on 2026-03-17 goes to bact:B, payouts before it to bact:A" in finding.message
    assert len(made.documents) == 3
    assert documents(facts, rules(deposits="bank feed")).findings == ()


def test_a_settlement_arrives_on_the_bank_account_of_its_currency() -> None:
    fact = settlement(500, ("sales", "2026-05", 500), deposits_on=date(2026, 5, 4))
    made = documents([fact], rules("amazon", account_map=mapped(bank=ALL, bank__USD=CANADIAN))).documents
    assert {line.account for each in made for line in each.lines if line.role == "bank"} == {"Canadian"}


def test_only_payouts_without_a_bank_account_wait_for_one_and_each_is_checked() -> None:
    own = world(account_map=mapped(bank__USD=CANADIAN), books=books(account("Canadian", "bank", is_active=False)))
    assert found(own).keys() == {"account_archived"}
    (first,) = own.payouts
    both = replace(own, payouts=(first, first._replace(payout_id="po_2", currency="CAD")))
    assert found(both)["unmapped_bank"].blocked == ("payout|po_2",)


def test_a_slot_of_a_bank_account_may_bear_any_place() -> None:
    check_map(mapped(bank__L7Q4=HARBOUR), source("square").defaults)
    with pytest.raises(Unreadable, match="has no slot 'bnak'"):
        check_map(mapped(bnak=ALL), source("square").defaults)
    made = documents([structs.replace(each, location="L9") for each in payout("po_1", 900, 20)],
                     rules(account_map=mapped(bank__L1=HARBOUR)))  # fmt: skip
    assert [held.code for held in made.held] == ["unmapped_bank"]
