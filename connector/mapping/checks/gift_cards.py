"""Gift cards as their own ledger: each card's balance is the one before it and what the activity changed (S15).

Values in, findings out. It holds nothing: the money stands in orders, payments and activities of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from connector.domain.facts import Fact
from connector.domain.finding import Finding
from connector.domain.money import decimal_text
from connector.domain.sales import CardStep, Charge, NoSale


def card_findings(facts: Iterable[Fact]) -> tuple[Finding, ...]:
    """A warning for each step that does not lead from one balance of a card to the next."""
    cards: dict[tuple[str, str], list[tuple[Fact, CardStep]]] = defaultdict(list)
    for fact in facts:
        if isinstance(fact.about, Charge | NoSale) and fact.about.step:
            cards[fact.about.step.card, fact.currency].append((fact, fact.about.step))
    return tuple(finding for card in sorted(cards) for finding in _of_card(cards[card]))


def _of_card(steps: Sequence[tuple[Fact, CardStep]]) -> Iterator[Finding]:
    in_order = sorted(steps, key=lambda step: (step[0].occurred_at, step[0].source_id))
    for (_, before), (fact, step) in pairwise(in_order):
        off = 0 if step.change is None else step.balance - before.balance - step.change
        if off:
            yield _warning(before, fact, step, off)


def _warning(before: CardStep, fact: Fact, step: CardStep, off: int) -> Finding:
    told = [decimal_text(amount, fact.currency) for amount in (before.balance, step.change or 0, step.balance, off)]
    return Finding(
        code="S15",
        subject=f"{fact.stream}/{fact.source_id}",
        severity="warning",
        message=(
            f"Gift card {step.card} held {told[0]} {fact.currency}, {fact.source_id} changed it by {told[1]} and it "
            f"holds {told[2]}: a difference of {told[3]}."
        ),
        fix="Nothing is held. An activity of the card may be missing here: pull again, then ask Square.",
    )
