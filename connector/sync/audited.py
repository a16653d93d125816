"""What the auditor is handed about a feed: its facts by code, its map, the books now and before, its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import cast

from connector.domain.books import Books
from connector.domain.document import Role
from connector.domain.facts import Fact
from connector.mapping.checks.audited import Audit
from connector.mapping.checks.uses import payouts_of, takings_of, uses_of
from connector.mapping.checks.values import Neighbour, Posted
from connector.mapping.rules import Rules
from connector.mapping.suggest import Decided, percent_in
from connector.store import facts as stored
from connector.store.account_maps import account_map
from connector.store.audited import days_on_accounts, earlier_books
from connector.store.database import Transaction
from connector.store.feeds import Feed


def values_for(tx: Transaction, feed: Feed, chart: Books, rules: Rules, facts: Sequence[Fact], today: date) -> Audit:
    """The feed by itself: what its documents are checked with before they are posted."""
    return Audit(
        feed=feed.name,
        today=today,
        rules=rules.on(today),
        books=chart,
        uses=uses_of(facts, rules),
        earlier=tuple(earlier_books(tx, feed.target.id)),
        posted=_posted(tx, feed),
        percents={
            name: Decimal(told)
            for rate in chart.tax_rates
            if (told := rate.percent or percent_in(rate.name))
            for name in (rate.code, rate.name)
        },
        takings=takings_of(facts),
        payouts=payouts_of(facts, rules.role),
        books_deposits=rules.deposits == "connector",
    )


def with_others(tx: Transaction, values: Audit, feed: Feed, all_feeds: Iterable[Feed]) -> Audit:
    """The same, with what other feeds of the organisation decided and what those into the same books took."""
    others = [each for each in all_feeds if each.organisation == feed.organisation and each.id != feed.id]
    return replace(
        values,
        decisions=tuple(each for other in others for each in _decisions(tx, other)),
        taxes=tuple(pair for other in others for pair in account_map(tx, other.id).taxes.items()),
        neighbours=tuple(_neighbour(tx, other) for other in neighbours(feed, others)),
    )


def neighbours(feed: Feed, all_feeds: Iterable[Feed]) -> list[Feed]:
    """The feeds from other shops into the same books."""
    return [each for each in all_feeds if each.target.id == feed.target.id and each.source.id != feed.source.id]


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
