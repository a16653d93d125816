"""Audit: everything that the auditor looks at, gathered for each feed; what it finds is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

from connector.domain.books import Books
from connector.domain.document import Role
from connector.domain.facts import Fact
from connector.domain.finding import Finding
from connector.errors import Unreadable
from connector.mapping.auditor import audit as findings_of
from connector.mapping.auditor import order
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.uses import payouts_of, takings_of, uses_of
from connector.mapping.checks.values import Neighbour, Posted
from connector.mapping.documents import documents
from connector.mapping.policies import Policy, broken_by_balances, broken_by_documents
from connector.mapping.suggest import Decided, percent_in
from connector.store import facts as stored
from connector.store.account_maps import account_map
from connector.store.audited import days_on_accounts, earlier_books
from connector.store.database import Transaction
from connector.store.feeds import Feed, feeds
from connector.store.findings import KeptFinding, keep_findings, kept_findings
from connector.sync.house import House
from connector.sync.journalize import LATER, read_books, rules_of


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
    with house.database.transaction(of=feed.target.id) as tx:
        facts = stored.facts(tx, feed.source.id)
        values = _values(tx, house, feed, chart, facts)
        values = _beside(tx, values, feed, all_feeds, balances)
        found = [*findings_of(values), *_policies(policies, values, facts)]
        keep_findings(tx, feed.id, found, house.now(), "audit")
        tx.flush()
        kept = kept_findings(tx, feed.id)
    return Audited(feed=feed, findings=tuple(sorted(kept, key=lambda each: order(each.finding))))


def values_of(house: House, feed: Feed) -> Audit:
    """What suggestions need of a feed: its codes, its map, the books as last read, and what other feeds decided."""
    chart, _ = read_books(house, feed, house.books(feed.target))
    with house.database.transaction() as tx:
        values = _values(tx, house, feed, chart, stored.facts(tx, feed.source.id))
        return _beside(tx, values, feed, feeds(tx), {})


def _values(tx: Transaction, house: House, feed: Feed, chart: Books, facts: Sequence[Fact]) -> Audit:
    rules = rules_of(tx, house, feed, chart)
    return Audit(
        feed=feed.name,
        today=house.now().date(),
        rules=rules,
        books=chart,
        uses=uses_of(facts, rules.defaults, rules.role),
        earlier=tuple(earlier_books(tx, feed.target.id)),
        posted=_posted(tx, feed),
        percents={rate.code: Decimal(told) for rate in chart.tax_rates if (told := percent_in(rate.name))},
        takings=takings_of(facts),
        payouts=payouts_of(facts, rules.role),
        books_deposits=feed.deposits not in LATER,
    )


def _beside(tx: Transaction, values: Audit, feed: Feed, all_feeds: Iterable[Feed], balances: dict[str, int]) -> Audit:
    """The same, with what other feeds of the organisation tell, and the balances of the books."""
    others = [each for each in all_feeds if each.organisation == feed.organisation and each.id != feed.id]
    return replace(
        values,
        balances=balances,
        decisions=tuple(each for other in others for each in _decisions(tx, other)),
        neighbours=tuple(_neighbour(tx, other) for other in others if _is_neighbour(other, feed)),
    )


def _is_neighbour(other: Feed, feed: Feed) -> bool:
    """A feed from another shop into the same books."""
    return other.target.id == feed.target.id and other.source.id != feed.source.id


def _neighbour(tx: Transaction, feed: Feed) -> Neighbour:
    takings = takings_of(stored.facts(tx, feed.source.id))
    return Neighbour(name=feed.name, role=feed.role, takings=takings)


def _decisions(tx: Transaction, feed: Feed) -> list[Decided]:
    codes = account_map(tx, feed.id).codes.items()
    return [Decided(kind, code, to.account) for (kind, code), to in codes if code and to.account]


def _posted(tx: Transaction, feed: Feed) -> tuple[Posted, ...]:
    return tuple(
        Posted(
            account=each.account,
            role=cast(Role, each.role),
            day=each.day,
            currency=each.currency,
            debit=each.debit,
            credit=each.credit,
            lines=each.lines,
            tax_code=each.tax_code,
        )
        for each in days_on_accounts(tx, feed.id)
    )


def _policies(policies: Sequence[Policy], values: Audit, facts: Sequence[Fact]) -> list[Finding]:
    if not policies:
        return []
    made = documents(facts, values.rules).documents
    return [
        *broken_by_documents(policies, made, values.books),
        *broken_by_balances(policies, values.posted, values.today),
    ]
