"""Where our mark stands in a record of the books. Pure."""

from __future__ import annotations

import re

from connector.targets.quickbooks.records import NUMBERED

VOIDED = "voided"

_BRACKETED = re.compile(r"\[([^\[\]]+)\]\s*\Z")


def mark_of(kind: str, number: str | None, note: str | None) -> str:
    """The mark of a record: its number, or where its kind has none what stands in brackets at the end of its note."""
    return number or "" if kind in NUMBERED else bracketed(note)


def bracketed(note: str | None) -> str:
    found = _BRACKETED.search(note or "")
    return found[1] if found else ""


def is_voided(note: str | None) -> bool:
    """A voided record stays with its number and without its amounts, and its note begins with that word."""
    return (note or "").lower().startswith(VOIDED)
