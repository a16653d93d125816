"""Payouts made at once, before their batch: on clearing they stand as takings (minus) until a later payout takes them
back with an entry of the opposite sign, which does not name them."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.facts import Fact
from connector.domain.payouts import Payout
from connector.mapping.rules import Rules
from connector.reconcile.clearing.values import Taking


def advances(facts: Iterable[Fact], rules: Rules) -> list[Fact]:
    """The payouts among the facts that explain themselves, oldest first; none where the bank's own line is coded."""
    found = [fact for fact in facts if isinstance(fact.about, Payout) and not fact.about.is_explained]
    return sorted(found, key=_moment) if rules.deposits == "connector" else []


def taken_back(waiting: list[Taking], amount: int) -> str:
    """The name of the first that an entry of the amount takes back, which then waits no longer; empty where none."""
    found = next((each for each in waiting if each.amount == -amount), None)
    if found is None:
        return ""
    waiting.remove(found)
    return found.name


def _moment(fact: Fact) -> tuple[str, str]:
    return fact.business_day.isoformat(), fact.source_id
