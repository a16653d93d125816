"""Which bank account a payout arrives on: its place's, its currency's, or the one for all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from msgspec import structs

from connector.domain.account_map import AccountMap, Placement
from connector.domain.map_check import check_map
from connector.errors import Unreadable
from connector.mapping.documents import documents
from connector.sources.registry import source
from tests.mapping.audit.given import account, books, found, world
from tests.mapping.given import payout, rules, settlement

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
