"""Small statements and ledgers for the tests of matching."""

from __future__ import annotations

from datetime import date

from connector.domain.money import parse_minor
from connector.reconcile.matching.ladder import match
from connector.reconcile.matching.rules import Rules
from connector.reconcile.matching.values import BankLine, Entry, Matches, Proposal


def line(name: str, day: str, amount: str, text: str = "", currency: str = "USD") -> BankLine:
    return BankLine(
        line_id=name, day=date.fromisoformat(day), amount=parse_minor(amount, currency), currency=currency, text=text
    )


def entry(
    name: str, day: str, amount: str, channel: str = "", *, batch: str = "", fee: str = "0", text: str = "",
    currency: str = "USD",
) -> Entry:  # fmt: skip
    return Entry(
        entry_id=name,
        day=date.fromisoformat(day),
        amount=parse_minor(amount, currency),
        currency=currency,
        channel=channel,
        batch=batch,
        fee=parse_minor(fee, currency),
        text=text,
    )


def only(lines: list[BankLine], entries: list[Entry], rules: Rules | None = None) -> Proposal:
    """The one proposal, possible ones included."""
    found = match(lines, entries, rules)
    shown = [*found.proposals, *(each for one in found.waiting for each in one.possible)]
    assert len(shown) == 1, shown
    return shown[0]


def links(found: Matches) -> dict[tuple[str, ...], tuple[str, ...]]:
    return {each.lines: each.entries for each in found.proposals}
