"""Undo: documents taken back by a document of their own, as a plan first. Nothing is deleted, and nothing moves back
into the outbox by itself: the movements stand parked, with who undid them and why, until somebody decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from connector.domain.books import Books
from connector.domain.document import Held, Line, Share
from connector.domain.facts import BY_MATCH
from connector.errors import Unreadable
from connector.faults import fault_point
from connector.store import changes
from connector.store.database import Transaction
from connector.store.feeds import Feed
from connector.store.journal import in_books
from connector.store.ledger import documents_of, find_document, period_of, read_document
from connector.store.plans import FeedPlace, PlannedDocument
from connector.store.tables import DocumentRow
from connector.sync.amend import opened as as_dates_allow
from connector.sync.house import House
from connector.sync.journalize import read_books, rules_of
from connector.sync.plan import Plan, plan_of
from connector.sync.planning import Planner


def chosen(
    tx: Transaction, feed: Feed, marks: Sequence[str], first: date | None = None, last: date | None = None
) -> list[DocumentRow]:
    """Documents by mark, or all that are in the books of a stretch of days; raises Unreadable for what is not there.

    What a match booked is taken back with the match only."""
    if marks:
        rows = [find_document(tx, mark) for mark in marks]
        strange = [row.mark for row in rows if row.feed_id != feed.id]
        if strange:
            raise Unreadable(f"{', '.join(strange)} is of another feed than {feed.name}.")
        matched = [row.mark for row in rows if period_of(tx, row).startswith(BY_MATCH)]
        if matched:
            raise Unreadable(
                f"{', '.join(matched)} was booked by a match: connector reconcile match undo takes both back."
            )
        return rows
    if first is None or last is None:
        raise Unreadable("Say which documents: by their marks, or all from one day to another (--from, --to).")
    if first > last:
        raise Unreadable(f"The stretch begins on {first} and ends before that, on {last}.")
    rows = [row for row in documents_of(tx, feed.id) if first <= row.date <= last]
    rows = _in_books(tx, feed, [row for row in rows if not period_of(tx, row).startswith(BY_MATCH)])
    if not rows:
        raise Unreadable(f"No document of {feed.name} that is in the books is dated from {first} to {last}.")
    return rows


def _in_books(tx: Transaction, feed: Feed, rows: Sequence[DocumentRow]) -> list[DocumentRow]:
    """Of a stretch, what is not sent yet or was taken back already stays out of it."""
    periods = {period_of(tx, row) for row in rows}
    there = {
        each.key for name in periods for each in in_books(tx, feed.id, name) if each.documents and not each.set_aside_as
    }
    return [row for row in rows if row.business_key in there]


def undo_plan(house: House, feed: Feed, rows: Sequence[DocumentRow]) -> Plan:
    """What undoing them would write, per document, account and month; raises Unreadable where one cannot be undone."""
    chart, _ = read_books(house, feed, house.books(feed.target))
    with house.database.transaction() as tx:
        return plan_of(feed, [planned for planned, _ in _reversals(tx, house, feed, chart, rows)])


def undo(house: House, feed: Feed, rows: Sequence[DocumentRow], *, by: str, reason: str = "") -> int:
    """Writes the reversals into the outbox and parks what they take back; gives how many. Post sends them."""
    chart, _ = read_books(house, feed, house.books(feed.target))
    with house.database.transaction(of=feed.target.id) as tx:
        place = FeedPlace(feed_id=feed.id, target_connection_id=feed.target.id, map_version=0)
        reversals = _reversals(tx, house, feed, chart, rows)
        for planned, shares in reversals:
            why = f"Undone by {by}{f': {reason}' if reason else ''}; {planned.document.mark} takes it back."
            changes.reverse(tx, place, planned, shares, why)
    fault_point("amend.intents_committed")
    return len(reversals)


def _reversals(
    tx: Transaction, house: House, feed: Feed, chart: Books, rows: Sequence[DocumentRow]
) -> list[tuple[PlannedDocument, tuple[Share, ...]]]:
    planner = Planner(opened=house.books(feed.target), chart=chart, rules=rules_of(tx, house, feed, chart), feed=feed)
    keys = dict.fromkeys((read_document(tx, row).period, row.business_key) for row in rows)
    return [_reversal(tx, planner, period, key) for period, key in keys]


def _reversal(tx: Transaction, planner: Planner, period: str, key: str) -> tuple[PlannedDocument, tuple[Share, ...]]:
    """The document that takes back all live versions of a business key, and the movements it frees."""
    there = next((each for each in in_books(tx, planner.feed.id, period) if each.key == key), None)
    if there is None or not there.documents:
        raise Unreadable(f"{key} is not in the books: there is nothing to undo.")
    if there.set_aside_as:
        raise Unreadable(f"{key} is not ours to take back any more: {there.set_aside_as}")
    if not there.is_settled:
        raise Unreadable(f"Whether the books hold all of {key} is being found out; run connector post first.")
    first, version = there.documents[0], there.last_version + 1
    back = replace(
        first,
        mark=planner.rules.mark(key, first.date, version),
        version=version,
        narration=f"{first.narration} · undone",
        lines=tuple(_back(line) for document in there.documents for line in document.lines),
    )
    allowed = as_dates_allow(back, planner.locks)
    planned = allowed if isinstance(allowed, Held) else planner.render(allowed)
    if isinstance(planned, Held):
        raise Unreadable(planned.reason)
    shares = tuple(share for document in there.documents for line in document.lines for share in line.shares)
    return replace(planned, map_version=there.map_version), shares


def _back(line: Line) -> Line:
    return replace(line, amount=-line.amount, tax=-line.tax, shares=tuple(_negated(line.shares)))


def _negated(shares: Iterable[Share]) -> Iterable[Share]:
    return (Share(bucket=share.bucket, amount=-share.amount, count=-share.count) for share in shares)
