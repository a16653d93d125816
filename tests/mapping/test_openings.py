"""What was open at the cut-over becomes one balanced document an account; the tax registration has its first day."""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec import structs

from connector.domain.cutover import Cutover, OpeningItem
from connector.domain.facts import Fact
from connector.domain.map_file import read_map
from connector.domain.payouts import PayoutEntry
from connector.domain.registration import Registration, registration
from connector.mapping.documents import documents
from connector.mapping.openings import not_paid_out, openings
from connector.mapping.rules import Rules
from tests.mapping.given import DAY, payout, rules, sale, settlement, sums

UNTIL = date(2026, 3, 31)


def item(slot: str, amount: int, name: str) -> OpeningItem:
    return OpeningItem(slot=slot, name=name, amount=amount, currency="USD")


def cutover(*items: OpeningItem) -> Cutover:
    return Cutover(previous="connector", last_day=UNTIL, against="Old Clearing", items=items, is_complete=True)


def test_one_opening_document_an_account_names_its_items_and_balances_against_the_method_before() -> None:
    decided = cutover(
        item("clearing.card", 41260, "po_19"), item("clearing.card", 9900, "po_20"), item("gift_cards", 12000, "cards")
    )
    made = openings(decided, rules()).documents
    assert [document.kind for document in made] == ["opening", "opening"]
    card, gifts = made
    assert (card.date, card.period) == (date(2026, 4, 1), "opening|clearing.card|USD")
    assert [(line.role, line.account, line.amount, line.text) for line in card.lines] == [
        ("clearing", "Square Balance", 41260, "po_19"),
        ("clearing", "Square Balance", 9900, "po_20"),
        ("opening", "Old Clearing", -51160, "Until 2026-03-31"),
    ]
    assert sums(gifts.lines) == {"Square Gift Cards": -12000, "Old Clearing": 12000}


def test_nothing_opens_while_anything_is_undecided_and_each_gap_is_a_sentence() -> None:
    assert len(Cutover().gaps) == 1
    half = Cutover(previous="connector")
    assert len(half.gaps) == 3
    assert not openings(Cutover(previous="connector", last_day=UNTIL, items=(item("tips", 1, "x"),)), rules()).documents
    assert Cutover(previous="nothing").gaps == ()


def test_an_opening_whose_account_nobody_decided_waits_with_its_amount() -> None:
    (held,) = openings(cutover(item("stored_balance", 5000, "kept at Square")), rules()).held
    assert (held.waits_for, held.amount) == (("slot stored_balance",), 5000)


def test_a_marketplace_opens_its_own_clearing_account() -> None:
    decided = cutover(item("clearing@Amazon.ca", 4756302, "settlement 28471003777"))
    (made,) = openings(decided, rules("amazon")).documents
    assert (made.lines[0].account, made.lines[0].number) == ("Amazon.ca Clearing", "AM-6000CA")


def test_the_records_tell_what_later_payouts_bring_of_takings_before() -> None:
    facts = [*sale("A", 1000, day=date(2026, 3, 13)), *payout("po_1", 1000, 30)]
    facts[-1] = settles(facts[-1], "PA")
    assert not_paid_out(facts, DAY) == [item("clearing.card", 1000, "po_1: taken before 2026-03-14")]
    assert not_paid_out(facts, date(2026, 3, 13)) == []


def settles(fact: Fact, tender: str) -> Fact:
    assert isinstance(fact.about, PayoutEntry)
    return structs.replace(fact, about=structs.replace(fact.about, settles=tender))


def test_a_settlement_that_ended_before_and_arrives_after_was_not_paid_out() -> None:
    fact = settlement(74897, ("sales", "2026-04", 74897), deposits_on=date(2026, 5, 4))
    assert fact.occurred_at < datetime(2026, 5, 3, tzinfo=UTC)
    (found,) = not_paid_out([fact], date(2026, 5, 3))
    assert (found.slot, found.amount) == ("clearing@Amazon.com", 74897)


def test_of_a_settlement_over_the_cut_over_the_months_before_were_not_paid_out() -> None:
    parts = [("sales", "2026-04", 4235818), ("negative_balance_brought_forward", "2026-04", -100),
             ("sales", "2026-05", 520484)]  # fmt: skip
    fact = settlement(4756202, *parts, deposits_on=date(2026, 5, 4))
    assert [each.amount for each in not_paid_out([fact], date(2026, 5, 1))] == [4235818]
    assert not_paid_out([fact], date(2026, 4, 30)) == []


def vat(**more: object) -> Rules:
    decided = read_map("slots: {bank: Checking}\ntaxes: {none: EXEMPT}")
    changes: dict[str, object] = {"account_map": decided, "country": "GB", "out_of_scope": "NONE", **more}
    return rules("square", **changes)


def codes(asked: Rules, day: date) -> set[str]:
    made = documents(sale("A", 1000, day=day), asked).documents
    return {line.tax_code for document in made for line in document.lines if line.role == "sales"}


def test_before_the_registration_everything_is_out_of_scope() -> None:
    since = vat(registration=Registration(since=date(2026, 4, 1)))
    assert codes(since, date(2026, 3, 31)) == {"NONE"}
    assert codes(since, date(2026, 4, 1)) == {"EXEMPT"}
    assert codes(vat(registration=Registration(is_registered=False)), date(2026, 4, 1)) == {"NONE"}


def test_a_month_part_is_taxed_in_the_month_in_which_the_registration_begins() -> None:
    told = registration({"tax registered": "yes", "tax from": "2026-04-15", "tax basis": "cash"})
    assert [told.charges(period) for period in ("2026-03", "2026-04", "2026-04-14", "2026-04-15", "")] == [
        False, True, False, True, True,
    ]  # fmt: skip
    assert told.basis == "cash"
