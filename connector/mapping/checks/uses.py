"""Facts → what the auditor looks at: uses by code, money taken by the minute, and payouts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from connector.domain.facts import BucketKey, Fact, period_name
from connector.domain.payouts import Payout, PayoutEntry, Settlement
from connector.domain.sales import NoSale
from connector.mapping.checks.tenders import TENDERS
from connector.mapping.checks.values import PaidOut, Taking, Use
from connector.mapping.restated import restated
from connector.mapping.rules import FeedRole, Rules

_Key = tuple[str, str, str, str, str, str, str, str]


def uses_of(facts: Iterable[Fact], rules: Rules) -> tuple[Use, ...]:
    """What a feed would post of the facts, by code. What holds no money for the books, or is from before the feed's
    first day, is left out."""
    sums: dict[_Key, _Sum] = {}
    by_channel = any(spot[3] for spot in rules.account_map.places)
    for fact in restated(tuple(facts), rules.defaults):
        if not _is_posted(fact, rules.role) or rules.is_before_start(fact.business_day):
            continue
        period, marketplace = period_name(fact), fact.about.marketplace if isinstance(fact.about, Settlement) else ""
        for bucket in fact.buckets:
            key = _key(bucket.key, marketplace, by_channel=by_channel)
            found = sums.get(key)
            if found is None:
                found = sums[key] = _Sum(fact.business_day)
            found.add(bucket.amount, bucket.count, fact.business_day, period)
    return tuple(found.use(key, rules.categories) for key, found in sums.items())


def takings_of(facts: Iterable[Fact]) -> tuple[Taking, ...]:
    """Each amount that was paid, with its minute."""
    return tuple(
        Taking(fact.occurred_at, bucket.amount, fact.currency)
        for fact in facts
        for bucket in fact.buckets
        if bucket.key.kind in TENDERS and bucket.amount > 0
    )


def payouts_of(facts: Iterable[Fact], role: FeedRole = "sales and payouts") -> tuple[PaidOut, ...]:
    """What should arrive at the bank; none of it where another feed posts the payouts."""
    return () if role == "sales only" else tuple(_payouts(facts))


def _payouts(facts: Iterable[Fact]) -> Iterator[PaidOut]:
    for fact in facts:
        match fact.about:
            case Payout(
                payout_id=name, amount=amount, arrives_on=day, destination=to, kept_by_processor=False, has_failed=False
            ):
                yield PaidOut(name, day, amount, fact.currency, fact.location, to)
            case Settlement(settlement_id=name, total=total, deposits_on=day) if total > 0:
                yield PaidOut(name, day, total, fact.currency, fact.location)


def _is_posted(fact: Fact, role: FeedRole) -> bool:
    if isinstance(fact.about, NoSale):
        return False
    is_payout = isinstance(fact.about, Payout | PayoutEntry)
    return not (is_payout and role == "sales only") and not (
        role == "payouts only" and not is_payout and not isinstance(fact.about, Settlement)
    )


def _key(key: BucketKey, marketplace: str, *, by_channel: bool) -> _Key:
    channel = key.channel if by_channel else ""
    return key.kind, key.code, key.currency, key.tax_code, key.parent, key.location, marketplace, channel


class _Sum:
    """A use while it is summed."""

    __slots__ = ("amount", "first", "last", "movements", "periods")

    def __init__(self, day: date) -> None:
        self.first = self.last = day
        self.amount = self.movements = 0
        self.periods: set[str] = set()

    def add(self, amount: int, count: int, day: date, period: str) -> None:
        self.amount += amount
        self.movements += count
        self.first, self.last = min(self.first, day), max(self.last, day)
        self.periods.add(period)

    def use(self, key: _Key, categories: Mapping[str, str]) -> Use:
        kind, code, currency, tax_code, parent, location, marketplace, channel = key
        return Use(
            kind=kind,
            code=code,
            category=categories.get(code, ""),
            currency=currency,
            amount=self.amount,
            movements=self.movements,
            first=self.first,
            last=self.last,
            tax_code=tax_code,
            parent=parent,
            location=location,
            marketplace=marketplace,
            periods=tuple(sorted(self.periods)),
            channel=channel,
        )
