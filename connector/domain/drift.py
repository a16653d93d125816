"""Drift: in what a record in the books differs from the one that was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DriftKind = Literal["gone", "status", "number", "date", "currency", "account", "amount", "tax", "line", "document"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs, and the words for it."""

    kind: DriftKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A record as a list of changes shows it. `mark` is empty where the list no longer tells it (a deleted one)."""

    kind: str
    target_id: str
    version: str
    mark: str = ""
    is_gone: bool = False
    changed_at: datetime | None = None


def texts(differences: Iterable[Difference]) -> list[str]:
    return [difference.text for difference in differences]


def line_kind(missing: Counter[tuple[str, str]], extra: Counter[tuple[str, str]]) -> DriftKind:
    """What happened to lines of (account, amount as text): recoded, changed in amount, or added and removed."""
    if _by(missing, 1) == _by(extra, 1):
        return "account"
    return "amount" if _by(missing, 0) == _by(extra, 0) else "line"


def _by(lines: Counter[tuple[str, str]], place: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for line, times in lines.items():
        found[line[place]] += times
    return found
