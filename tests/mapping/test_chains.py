"""Chains of settlements: what is missing between two, and what one left and the next did not take over."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from random import Random

from connector.domain.facts import Bucket, BucketKey, Fact, Problem
from connector.domain.payouts import Settlement
from connector.mapping.checks.chains import chain_findings, chains, reserves
from connector.sandbox.amazon_chain import AMERICAN, CANADIAN, LOSABLE
from connector.sources.registry import source

FIRST = datetime(2026, 4, 4, 7, tzinfo=UTC)
FORTNIGHT = timedelta(days=14)


def settlement(
    name: str,
    starts: datetime,
    *pieces: tuple[str, int],
    total: int = 0,
    marketplace: str = "Amazon.com",
    currency: str = "USD",
    problems: tuple[Problem, ...] = (),
) -> Fact:
    """A fortnight's settlement; each piece is a kind and an amount in the seller's sign."""
    about = Settlement(
        settlement_id=name,
        starts_at=starts,
        ends_at=starts + FORTNIGHT,
        deposits_on=date(2026, 5, 1),
        total=total,
        marketplace=marketplace,
        zone="UTC",
    )
    buckets = tuple(
        Bucket(key=BucketKey(kind=kind, code="", currency=currency, period="2026-04"), amount=amount, count=1)
        for kind, amount in pieces
    )
    return Fact(
        stream="settlements",
        source_id=name,
        about=about,
        location="",
        occurred_at=about.ends_at,
        business_day=about.deposits_on,
        currency=currency,
        buckets=buckets,
        problems=problems,
    )


def codes(*facts: Fact) -> list[tuple[str, str]]:
    return [(finding.code, finding.subject) for finding in chain_findings(facts)]


def test_a_chain_whose_ends_meet_and_whose_reserve_is_released_has_no_finding() -> None:
    first = settlement("S1", FIRST, ("reserve_held", -500))
    second = settlement("S2", FIRST + FORTNIGHT, ("reserve_released", 500))
    assert codes(first, second) == []


def test_a_gap_is_a_missing_settlement_with_its_dates_and_the_reserve_around_it() -> None:
    first = settlement("S1", FIRST, ("reserve_held", -500))
    third = settlement("S3", FIRST + 2 * FORTNIGHT, ("reserve_released", 320))
    (finding,) = chain_findings([third, first])
    assert (finding.code, finding.severity) == ("settlement_missing", "warning")
    for part in ("Amazon.com in USD", "2026-04-18 07:00:00", "2026-05-02 07:00:00", "5.00 USD", "3.20 USD"):
        assert part in finding.message


def test_a_reserve_that_is_released_in_another_amount_is_told_with_the_difference() -> None:
    first = settlement("S1", FIRST, ("reserve_held", -500))
    second = settlement("S2", FIRST + FORTNIGHT, ("reserve_released", 450))
    (finding,) = chain_findings([first, second])
    assert (finding.code, finding.severity) == ("reserve_chain", "warning")
    assert "held a reserve of 5.00 USD" in finding.message
    assert "released 4.50 USD: a difference of -0.50 USD" in finding.message


def test_a_negative_total_must_be_taken_back_by_the_next_settlement() -> None:
    first = settlement("S1", FIRST, total=-32_169)
    taken = ("negative_balance_brought_forward", -32_169)
    assert codes(first, settlement("S2", FIRST + FORTNIGHT, taken)) == []
    assert codes(first, settlement("S2", FIRST + FORTNIGHT)) == [("negative_total", "S1 S2")]


def test_a_negative_balance_that_nobody_left_is_told() -> None:
    first = settlement("S1", FIRST, total=100)
    second = settlement("S2", FIRST + FORTNIGHT, ("negative_balance_brought_forward", -70))
    (finding,) = chain_findings([first, second])
    assert finding.code == "negative_total"
    assert "left 0.00 USD payable" in finding.message and "took back 0.70 USD" in finding.message


def test_marketplaces_and_currencies_are_chains_of_their_own() -> None:
    facts = [
        settlement("S1", FIRST, ("reserve_held", -500)),
        settlement("S2", FIRST + FORTNIGHT, marketplace="Amazon.ca"),
        settlement("S3", FIRST + FORTNIGHT, currency="EUR"),
    ]
    assert codes(*facts) == []
    assert [[fact.source_id for fact in chain] for chain in chains(facts)] == [["S2"], ["S3"], ["S1"]]


def test_two_order_accounts_that_overlap_in_time_are_two_chains() -> None:
    shift = timedelta(days=6)
    standard = [settlement(f"S{n}", FIRST + n * FORTNIGHT) for n in range(3)]
    invoiced = [settlement(f"B{n}", FIRST + shift + n * FORTNIGHT) for n in range(3)]
    assert codes(*standard, *invoiced) == []
    assert codes(standard[0], standard[2], *invoiced) == [("settlement_missing", "S0 S2")]


def test_amounts_across_a_gap_or_of_a_settlement_that_is_held_are_not_compared() -> None:
    wrong = Problem(code="A1", message="differs", difference=1)
    first = settlement("S1", FIRST, ("reserve_held", -500), problems=(wrong,))
    assert codes(first, settlement("S2", FIRST + FORTNIGHT)) == []


def test_a_settlement_that_is_here_twice_counts_once() -> None:
    first, second = settlement("S1", FIRST), settlement("S2", FIRST + FORTNIGHT)
    assert codes(first, second, first, second) == []


def test_the_order_of_the_settlements_changes_nothing() -> None:
    facts = [settlement(f"S{n}", FIRST + n * FORTNIGHT, ("reserve_held", -n)) for n in (0, 1, 2, 4, 5)]
    wanted, held = chain_findings(facts), reserves(facts)
    assert len(wanted) == 3
    for seed in range(5):
        Random(seed).shuffle(facts)
        assert chain_findings(facts) == wanted
        assert reserves(facts) == held


def test_the_reserve_is_followed_from_settlement_to_settlement() -> None:
    facts = [
        settlement("S1", FIRST, ("reserve_released", 40), ("reserve_held", -500)),
        settlement("S2", FIRST + FORTNIGHT, ("reserve_released", 450), ("reserve_held", -100)),
        settlement("S3", FIRST + 2 * FORTNIGHT, ("reserve_released", 100)),
    ]
    told = [(row.settlement_id, row.opening, row.released, row.held, row.closing) for row in reserves(facts)]
    assert told == [("S1", 40, 40, 500, 500), ("S2", 500, 450, 100, 150), ("S3", 150, 100, 0, 50)]


def test_three_months_of_two_marketplaces_agree_and_a_lost_settlement_is_seen() -> None:
    reader = source("amazon").file
    assert reader
    facts = [reader.read(io.BytesIO(plan.content), "") for plan in (*AMERICAN, *CANADIAN)]
    assert chain_findings(facts) == ()
    assert [len(chain) for chain in chains(facts)] == [len(CANADIAN), len(AMERICAN)]
    assert {row.closing for row in reserves(facts) if row.held == 0} == {0}
    (finding,) = chain_findings(fact for fact in facts if fact.source_id != LOSABLE)
    assert finding.code == "settlement_missing"
    assert finding.subject == f"{AMERICAN[0].settlement_id} {AMERICAN[2].settlement_id}"
