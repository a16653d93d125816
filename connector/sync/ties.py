"""Balances that are no clearing tied to the source: gift cards, store credit, house accounts, customers' deposits,
rolled forward; and tax by place and rate, beside the accounts or lines of the books that hold it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from connector.domain.defaults import SourceDefaults
from connector.domain.document import ROLES, shares_of
from connector.domain.facts import BucketKey, Fact
from connector.mapping.documents import documents
from connector.mapping.outcome import Journalized
from connector.mapping.payouts import last_day
from connector.store import facts as stored
from connector.store.account_maps import books
from connector.store.feeds import Feed
from connector.store.ledger import AccountLine, account_lines
from connector.sync.house import House
from connector.sync.journalize import rules_of

TIED = ("gift_card", "store_credit", "house_account", "customer_deposit", "tax")
ROLLED = frozenset(TIED) - {"tax"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """One balance or tax over a stretch of days, debit positive, in minor units.

    `opening` + `increased` + `decreased` = `closing` by our documents in the books; `by_source` is what the source's
    records say for the stretch, `restated` what documents say beyond that (the tax in a refund of which the source
    tells the amount only), `missing` what of both is not in the books. `name` is empty for balances; for taxes the
    place and the source's code of the tax. `accounts` are those of the books that hold it."""

    role: str
    name: str
    currency: str
    accounts: tuple[str, ...]
    opening: int
    increased: int
    decreased: int
    by_source: int
    restated: int

    @property
    def closing(self) -> int:
        return self.opening + self.increased + self.decreased

    @property
    def missing(self) -> int:
        return self.by_source + self.restated - self.increased - self.decreased


def ties(house: House, feed: Feed, first: date, last: date) -> list[Tie]:
    """Every tie of a feed for the days from the first to the last, balances first, then taxes by place and code."""
    defaults = house.source(feed.source).defaults
    with house.database.transaction() as tx:
        facts = stored.facts(tx, feed.source.id)
        lines = account_lines(tx, feed.id, sorted(ROLES))
        chart = books(tx, feed.target.id)
        made = documents(facts, rules_of(tx, house, feed, chart[0])) if chart else Journalized()
    sums: dict[tuple[str, str, str], _Sum] = {}
    for role, name, currency, day, amount in _by_source(facts, defaults):
        if first <= day <= last:
            sums.setdefault((role, name, currency), _Sum()).by_source += amount
    for role, name, currency, day, amount in _called_for(made, defaults):
        if first <= day <= last:
            sums.setdefault((role, name, currency), _Sum()).called_for += amount
    for line in lines:
        for role, name, currency, day, amount in _posted(line, defaults):
            if day <= last:
                of = sums.setdefault((role, name, currency), _Sum())
                of.add(line.account, amount, is_before=day < first)
    order = {role: number for number, role in enumerate(TIED)}
    return [_tie(key, of) for key, of in sorted(sums.items(), key=lambda each: (order[each[0][0]], each[0]))]


@dataclass(slots=True)
class _Sum:
    accounts: set[str] = field(default_factory=set)
    opening: int = 0
    increased: int = 0
    decreased: int = 0
    by_source: int = 0
    called_for: int = 0

    def add(self, account: str, amount: int, *, is_before: bool) -> None:
        self.accounts.add(account)
        if is_before:
            self.opening += amount
        elif amount < 0:  # more is owed: these are what the shop owes, but for house accounts
            self.increased += amount
        else:
            self.decreased += amount


Row = tuple[str, str, str, date, int]


def _by_source(facts: Iterable[Fact], defaults: SourceDefaults) -> Iterator[Row]:
    for fact in facts:
        for bucket in fact.buckets:
            yield from _row(bucket.key, bucket.amount, defaults)


def _called_for(made: Journalized, defaults: SourceDefaults) -> Iterator[Row]:
    """What the documents of the records say, posted or waiting."""
    shares = [share for document in made.documents for share in shares_of(document.lines)]
    shares += [share for held in made.held for share in held.shares]
    shares += [share for ignored in made.ignored for share in ignored.shares]
    for share in shares:
        yield from _row(share.bucket, share.amount, defaults)
    for document in made.documents:
        for line in document.lines:
            if not line.shares and line.role in ROLLED:  # what mapping derived
                yield line.role, "", document.currency, document.date, line.amount


def _posted(line: AccountLine, defaults: SourceDefaults) -> Iterator[Row]:
    for share in line.shares:
        yield from _row(share.bucket, share.amount, defaults)
    if not line.shares and line.role in ROLLED:  # an opening balance, or what mapping derived
        yield line.role, "", line.currency, line.day, line.amount


def _row(key: BucketKey, amount: int, defaults: SourceDefaults) -> Iterator[Row]:
    rule = defaults.rule(key.kind, key.code)
    if rule and rule.role in TIED:
        name = "" if rule.role in ROLLED else f"{key.location} {key.tax_code or key.code}".strip()
        yield rule.role, name, key.currency, day_of(key.period), amount if rule.side == "debit" else -amount


def day_of(period: str) -> date:
    """The day of a bucket, the last one where it is of a month."""
    return last_day(period) if len(period) == len("2026-04") else date.fromisoformat(period)


def _tie(key: tuple[str, str, str], of: _Sum) -> Tie:
    role, name, currency = key
    return Tie(
        role=role,
        name=name,
        currency=currency,
        accounts=tuple(sorted(of.accounts)),
        opening=of.opening,
        increased=of.increased,
        decreased=of.decreased,
        by_source=of.by_source,
        restated=of.called_for - of.by_source,
    )
