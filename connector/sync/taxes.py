"""The worksheet of a feed's tax return: its records beside its documents in the books, by place and tax."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from connector.domain.defaults import SourceDefaults
from connector.domain.document import ROLES, Share, shares_of
from connector.mapping.documents import documents
from connector.reconcile.worksheet import Sold, TaxRow, worksheet
from connector.store import facts as stored
from connector.store.account_maps import books
from connector.store.feeds import Feed
from connector.store.ledger import account_lines
from connector.sync.house import House
from connector.sync.journalize import rules_of
from connector.sync.ties import day_of


def tax_worksheet(house: House, feed: Feed, first: date, last: date) -> list[TaxRow]:
    """Every tax of every place for the days from the first to the last, places by their names.

    The records count as the documents tell them that they call for, posted or held: with the tax in a refund of which
    the source tells the amount only. Nothing before the books were read once."""
    with house.database.transaction() as tx:
        chart = books(tx, feed.target.id)
        if chart is None:
            return []
        rules = rules_of(tx, house, feed, chart[0])
        made = documents(stored.facts(tx, feed.source.id), rules)
        lines = account_lines(tx, feed.id, sorted(ROLES))
    shares = [share for document in made.documents for share in shares_of(document.lines)]
    shares += [share for held in made.held for share in held.shares]
    defaults = rules.defaults
    said = list(_sold(shares, defaults, ""))
    booked = [each for line in lines for each in _sold(line.shares, defaults, line.account)]
    rows = worksheet(
        [each for each in said if first <= day_of(each.key.period) <= last],
        [each for each in booked if first <= day_of(each.key.period) <= last],
        {each.key for each in (*said, *booked) if each.role == "tax"},
    )
    return [replace(row, place=rules.place_name(row.place)) for row in rows]


def _sold(shares: Iterable[Share], defaults: SourceDefaults, account: str) -> Iterator[Sold]:
    for share in shares:
        rule = defaults.rule(share.bucket.kind, share.bucket.code)
        if rule:
            amount = share.amount if rule.side == "credit" else -share.amount
            yield Sold(key=share.bucket, role=rule.role, amount=amount, account=account)
