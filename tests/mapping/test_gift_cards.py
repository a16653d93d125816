"""A gift card's balance, step by step: each follows from the one before."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import structs

from connector.domain.facts import Fact
from connector.domain.sales import CardStep, Charge, NoSale
from connector.mapping.documents import documents
from connector.mapping.outcome import Journalized
from tests.mapping.given import fact, rules


def step(name: str, hour: int, change: int | None, balance: int, card: str = "gftc:1") -> Fact:
    told = CardStep(card=card, change=change, balance=balance)
    about = NoSale(record_id=name, reason="told by an order", step=told)
    return structs.replace(
        fact("gift_card_activities", name, about), occurred_at=datetime(2026, 3, 14, hour, tzinfo=UTC)
    )


def warned(made: Journalized) -> list[tuple[str, str, str]]:
    return [(each.code, each.subject, each.severity) for each in made.findings]


def test_a_card_whose_balances_follow_from_its_activities_says_nothing() -> None:
    steps = [step("A", 8, 5000, 5000), step("B", 9, -2500, 2500), step("C", 10, None, 0), step("D", 11, 300, 300)]
    assert warned(documents(reversed(steps), rules())) == []


def test_an_activity_that_is_missing_between_two_balances_is_a_warning_with_its_amount() -> None:
    steps = [step("A", 8, 5000, 5000), step("C", 10, -500, 2000), step("O", 9, 700, 700, "gftc:2")]
    made = documents(steps, rules())
    assert warned(made) == [("S15", "gift_card_activities/C", "warning")]
    assert (
        "held 50.00 USD, C changed it by -5.00 and it holds 20.00: a difference of -25.00" in made.findings[0].message
    )


def test_the_first_step_that_is_known_of_a_card_is_taken_as_it_is() -> None:
    assert warned(documents([step("B", 9, -2500, 2500)], rules())) == []


def test_a_change_without_a_sale_counts_among_the_steps_of_its_card() -> None:
    goodwill = Charge(charge_id="G", about="gftc:1", step=CardStep(card="gftc:1", change=1000, balance=7000))
    given = fact("gift_card_activities", "G", goodwill, ("gift_card_goodwill", "ADJUST_INCREMENT:COMPLIMENTARY", -1000))
    made = documents([step("A", 8, 5000, 5000), given], rules())
    assert ("S15", "gift_card_activities/G", "warning") in warned(made)
    (document,) = made.documents
    assert document.kind == "adjustment"
    assert [(line.role, line.account, line.amount) for line in document.lines] == [
        ("discount", "Square Discounts", 1000),
        ("gift_card", "Square Gift Cards", -1000),
    ]
