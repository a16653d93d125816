"""Where payouts go: to another account than before, while the map names one bank account for both.

Values in, findings out. It holds nothing: it may be the same account under a new id of the processor's."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.facts import Fact
from connector.domain.finding import Finding
from connector.domain.payouts import Payout
from connector.mapping.lookup import bank_slot
from connector.mapping.rules import Rules


def destination_findings(facts: Iterable[Fact], rules: Rules) -> tuple[Finding, ...]:
    """A warning for each destination, but the first, to which payouts of a place and currency go, and which the map
    does not name. None where the connector books no deposits."""
    if rules.role == "sales only" or rules.deposits == "bank feed":
        return ()
    first: dict[tuple[str, str], str] = {}
    told: dict[tuple[str, str, str], Finding] = {}
    for fact, payout in sorted(_sent(facts), key=lambda each: (each[1].arrives_on, each[1].payout_id)):
        place, to = (fact.location, fact.currency), payout.destination
        before = first.setdefault(place, to)
        if to != before and bank_slot(*place, rules, to) != f"bank.{to}":
            told.setdefault((*place, to), _warning(fact, payout, before, rules))
    return tuple(told.values())


def _sent(facts: Iterable[Fact]) -> Iterable[tuple[Fact, Payout]]:
    """Payouts that went out of the processor's hands to an account that it names."""
    for fact in facts:
        about = fact.about
        if isinstance(about, Payout) and about.destination and not (about.kept_by_processor or about.has_failed):
            yield fact, about


def _warning(fact: Fact, payout: Payout, before: str, rules: Rules) -> Finding:
    place = rules.place_name(fact.location) or rules.defaults.title
    return Finding(
        code="payout_destination",
        subject=f"{fact.location} {payout.destination}".strip(),
        severity="warning",
        message=(
            f"Payout {payout.payout_id} of {place} on {payout.arrives_on} goes to {payout.destination}, payouts before "
            f"it to {before}; the account map has one bank account for both."
        ),
        fix=f"In the account map, under slots: {{bank.{payout.destination}: the bank account that it is}}.",
    )
