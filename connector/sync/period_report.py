"""The reconciliation report of an organisation: everything that the store knows about a period, read and set out.

Nothing is asked of anybody: the same store gives the same report, but for the moment at which it was made."""

from __future__ import annotations

from datetime import date

from connector.errors import Unreadable
from connector.reconcile.report.build import built
from connector.reconcile.report.gathered import BankRow, FeedOf, Gathered
from connector.reconcile.report.values import Report
from connector.store.feeds import Feed
from connector.store.period_rows import organisation_named
from connector.sync.house import House
from connector.sync.period_banked import bank_of, matched_of, paid_out_of
from connector.sync.period_books import balances_of, lines_of, ties_of
from connector.sync.period_watched import decisions_of, discrepancies_of, unreconciled_of, waiting_of

Days = tuple[date, date]
LONGEST = 400  # days


def period_report(house: House, organisation: str, days: Days) -> Report:
    """The report for the days from the first to the last; raises Unreadable where there is no such organisation, where
    the person may not see it, or where the days are none."""
    return built(gathered(house, organisation, days))


def gathered(house: House, organisation: str, days: Days) -> Gathered:
    """What the report is made of."""
    first, last = days
    if not 0 <= (last - first).days < LONGEST:
        raise Unreadable(f"A report is for 1 to {LONGEST} days; {first} to {last} are not.")
    found = feeds_of(house, organisation)
    return Gathered(
        organisation=organisation,
        first=first,
        last=last,
        made_at=house.now(),
        feeds=tuple(_feed(house, each) for each in found),
        lines=tuple(line for each in found for line in lines_of(house, each, days)),
        paid_out=tuple(payout for each in found for payout in paid_out_of(house, each, days)),
        bank=_banks(house, found, days),
        matches=tuple(match for each in found for match in matched_of(house, each, days)),
        balances=tuple(balance for each in found for balance in balances_of(house, each, days)),
        ties=tuple(tie for each in found for tie in ties_of(house, each, days)),
        discrepancies=tuple(discrepancies_of(house, found, days)),
        decisions=tuple(decision for each in found for decision in decisions_of(house, each, days)),
        unreconciled=tuple(unreconciled_of(house, found, last)),
        waiting=tuple(waits for each in found for waits in waiting_of(house, each, days)),
    )


def feeds_of(house: House, organisation: str) -> list[Feed]:
    """The feeds of an organisation that the person may see."""
    with house.database.transaction() as tx:
        found = organisation_named(tx, organisation)
    house.sight.need("read", organisation)
    return found


def _feed(house: House, feed: Feed) -> FeedOf:
    books = feed.target.title or feed.target.name
    title = house.target(feed.target).title
    return FeedOf(
        name=feed.name,
        source=house.source(feed.source).defaults.title,
        books=title if books.lower() == title.lower() else f"{title}, {books}",
    )


def _banks(house: House, found: list[Feed], days: Days) -> tuple[BankRow, ...]:
    books = {feed.target.id: feed.target for feed in found}
    return tuple(row for connection in books.values() for row in bank_of(house, connection, days))
