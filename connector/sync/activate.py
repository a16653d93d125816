"""Activation: a feed posts from then on. Refused while the cut-over or an answer is open, where another feed takes the
same sales, or where documents of another hand cover the same days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from connector.domain.books import Account, Books
from connector.domain.cutover import Cutover
from connector.domain.document import Document
from connector.errors import Rejected
from connector.mapping.checks.duplicates import same_sales
from connector.store import outbox
from connector.store import setup as kept
from connector.store.feeds import Feed
from connector.store.probes import newest_fact
from connector.sync.audit import values_of
from connector.sync.house import House
from connector.sync.journalize import planned_documents, read_books
from connector.sync.setup import questions
from connector.targets.contract import Banked, OpenBooks


def refusals(house: House, feed: Feed) -> list[str]:
    """Why the feed may not post yet, a sentence each; none where it may."""
    opened = house.books(feed.target)
    chart, _ = read_books(house, feed, opened)
    with house.database.transaction() as tx:
        cutover = kept.cutover(tx, feed.id)
        unsaid = [each for each in questions(tx, house, feed, chart) if each.is_open]
        has_facts = newest_fact(tx, feed.source.id) != "0"
    found = [*cutover.gaps, *(f"Not answered: {each.asks} ({each.name})" for each in unsaid)]
    if has_facts:
        found += [finding.message for finding in same_sales(values_of(house, feed))]
        found += _foreign(house, feed, cutover, opened, chart)
    return found


def activate(house: House, feed: Feed) -> None:
    """Lets the feed post; raises Rejected, naming everything that stands against it, where it may not."""
    against = refusals(house, feed)
    if against:
        raise Rejected(f"{feed.name} is not activated. " + " ".join(against))
    with house.database.transaction() as tx:
        kept.set_feed_state(tx, feed.id, "active")


def _foreign(house: House, feed: Feed, cutover: Cutover, opened: OpenBooks, chart: Books) -> Iterator[str]:
    """Documents of another hand since the first day: on the account of the method before, or with the same takings."""
    with house.database.transaction() as tx:
        ours = {(each.target_kind, each.target_id) for each in outbox.in_books(tx, feed.target.id)}
        marks = outbox.marks(tx, feed.target.id).keys()

    def is_strange(each: Banked) -> bool:
        there = each.standing
        return not (there.is_gone or there.mark in marks or (there.kind, there.target_id) in ours)

    against = chart.account(cutover.against, cutover.against) if cutover.against else None
    if cutover.starts_on and against is not None and cutover.previous == "connector":
        strange = list(filter(is_strange, opened.banked(against, None, cutover.starts_on, house.now().date())))
        if strange:
            yield (
                f"{len(strange)} documents of another hand stand on {against.name} since {cutover.starts_on} "
                f"({_named(strange)}): stop the method before, and take back what it posted for those days."
            )
    for account, takings in _takings(planned_documents(house, feed, chart), chart).items():
        days = [day for day, _ in takings]
        found = opened.banked(account, {amount for _, amount in takings}, min(days), max(days))
        strange = [each for each in found if is_strange(each) and (each.day, each.amount) in takings]
        if strange:
            yield (
                f"The books hold takings of {len(strange)} of these days on {account.name} already, by another hand "
                f"({_named(strange)}): take them back there, or start after {max(each.day for each in strange)}."
            )


def _takings(wanted: Iterable[Document], chart: Books) -> dict[Account, set[tuple[date, int]]]:
    """What the sales would put on each clearing account of the books, by day."""
    found: dict[Account, set[tuple[date, int]]] = {}
    for document in wanted:
        for line in document.lines if document.kind in ("sales", "settlement") else ():
            account = chart.account(line.account, line.number) if line.role == "clearing" and line.amount else None
            if account is not None:
                found.setdefault(account, set()).add((document.date, line.amount))
    return found


def _named(found: Sequence[Banked]) -> str:
    told = ", ".join(f"{each.standing.kind} {each.standing.target_id}" for each in found[:3])
    return told + (" …" if len(found) > 3 else "")
