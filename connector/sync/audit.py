"""Audit: everything that the auditor looks at, gathered for each feed; what it finds is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from connector.domain.document import Document
from connector.domain.finding import Finding
from connector.errors import Unreadable
from connector.mapping.auditor import audit as findings_of
from connector.mapping.auditor import order
from connector.mapping.checks.audited import Audit
from connector.mapping.documents import documents
from connector.mapping.policies import Policy, broken_by_balances, broken_by_documents
from connector.store import facts as stored
from connector.store.database import Transaction
from connector.store.feeds import Feed, feeds
from connector.store.findings import KeptFinding, keep_findings, kept_findings
from connector.store.journal import keys_in_books
from connector.sync.audited import values_for, with_others
from connector.sync.deposits import deposits_of_others
from connector.sync.gate import concerned
from connector.sync.house import House
from connector.sync.journalize import organisation_policies, read_books, rules_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One feed and what is open about it, the gravest and largest first; muted findings are among them."""

    feed: Feed
    findings: tuple[KeptFinding, ...]


def audit(house: House, *, organisation: str = "", policies: Sequence[Policy] = ()) -> list[Audited]:
    """Audits every feed, of one organisation where it is named; the books are read afresh.

    Raises Unreadable, naming the organisations there are, where there is none of that name."""
    with house.database.transaction() as tx:
        all_feeds = feeds(tx)
    names = sorted({feed.organisation for feed in all_feeds})
    if organisation and organisation not in names:
        raise Unreadable(
            f"No feed belongs to {organisation!r}; there are feeds of: {', '.join(names) or 'nobody yet'}."
        )
    wanted = [feed for feed in all_feeds if organisation in ("", feed.organisation)]
    return [audit_feed(house, feed, all_feeds, policies) for feed in wanted]


def audit_feed(house: House, feed: Feed, all_feeds: Sequence[Feed], policies: Sequence[Policy] = ()) -> Audited:
    """Audits one feed, keeps what is found, and gives everything that is open about it."""
    opened = house.books(feed.target)
    chart, _ = read_books(house, feed, opened, afresh=True)
    balances = opened.balances()
    with house.database.transaction() as tx:
        facts, rules = stored.facts(tx, feed.source.id), rules_of(tx, house, feed, chart)
        values = values_for(tx, feed, chart, rules, facts, house.now().date())
    values = replace(values, balances=balances, deposits=deposits_of_others(house, opened, feed, values))
    with house.database.transaction(of=feed.target.id) as tx:
        values = with_others(tx, values, feed, all_feeds)
        made = documents(facts, rules).documents
        kept_policies = (*organisation_policies(tx, feed.organisation), *policies)
        found = [
            *_with_periods(findings_of(values), _not_yet_posted(tx, feed, made)),
            *_policies(kept_policies, values, made),
        ]
        keep_findings(tx, feed.id, found, house.now(), "audit")
        tx.flush()
        kept = kept_findings(tx, feed.id)
    return Audited(feed=feed, findings=tuple(sorted(kept, key=lambda each: order(each.finding))))


def values_of(house: House, feed: Feed) -> Audit:
    """What suggestions need of a feed: its codes, its map, the books as last read, and what other feeds decided."""
    chart, _ = read_books(house, feed, house.books(feed.target))
    with house.database.transaction() as tx:
        rules, facts = rules_of(tx, house, feed, chart), stored.facts(tx, feed.source.id)
        values = values_for(tx, feed, chart, rules, facts, house.now().date())
        return with_others(tx, values, feed, feeds(tx))


def _not_yet_posted(tx: Transaction, feed: Feed, made: Sequence[Document]) -> list[Document]:
    there = keys_in_books(tx, feed.id)
    return [document for document in made if document.key not in there]


def _with_periods(findings: Iterable[Finding], made: Sequence[Document]) -> list[Finding]:
    """The findings, those that keep documents back with the periods that wait."""
    found = list(findings)
    periods = concerned(found, made)
    return [replace(each, blocked=periods.get(each.finding_id) or each.blocked) for each in found]


def _policies(policies: Sequence[Policy], values: Audit, made: Sequence[Document]) -> list[Finding]:
    return [
        *broken_by_documents(policies, made, values.books),
        *broken_by_balances(policies, values.posted, values.today),
    ]
