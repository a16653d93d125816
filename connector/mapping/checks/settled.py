"""Payout entries against the payments they pay out (S12). Values in, findings out.

It holds nothing: the payout is what the entries say. What differs stays in clearing until somebody asks."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.facts import Fact
from connector.domain.finding import Finding
from connector.domain.money import decimal_text
from connector.domain.payouts import PayoutEntry
from connector.domain.sales import Tender


def settled_findings(facts: Iterable[Fact]) -> tuple[Finding, ...]:
    """A warning for each payment of which its entries pay out another amount than was taken. A payment that is not
    among the facts, as one before the first pull, is not compared."""
    tenders: dict[str, Fact] = {}
    paid: dict[tuple[str, str], int] = {}
    for fact in facts:
        if isinstance(fact.about, Tender):
            tenders[fact.about.tender_id] = fact
        elif isinstance(fact.about, PayoutEntry) and fact.about.settles:
            key = (fact.about.settles, fact.about.payout_id)
            paid[key] = paid.get(key, 0) + fact.about.gross
    return tuple(
        _warning(tenders[name], payout, gross)
        for (name, payout), gross in sorted(paid.items())
        if name in tenders and gross != _taken(tenders[name])
    )


def _taken(fact: Fact) -> int:
    return fact.about.amount if isinstance(fact.about, Tender) else 0


def _warning(fact: Fact, payout: str, gross: int) -> Finding:
    taken, paid, off = (
        f"{decimal_text(amount, fact.currency)} {fact.currency}"
        for amount in (_taken(fact), gross, gross - _taken(fact))
    )
    return Finding(
        code="S12",
        subject=f"{fact.stream}/{fact.source_id}",
        severity="warning",
        message=f"Payment {fact.source_id} took {taken}, payout {payout} pays out {paid} of it: a difference of {off}.",
        fix="Nothing is held. Pull again, then ask the processor; until then the difference stays in clearing.",
    )
