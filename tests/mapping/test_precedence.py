"""Which decision of the account map wins, and the words that tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from connector.domain.account_map import AccountMap
from connector.domain.facts import Bucket, BucketKey, Fact
from connector.domain.map_file import read_map
from connector.mapping.documents import documents
from connector.mapping.lookup import Missing, Place, place
from connector.mapping.rules import Rules
from tests.mapping.given import payout, rules, sale, sums

EVERYTHING = """
slots: {bank: Checking, sales: Sales by the slot}
codes:
  - {kind: sale, code: Latte, account: Sales of lattes}
  - {kind: sale, code: Coffee, account: Sales of coffee}
  - {kind: sale, location: L1, account: Sales of Main St}
  - {kind: sale, channel: Online, account: Sales online}
  - {kind: sale, account: Sales of the kind}
"""


def home(text: str, **key: str) -> Place:
    of = BucketKey(**{"kind": "sale", "code": "Latte", "currency": "USD", "period": "2026-03-14", **key})
    asked = rules(account_map=read_map(text), categories={"Latte": "Coffee"}, location_names={"L1": "Main St"})
    found = place(Bucket(key=of, amount=100, count=1), asked, {})
    assert isinstance(found, Place)
    return found


def without(*lines: int) -> str:
    """The whole map without those of its lines about codes."""
    kept = EVERYTHING.strip().splitlines()
    return "\n".join(line for n, line in enumerate(kept) if n - 2 not in lines)


def test_product_then_category_then_location_or_channel_then_kind_then_slot_then_proposal() -> None:
    at = {"location": "L1", "channel": "Online"}
    won = [home(without(*range(n)), **at) for n in range(5)]
    assert [(each.account, each.why) for each in won] == [
        ("Sales of lattes", "the map decides sale 'Latte'"),
        ("Sales of coffee", "the map decides sale 'Coffee', the category of 'Latte'"),
        ("Sales of Main St", "the map decides every sale at Main St"),
        ("Sales online", "the map decides every sale by Online"),
        ("Sales of the kind", "the map decides every sale"),
    ]
    by_slot, proposed = home("slots: {sales: Sales by the slot}"), home("")
    assert (by_slot.account, by_slot.why) == ("Sales by the slot", "the map decides the slot sales")
    assert (proposed.account, proposed.why) == ("Square Sales", "Square proposes it for the slot sales")


def test_a_slot_that_is_decided_by_its_family_says_so() -> None:
    found = home("slots: {clearing: Takings}", kind="tender", code="CARD")
    assert found.account == "Takings"
    assert found.why == "the map decides the slot clearing, to which clearing.card belongs"
    both = "slots: {clearing: Takings, clearing.cash: Till}"
    assert home(both, kind="tender", code="CASH").account == "Till"


def test_a_category_at_one_place_goes_before_the_category_everywhere() -> None:
    text = """
codes:
  - {kind: sale, code: Coffee, account: Coffee}
  - {kind: sale, code: Coffee, location: L1, account: Coffee of Main St}
"""
    assert home(text, location="L1").account == "Coffee of Main St"
    assert home(text, location="L2").account == "Coffee"


def test_the_cash_of_each_shop_can_wait_in_an_account_of_its_own() -> None:
    text = "codes: [{kind: tender, code: CASH, location: L2, account: Cash at the airport}]"
    assert home(text, kind="tender", code="CASH", location="L2").account == "Cash at the airport"
    assert home(text, kind="tender", code="CASH", location="L1").account == "Square Cash Clearing"


def test_a_wider_decision_still_gives_what_the_narrower_leaves_open() -> None:
    text = """
codes:
  - {kind: sale, code: Latte, account: Lattes}
  - {kind: sale, code: Coffee, account: Coffee, tracking: {Class: Bar}}
"""
    assert (home(text).account, home(text).tracking) == ("Lattes", (("Class", "Bar"),))


def dated(*facts: Fact, asked: Rules) -> dict[date, dict[str, int]]:
    return {made.date: sums(made.lines) for made in documents(facts, asked).documents}


def test_days_before_a_version_keep_the_version_before_it() -> None:
    first, second = date(2026, 3, 31), date(2026, 4, 1)
    older = read_map("slots: {sales: Old Sales, bank: Checking}", number=1)
    newer = read_map("slots: {sales: New Sales, bank: Checking}", number=2)
    asked = rules(account_map=newer, earlier=((second, older),))
    made = dated(*sale("A", 1000, day=first), *sale("B", 2000, day=second), asked=asked)
    assert made[first]["Old Sales"] == -1000
    assert made[second]["New Sales"] == -2000
    assert (asked.on(first).account_map.number, asked.on(second).account_map.number) == (1, 2)


def test_what_is_before_the_first_day_of_a_feed_is_left_to_the_method_before_it() -> None:
    asked = rules(starts_on=date(2026, 4, 1))
    facts = [*sale("A", 1000, day=date(2026, 3, 31)), *sale("B", 2000, day=date(2026, 4, 1)), *payout("P", 900, 30)]
    made = documents(facts, asked)
    assert [document.date for document in made.documents] == [date(2026, 4, 1)]
    assert {each.reason for each in made.ignored} == {
        "It is before 2026-04-01, the first day of this feed: the method before it covers it."
    }
    assert not made.held


def test_an_empty_map_and_no_map_decide_the_same() -> None:
    assert replace(rules(), account_map=AccountMap()) == rules(account_map=read_map(""))
    assert isinstance(place(Bucket(key=BucketKey(kind="service_charge", code="x", currency="USD", period="2026-03-14"),
                                   amount=1, count=1), rules(), {}), Missing)  # fmt: skip
