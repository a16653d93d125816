"""Where everything that a source has goes, and which decision or proposal says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from connector.domain.books import Books
from connector.domain.facts import Bucket, BucketKey
from connector.mapping.checks.uses import uses_of
from connector.mapping.checks.values import Use
from connector.mapping.lines import home_of
from connector.mapping.lookup import Missing, Place, slot_home
from connector.mapping.rules import Rules
from connector.store import facts as stored
from connector.store.feeds import Feed
from connector.sync.house import House
from connector.sync.journalize import read_books, rules_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing of the source: what it is, its money (minor units, without sign), where it goes and why.

    `account` is empty where it has no home; `why` then says what is missing. `is_there` says that the books have the
    account and it is active."""

    kind: str
    code: str
    category: str = ""
    tax: str = ""
    location: str = ""
    amount: int = 0
    currency: str = ""
    account: str = ""
    number: str = ""
    tax_code: str = ""
    tracking: str = ""
    why: str = ""
    is_there: bool = False


def shown_map(house: House, feed: Feed) -> list[Shown]:
    """Everything that the feed's facts hold, by kind and code, and the bank last; the books as last read."""
    chart, _ = read_books(house, feed, house.books(feed.target))
    with house.database.transaction() as tx:
        rules = rules_of(tx, house, feed, chart).on(house.now().date())
        uses = uses_of(stored.facts(tx, feed.source.id), rules)
    shown = list(_summed(_shown(use, rules, chart) for use in uses))
    return shown if feed.deposits == "bank feed" else [*shown, _bank(rules, chart)]


def _summed(rows: Iterable[Shown]) -> Iterable[Shown]:
    """Rows that say the same of the same thing, once, with their money together."""
    sums: dict[Shown, int] = {}
    for row in rows:
        of = replace(row, amount=0)
        sums[of] = sums.get(of, 0) + row.amount
    ordered = sorted(sums, key=lambda row: (row.kind, row.category, row.code, row.location, row.tax))
    return (replace(row, amount=sums[row]) for row in ordered)


def _shown(use: Use, rules: Rules, chart: Books) -> Shown:
    key = BucketKey(
        kind=use.kind,
        code=use.code,
        currency=use.currency,
        period="",
        tax_code=use.tax_code,
        parent=use.parent,
        location=use.location,
        channel=use.channel,
    )
    home, _ = home_of(Bucket(key=key, amount=0, count=0), rules, {"marketplace": use.marketplace})
    row = Shown(
        kind=use.kind,
        code=use.code,
        category=use.category,
        tax=use.tax_code if rules.by_tax_code else "",
        location=rules.place_name(use.location) if rules.account_map.places or rules.account_map.locations else "",
        amount=abs(use.amount),
        currency=use.currency,
    )
    return _placed(row, home, chart)


def _placed(row: Shown, home: Place | Missing, chart: Books) -> Shown:
    if isinstance(home, Missing):
        return replace(row, why=home.message)
    return replace(
        row,
        account=home.account,
        number=home.number,
        tax_code=home.tax_code,
        tracking=", ".join(option for _, option in home.tracking),
        why=home.why,
        is_there=chart.account(home.account, home.number) is not None,
    )


def _bank(rules: Rules, chart: Books) -> Shown:
    row, found = Shown(kind="bank", code=""), slot_home("bank", rules, {})
    if isinstance(found, Missing):
        return replace(row, why=found.message)
    to = found.placement
    is_there = chart.account(to.account, to.number) is not None
    return replace(row, account=to.account or to.number, number=to.number, why=found.why, is_there=is_there)
