"""Plans: what would be written into the books, before anything is; and a plan on file, applied exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from connector.domain.document import Document
from connector.errors import Unreadable
from connector.mapping.impact import net_of
from connector.store import postings
from connector.store.database import Transaction
from connector.store.feeds import Feed
from connector.store.ledger import documents_of, read_document, shelves_of
from connector.store.plans import PlannedDocument
from connector.sync.house import House
from connector.sync.journalize import journalize, read_books, write

FORM = 1  # of the plan file


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One document that would be written: a new one, a correction of one that is there, or one taken back."""

    action: str
    document: Document
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Something that would wait, with its reason."""

    key: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a feed would write. `accounts` is the net of each account, month and currency in minor units, debit +;
    tax stands by its code (see mapping.impact)."""

    feed: str
    changes: tuple[Change, ...]
    waits: tuple[Waits, ...] = ()
    accounts: Mapping[tuple[str, str, str], int] = field(default_factory=dict)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(key for change in self.changes for key in change.keys)


class PlanFile(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as a file holds it: what decides is the keys, each of which names one exact payload."""

    form: int
    feed: str
    documents: list[PlannedChange]


class PlannedChange(msgspec.Struct, frozen=True, kw_only=True):
    mark: str
    action: str
    postings: list[str]


class _Back(Exception):
    """Ends a transaction that was only for looking."""


def diff(house: House, feed: Feed) -> Plan:
    """What journalizing now and posting would write, and what would wait; nothing is stored or sent."""
    chart, _ = read_books(house, feed, house.books(feed.target))
    found: list[Plan] = []
    try:
        with house.database.transaction(of=feed.target.id) as tx:
            write(tx, house, feed, chart)
            changes = [_change(document, keys) for document, keys in _planned(tx, feed)]
            waits = [
                Waits(key=shelf.business_key, code=shelf.code, reason=shelf.detail)
                for shelf, _ in shelves_of(tx, feed.id)
                if shelf.state == "held"
            ]
            found.append(_plan(feed, changes, waits))
            raise _Back
    except _Back:
        return found[0]


def planned_documents(tx: Transaction, feed: Feed) -> list[Document]:
    """The documents of a feed that are to be written, as they stand in the outbox of this transaction."""
    return [document for document, _ in _planned(tx, feed)]


def _planned(tx: Transaction, feed: Feed) -> list[tuple[Document, tuple[str, ...]]]:
    planned = postings.planned_keys(tx, feed.id)
    rows = [row for row in documents_of(tx, feed.id) if (row.id or 0) in planned]
    return [(read_document(tx, row), tuple(planned[row.id or 0])) for row in rows]


def plan_of(feed: Feed, planned: Sequence[PlannedDocument]) -> Plan:
    """The plan of some documents that are not stored yet."""
    return _plan(feed, [_change(each.document, tuple(p.key for p in each.postings)) for each in planned], ())


def read_plan(text: bytes) -> PlanFile:
    """A plan file; raises Unreadable where it is none."""
    try:
        plan = msgspec.json.decode(text, type=PlanFile)
    except msgspec.MsgspecError as error:
        raise Unreadable(f"This is no plan of connector diff: {error}.") from error
    if plan.form != FORM:
        raise Unreadable(
            f"This plan has the form {plan.form}; this version reads form {FORM}. Run connector diff again."
        )
    return plan


def applicable(house: House, feed: Feed, plan: PlanFile) -> frozenset[str]:
    """The keys to send for a plan, once everything of it is in the outbox exactly as planned.

    Raises Unreadable, and nothing is sent, where anything of it has changed since."""
    if plan.feed != feed.name:
        raise Unreadable(f"The plan is of the feed {plan.feed}, not of {feed.name}.")
    journalize(house, feed)
    with house.database.transaction() as tx:
        there = postings.keys_of(tx, feed.id)
    gone = [each.mark for each in plan.documents if not set(each.postings) <= there]
    if gone:
        raise Unreadable(
            f"The plan is out of date: {', '.join(gone[:3])}{' and others' if len(gone) > 3 else ''} would be written "
            "otherwise now. Nothing was sent; run connector diff again."
        )
    return frozenset(key for each in plan.documents for key in each.postings)


def _plan(feed: Feed, changes: Sequence[Change], waits: Iterable[Waits]) -> Plan:
    return Plan(
        feed=feed.name,
        changes=tuple(changes),
        waits=tuple(waits),
        accounts=net_of(change.document for change in changes),
    )


def _change(document: Document, keys: tuple[str, ...]) -> Change:
    if document.version == 1:
        return Change(action="create", document=document, keys=keys)
    taken_back = document.narration.endswith(("taken back", "undone"))
    return Change(action="reverse" if taken_back else "correct", document=document, keys=keys)
