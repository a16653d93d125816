"""Duplicates: the same sale through two feeds, as where Square takes the cards of another till."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from connector.domain.finding import Concern, Finding, Proposal
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.values import Neighbour, Taking
from connector.mapping.checks.wording import money

MINUTES = timedelta(minutes=5)
ENOUGH = 3  # equal amounts by chance are few
HALF = 50  # of 100 takings of the smaller feed, in the time that both cover
SELLS = ("sales and payouts", "sales only")


def same_sales(audit: Audit) -> Iterator[Finding]:
    """Feeds that take the same amounts within minutes, both of which post sales; told at one of the two."""
    for other in audit.neighbours:
        both_sell = audit.rules.role in SELLS and other.role in SELLS
        if both_sell and audit.feed > other.name:
            yield from _same(audit, other)


def _same(audit: Audit, other: Neighbour) -> Iterator[Finding]:
    mine, theirs = _overlapping(audit.takings, other.takings)
    smaller, larger = (mine, theirs) if len(mine) <= len(theirs) else (theirs, mine)
    met = _meetings(smaller, larger)
    if len(met) < ENOUGH or len(met) * 100 < HALF * len(smaller):
        return
    amount, currency = sum(abs(taking.amount) for taking in met), met[0].currency
    days = sorted({taking.moment.date().isoformat() for taking in met})
    yield Finding(
        code="same_sales_in_two_feeds",
        subject=f"{audit.feed}|{other.name}",
        severity="blocking",
        message=(
            f"{audit.feed} and {other.name} took the same amounts within minutes, {len(met)} times "
            f"({money(amount, currency)}, {days[0]} to {days[-1]}): the same sales would be posted twice."
        ),
        fix=(
            f"Let one of them post payouts only: connector feed add {audit.feed} --role 'payouts only', "
            f"or the same for {other.name}. Reason: a sale belongs to the till, its payout to the processor."
        ),
        amount=amount,
        currency=currency,
        movements=len(met),
        blocked=tuple(days),
        proposal=Proposal(role="payouts only") if audit.payouts else None,
        concern=Concern(days=frozenset(taking.moment.date() for taking in met)),
    )


def _overlapping(mine: Sequence[Taking], theirs: Sequence[Taking]) -> tuple[list[Taking], list[Taking]]:
    """The takings of the time that both feeds cover, in order."""
    if not mine or not theirs:
        return [], []
    begins = max(min(each.moment for each in side) for side in (mine, theirs)) - MINUTES
    ends = min(max(each.moment for each in side) for side in (mine, theirs)) + MINUTES
    inside = [sorted(each for each in side if begins <= each.moment <= ends) for side in (mine, theirs)]
    return inside[0], inside[1]


def _meetings(some: Sequence[Taking], others: Sequence[Taking]) -> list[Taking]:
    """Takings that have a partner of the same amount within minutes; a partner is taken once."""
    moments: defaultdict[tuple[int, str], list[datetime]] = defaultdict(list)
    for taking in others:
        moments[taking.amount, taking.currency].append(taking.moment)
    met = []
    for taking in some:
        left = moments.get((taking.amount, taking.currency), [])
        place = bisect_left(left, taking.moment - MINUTES)
        if place < len(left) and left[place] <= taking.moment + MINUTES:
            left.pop(place)
            met.append(taking)
    return met
