"""Facts cut into the periods that documents stand for: a trading day of a place, a payout, a settlement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from connector.domain.facts import Bucket, Fact, sum_buckets
from connector.domain.payouts import Payout, PayoutEntry, Settlement
from connector.domain.sales import NoSale


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A trading day of a location in one currency."""

    location: str
    day: date
    currency: str
    facts: tuple[Fact, ...]

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        return sum_buckets(bucket for fact in self.facts for bucket in fact.buckets)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutPeriod:
    """A payout with the entries that explain it; `payout` is None where only entries are there."""

    payout_id: str
    payout: Fact | None
    entries: tuple[Fact, ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        return (self.payout, *self.entries) if self.payout else self.entries

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        return sum_buckets(bucket for fact in self.facts for bucket in fact.buckets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """All facts, each in one place."""

    days: tuple[Day, ...]
    payouts: tuple[PayoutPeriod, ...]
    settlements: tuple[Fact, ...]
    without_money: tuple[Fact, ...]


def cut(facts: Iterable[Fact]) -> Periods:
    """The periods of some facts; the order of the facts changes nothing."""
    days: dict[tuple[str, date, str], list[Fact]] = {}
    payouts: dict[str, Fact] = {}
    entries: dict[str, list[Fact]] = {}
    settlements: list[Fact] = []
    without_money: list[Fact] = []
    for fact in sorted(facts, key=lambda fact: (fact.business_day, fact.stream, fact.source_id)):
        match fact.about:
            case Payout(payout_id=payout_id):
                payouts[payout_id] = fact
            case PayoutEntry(payout_id=payout_id):
                entries.setdefault(payout_id, []).append(fact)
            case Settlement():
                settlements.append(fact)
            case NoSale():
                without_money.append(fact)
            case _:
                days.setdefault((fact.location, fact.business_day, fact.currency), []).append(fact)
    return Periods(
        days=tuple(Day(location=at, day=day, currency=money, facts=tuple(of)) for (at, day, money), of in days.items()),
        payouts=tuple(
            PayoutPeriod(payout_id=name, payout=payouts.get(name), entries=tuple(entries.get(name, ())))
            for name in sorted({*payouts, *entries})
        ),
        settlements=tuple(settlements),
        without_money=tuple(without_money),
    )
