"""The words that findings share: money, counts, and what to write into the account map."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.money import grouped_text
from connector.mapping.checks.homes import Home
from connector.mapping.suggest import Suggestion


def money(minor: int, currency: str) -> str:
    """As a person reads it."""
    return f"{grouped_text(minor, currency)} {currency}"


def listed(names: Iterable[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    found = sorted(set(names))
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def in_map(home: Home, account: str) -> str:
    """The entry that sends a home to an account."""
    return slot_entry(home.slot, account) if home.slot else code_entry(home.kind, home.code, account)


def slot_entry(slot: str, account: str) -> str:
    return f"In the account map, under slots: {{{slot}: {account}}}."


def code_entry(kind: str, code: str, account: str) -> str:
    return f"In the account map, under codes: {{kind: {kind}, code: {code!r}, account: {account}}}."


def with_reason(entry: str, suggestion: Suggestion) -> str:
    """A fix that says why."""
    return f"{entry} Reason: {suggestion.reason}."
