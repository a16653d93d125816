"""Fixes: proposals applied to a feed, with their impact shown first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connector.domain.account_map import AccountMap
from connector.domain.books import Account, Books
from connector.domain.defaults import SlotAccount
from connector.domain.finding import Proposal
from connector.domain.map_change import changed
from connector.domain.map_writing import MapChange, map_changes, written_map
from connector.mapping.documents import documents
from connector.mapping.impact import Impact, goes, net_difference, net_of, past_differences
from connector.store import facts as stored
from connector.store.account_maps import account_map, keep_map, note_decided
from connector.store.database import Transaction
from connector.store.feeds import Feed, add_feed, feed_by_id, feeds
from connector.store.journal import keys_in_books
from connector.store.ledger import shelves_of
from connector.sync.accounts import missing_for, open_accounts
from connector.sync.audit import audit_feed
from connector.sync.house import House
from connector.sync.journalize import journalize, read_books, rules_of, write
from connector.sync.plan import planned_documents

IMAGINED = "to be opened"  # the id of an account that a fix would open


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What applying proposals to a feed would do: the decisions, the accounts to be opened, and the impact."""

    feed: Feed
    changes: tuple[MapChange, ...]
    opens: tuple[SlotAccount, ...]
    role: str
    impact: Impact


class _Back(Exception):
    """Ends a transaction that was only for looking."""


def preview(house: House, feed: Feed, proposals: Sequence[Proposal]) -> Preview:
    """The impact of proposals, worked out by doing it all and undoing it: nothing is stored or sent."""
    chart, _ = read_books(house, feed, house.books(feed.target), afresh=True)
    found: list[Preview] = []
    try:
        with house.database.transaction(of=feed.target.id) as tx:
            found.append(_previewed(tx, house, feed, chart, proposals))
            raise _Back
    except _Back:
        return found[0]


def apply(house: House, feed: Feed, proposals: Sequence[Proposal], *, author: str, reason: str) -> Preview:
    """Decides, opens what is needed, journalizes and audits again; posting is the next run's. Gives what it said
    beforehand."""
    shown = preview(house, feed, proposals)
    with house.database.transaction(of=feed.target.id) as tx:
        _decide(tx, feed, proposals, author=author, reason=reason)
        note_decided(tx, feed.id, account_map(tx, feed.id).number, house.now())
    if shown.opens:
        open_accounts(house, feed, only=frozenset(account.name for account in shown.opens))
    with house.database.transaction() as tx:
        fresh, all_feeds = feed_by_id(tx, feed.id), feeds(tx)
    journalize(house, fresh)
    audit_feed(house, fresh, all_feeds)
    return shown


def _previewed(tx: Transaction, house: House, feed: Feed, chart: Books, proposals: Sequence[Proposal]) -> Preview:
    facts, in_books = stored.facts(tx, feed.source.id), keys_in_books(tx, feed.id)
    rules = rules_of(tx, house, feed, chart)
    write(tx, house, feed, chart)
    waited, before = _held(tx, feed), planned_documents(tx, feed)
    changes = _decide(tx, feed, proposals, author="", reason="")
    other = feed_by_id(tx, feed.id)
    made = documents(facts, rules_of(tx, house, other, chart)).documents
    opens = missing_for(made, chart, rules.defaults) if any(each.opens for each in proposals) else []
    write(tx, house, other, replace(chart, accounts=(*chart.accounts, *map(_imagined, opens))))
    after, waits = planned_documents(tx, other), _held(tx, other)
    return Preview(
        feed=feed,
        changes=changes,
        opens=tuple(opens),
        role=other.role if other.role != feed.role else "",
        impact=Impact(
            feed=feed.name,
            past=past_differences(documents(facts, rules).documents, made, in_books),
            goes=goes(waited, {document.key: document for document in after}),
            waits=tuple(sorted(set(waits))),
            net=net_difference(net_of(before), net_of(after)),
        ),
    )


def _decide(
    tx: Transaction, feed: Feed, proposals: Sequence[Proposal], *, author: str, reason: str
) -> tuple[MapChange, ...]:
    """The decisions of all proposals as one new version of the map, and the feed's role; what differs from before."""
    before: AccountMap = account_map(tx, feed.id)
    wanted = before
    for proposal in proposals:
        wanted = changed(wanted, proposal.change)
    changes = map_changes(before, wanted)
    if changes:
        keep_map(tx, feed.id, written_map(wanted), author=author, reason=reason)
    role = next((proposal.role for proposal in proposals if proposal.role), "")
    if role:
        add_feed(tx, name=feed.name, source=feed.source, target=feed.target, style="", role=role)
    return changes


def _held(tx: Transaction, feed: Feed) -> list[str]:
    return [shelf.business_key for shelf, _ in shelves_of(tx, feed.id) if shelf.state == "held"]


def _imagined(wanted: SlotAccount) -> Account:
    return Account(
        account_id=f"{IMAGINED} {wanted.number or wanted.name}",
        name=wanted.name,
        number=wanted.number,
        type=wanted.type,
        kind=wanted.type,
        takes_payments=True,
    )
