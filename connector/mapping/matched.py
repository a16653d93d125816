"""What a matched bank line books: the bank against clearing, fees, a small difference, an exchange difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from connector.domain.account_map import Placement
from connector.domain.document import Document, Kind, Line, Role
from connector.domain.facts import BY_MATCH
from connector.mapping.lines import derived
from connector.mapping.rules import Rules

_MOVES = frozenset({"bank", "clearing", "carry"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One side of a match in the books: `amount` debit positive, in minor units of the bank line's currency, `tax`
    contained in it; `text` says what it settles."""

    role: Role
    home: Placement
    amount: int
    text: str
    tax: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Money at the bank and what it is made of; `name` tells matches apart, the same for the same lines and items."""

    name: str
    day: date
    currency: str
    parts: tuple[Part, ...]
    narration: str
    source_ref: str


def matched_document(matched: Matched, rules: Rules, version: int = 1) -> Document | None:
    """The document of a match; None where nothing is left to book. Its lines sum to nothing, or it is Broken."""
    lines = tuple(_line(part, rules) for part in matched.parts if part.amount)
    if not lines:
        return None
    key = rules.key(location="", kind="bank", period=matched.name)
    kind: Kind = "transfer" if {line.role for line in lines} <= _MOVES else "payout"
    return Document(
        key=key,
        mark=rules.mark(key, matched.day, version),
        date=matched.day,
        currency=matched.currency,
        kind=kind,
        narration=f"{rules.defaults.title} · {matched.narration}",
        source_ref=matched.source_ref,
        lines=lines,
        version=version,
        period=BY_MATCH + matched.name,
    )


def difference(wanted: Document | None, there: Sequence[Document], rules: Rules, version: int) -> Document | None:
    """What must be written beside what the books hold, so that together they say what is wanted; None for nothing.

    Without a wanted one it takes the others back, on the day of the first of them."""
    like = wanted or (there[0] if there else None)
    if like is None:
        return None
    sums: dict[tuple[object, ...], list[Line]] = defaultdict(list)
    for line in (*(wanted.lines if wanted else ()), *_back(there)):
        sums[line.role, line.account, line.number, line.tax_code, line.tracking, line.text].append(line)
    lines = [_summed(of) for of in sums.values()]
    lines = [line for line in lines if line.amount]
    if not lines:
        return None
    return replace(
        like,
        mark=rules.mark(like.key, like.date, version),
        version=version,
        narration=like.narration if wanted else f"{like.narration} · undone",
        lines=tuple(lines),
    )


def _summed(lines: Sequence[Line]) -> Line:
    return replace(lines[0], amount=sum(line.amount for line in lines), tax=sum(line.tax for line in lines))


def _back(there: Iterable[Document]) -> Iterable[Line]:
    return (replace(line, amount=-line.amount, tax=-line.tax) for document in there for line in document.lines)


def _line(part: Part, rules: Rules) -> Line:
    return replace(derived(part.role, part.home, part.amount, rules, part.text), tax=part.tax)
