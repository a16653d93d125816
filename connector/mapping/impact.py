"""Door 4 of mapping: what another decision changes. Documents in, differences out.

Documents in the books are never edited for a new decision: what they would have been is told, not done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connector.domain.document import Document, Line

Net = Mapping[tuple[str, str, str], int]
"""By account, month (2026-03) and currency: minor units, debit positive. Tax that is contained in a line stands by its
code (tax OUTPUT2): the books put it on an account of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A document in the books that would have been another: what would stand more (debit +) or less on each account,
    and in each tax code."""

    key: str
    day: date
    currency: str
    accounts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goes:
    """Something that waits now and would be posted, with the sum of its debits."""

    key: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a decision changes in one feed: documents that would have been different, held ones that go, what waits
    still, and what the books get more or less than without it."""

    feed: str
    past: tuple[Past, ...] = ()
    goes: tuple[Goes, ...] = ()
    waits: tuple[str, ...] = ()
    net: Net = field(default_factory=dict)


def past_differences(
    before: Iterable[Document], after: Iterable[Document], in_books: frozenset[str]
) -> tuple[Past, ...]:
    """Of the documents whose keys are in the books, those that the other decision would have made otherwise."""
    wanted = {document.key: document for document in after}
    found = []
    for document in before:
        other = wanted.get(document.key)
        if document.key not in in_books or other is None:
            continue
        accounts = _more(other, document)
        if accounts:
            found.append(Past(key=document.key, day=document.date, currency=document.currency, accounts=accounts))
    return tuple(sorted(found, key=lambda each: (each.day, each.key)))


def net_of(documents: Iterable[Document]) -> Net:
    """What documents put on each account in each month."""
    net: Counter[tuple[str, str, str]] = Counter()
    for document in documents:
        for line in document.lines:
            for account, amount in _parts(line):
                net[account, f"{document.date:%Y-%m}", document.currency] += amount
    return {key: net[key] for key in sorted(net) if net[key]}


def net_difference(before: Net, after: Net) -> Net:
    """What one has more (debit +) than the other."""
    found = {key: after.get(key, 0) - before.get(key, 0) for key in sorted({*before, *after})}
    return {key: amount for key, amount in found.items() if amount}


def _more(other: Document, document: Document) -> tuple[tuple[str, int], ...]:
    accounts: Counter[str] = Counter()
    for sign, lines in ((1, other.lines), (-1, document.lines)):
        for line in lines:
            for account, amount in _parts(line):
                accounts[account] += sign * amount
    return tuple((account, accounts[account]) for account in sorted(accounts) if accounts[account])


def _parts(line: Line) -> Iterator[tuple[str, int]]:
    yield line.account, line.amount - line.tax
    if line.tax:
        yield f"tax {line.tax_code}", line.tax


def goes(before: Sequence[str], after: Mapping[str, Document]) -> tuple[Goes, ...]:
    """What was held by these keys and is a document afterwards."""
    return tuple(
        Goes(key=key, currency=after[key].currency, amount=after[key].debits)
        for key in sorted(set(before) & set(after))
    )
