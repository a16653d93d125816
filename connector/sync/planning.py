"""Planning: documents with everything that will be sent for them, as the books and their dates allow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

import msgspec

from connector.domain.books import Books
from connector.domain.document import Document, Family, Held, Ignored, InBooks, shares_of
from connector.domain.keys import canonical, digest, posting_key
from connector.errors import NeedsMapping, Rejected
from connector.mapping.outcome import Journalized
from connector.mapping.rules import Rules
from connector.store.feeds import Feed
from connector.store.plans import PeriodPlan, PlannedDocument, PlannedPosting
from connector.sync.amend import CHANGED, UNRESOLVED, Locks, Wanted, opened, rest
from connector.sync.gate import OPEN, Gate
from connector.targets.contract import OpenBooks, Rendered

CURRENCY = "currency_not_in_books"
FIXES = {
    "unmapped_in_books": "Map it, or open the account there; it goes by itself then.",
    "refused": "It goes by itself when the books allow it.",
    "closed_period": "It goes by itself when the books are open for its date.",
    "tax_filed": "Move the date until which tax is filed, or let the correction go to the first open day.",
    CURRENCY: "Add the currency in the books (QuickBooks: turn on several currencies); it goes by itself then.",
    "not_permitted": "It goes by itself when the books, read once a day, allow it.",
    CHANGED: "See connector diff; map what is new, or let the feed adjust what is posted.",
    UNRESOLVED: "connector post finds out; it goes by itself then.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What a period calls for, as mapping made it."""

    documents: tuple[Document, ...] = ()
    held: tuple[Held, ...] = ()
    ignored: tuple[Ignored, ...] = ()


NOTHING = Period()


def by_period(made: Journalized, feed: Feed) -> dict[str, Period]:
    """An outcome of mapping, cut into its periods by name, each document of the family that its feed chose."""
    found: dict[str, Period] = {}
    for document in made.documents:
        of = found.get(document.period, NOTHING)
        found[document.period] = replace(of, documents=(*of.documents, in_family(document, feed)))
    for held in made.held:
        of = found.get(held.period, NOTHING)
        found[held.period] = replace(of, held=(*of.held, held))
    for ignored in made.ignored:
        of = found.get(ignored.period, NOTHING)
        found[ignored.period] = replace(of, ignored=(*of.ignored, ignored))
    return found


def in_family(document: Document, feed: Feed) -> Document:
    """Sales and payouts become the records that the feed chose; the others what is usual in those books."""
    chosen = {"sales": feed.document_kind, "refund": feed.document_kind, "payout": feed.payout_kind}
    return replace(document, family=cast(Family, chosen.get(document.kind, "")))


@dataclass(frozen=True, kw_only=True)
class Planner:
    """What it takes to plan the periods of one feed."""

    opened: OpenBooks
    chart: Books
    rules: Rules
    feed: Feed
    gate: Gate = OPEN
    _rendered: dict[Document, PlannedDocument | Held] = field(default_factory=dict)

    @cached_property
    def locks(self) -> Locks:
        moves = self.feed.late == "first open day"
        return Locks(books=self.chart.locked_until, tax_filed=self.feed.tax_filed_until, moves=moves)

    def digest(self, period: Period, there: Sequence[InBooks]) -> str:
        """Changes whenever what the period calls for does, or whether it may be sent."""
        stays = {each.key for each in there}
        called = [self._planned(each) if each.key in stays else self._allowed(each) for each in period.documents]
        keys = [posting.key for each in called if isinstance(each, PlannedDocument) for posting in each.postings]
        barred = [each for each in called if isinstance(each, Held)]
        unresolved = [each.key for each in there if not each.is_settled]
        guarded = [
            each.key for each in period.documents if isinstance(opened(each, self.locks), Held) or self.gate.bar(each)
        ]
        choices = [self.feed.amends, self.feed.late]
        spelled = [period.documents, keys, barred, period.held, period.ignored, unresolved, guarded, choices]
        return hashlib.sha256(msgspec.json.encode(spelled)).hexdigest()

    def plan(self, name: str, period: Period, there: Sequence[InBooks], before: Mapping[str, Document]) -> PeriodPlan:
        """What remains to be done beside what stands in the books."""
        wanted = Wanted(documents=period.documents, held=period.held, ignored=period.ignored, as_before=dict(before))
        left = rest(wanted, there, self._remark, holds=self.feed.amends == "hold")
        older = {each.key: each.map_version for each in there}
        called = [self._allowed(document) for document in left.documents]
        return PeriodPlan(
            name=name,
            documents=tuple(
                replace(each, map_version=older.get(each.document.key) or self._map_of(each.document))
                for each in called
                if isinstance(each, PlannedDocument)
            ),
            held=(*left.held, *(each for each in called if isinstance(each, Held))),
            ignored=left.ignored,
        )

    def _map_of(self, document: Document) -> int:
        """The number of the map that a document is made with; 0 for the newest."""
        number = self.rules.on(document.date).account_map.number
        return 0 if number == self.rules.account_map.number else number

    def _remark(self, document: Document, version: int) -> str:
        return self.rules.mark(document.key, document.date, version)

    def _allowed(self, document: Document) -> PlannedDocument | Held:
        allowed = opened(document, self.locks)
        if isinstance(allowed, Held):
            return allowed
        return self.gate.bar(allowed) or self._planned(allowed)

    def _planned(self, document: Document) -> PlannedDocument | Held:
        if document not in self._rendered:
            self._rendered[document] = self.render(document)
        return self._rendered[document]

    def render(self, document: Document) -> PlannedDocument | Held:
        """A document with its payloads, keys and marks; held where the books lack what it names."""
        if self.chart.currencies and document.currency not in self.chart.currencies:
            taken = ", ".join(self.chart.currencies)
            reason = f"{document.mark} is in {document.currency}, and {self.chart.name} takes {taken} only."
            return _held(document, CURRENCY, f"{reason} {FIXES[CURRENCY]}")
        try:
            rendered = self.opened.render(document, replace(self.chart, locked_until=None))
        except NeedsMapping as error:
            return replace(_held(document, "unmapped_in_books", str(error)), waits_for=self._lacks(document))
        except Rejected as error:
            return _held(document, error.code or "refused", str(error))
        return PlannedDocument(document=document, postings=tuple(self._postings(document, rendered)))

    def _lacks(self, document: Document) -> tuple[str, ...]:
        """The accounts of a document that are not open in the books."""
        lacking = (line.account for line in document.lines if not self.chart.account(line.account, line.number))
        return tuple(dict.fromkeys(f"account {name}" for name in lacking))

    def _postings(self, document: Document, rendered: Iterable[Rendered]) -> Iterable[PlannedPosting]:
        for each in rendered:
            payload = canonical(each.payload)
            hashed = digest(payload)
            key = posting_key(
                organisation=self.rules.organisation,
                connection=self.rules.connection,
                key=f"{document.key}|{each.part}" if each.part else document.key,
                version=document.version,
                digest=hashed,
                epoch=0,
            )
            yield PlannedPosting(
                part=each.part,
                target_kind=each.kind,
                day=each.day,
                payload=payload,
                digest=hashed,
                key=key,
                mark=each.mark,
            )


def _held(document: Document, code: str, reason: str) -> Held:
    return Held(
        key=document.key,
        code=code,
        reason=reason,
        currency=document.currency,
        shares=shares_of(document.lines),
        period=document.period,
        amount=document.debits,
    )
