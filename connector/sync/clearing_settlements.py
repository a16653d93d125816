"""Settlements of marketplaces on their clearing account: month parts as takings, the deposit as their payout; and the
carried balance of the other style, which each settlement takes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connector.domain.facts import Fact, period_name
from connector.domain.payouts import Settlement
from connector.domain.shop import local_day
from connector.mapping.payouts import last_day
from connector.mapping.rules import Rules
from connector.reconcile.clearing.openings import Brought
from connector.reconcile.clearing.values import Payout, Taking
from connector.store.posted_lines import PostedLine

DEPOSIT = "|deposit"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMarketplace:
    """What settlements put on an account and take out again; `brought` is what their deposits hold of parts before the
    first day of the feed, `closing` are the marks of lines that take back."""

    takings: Sequence[Taking] = ()
    payouts: Sequence[Payout] = ()
    brought: Sequence[Brought] = ()
    closing: frozenset[str] = frozenset()

    def of(self, line: PostedLine) -> str:
        """What a posted line belongs to: the period, or its deposit."""
        return line.period + DEPOSIT if line.mark in self.closing else line.period


def settled_by_marketplace(
    facts: Iterable[Fact], lines: Sequence[PostedLine], rules: Rules, booked: frozenset[str]
) -> ByMarketplace:
    """The settlements whose documents touch the account."""
    posted: dict[str, list[PostedLine]] = defaultdict(list)
    for line in lines:
        if line.period.startswith("settlement|"):
            posted[line.period].append(line)
    if lines and lines[0].role == "carry":
        return _carried(posted)
    takings: list[Taking] = []
    payouts: list[Payout] = []
    brought: list[Brought] = []
    for fact in sorted(facts, key=lambda fact: (fact.business_day, fact.source_id)):
        about = fact.about
        if not isinstance(about, Settlement) or not (period_name(fact) in posted or _is_opening(about, lines)):
            continue
        whole = _parts(fact, about, rules)
        parts = [part for part in whole if not rules.is_before_start(part.day)]
        early = sum(part.amount for part in whole if part not in parts) if parts else about.total
        forward = _brought_forward(fact, takings, payouts) if parts else {}
        takings += parts
        if about.total > 0:
            settles = {**{part.name: part.amount for part in parts}, **forward}
            is_booked = rules.deposits == "connector" or period_name(fact) in booked
            payouts.append(_payout(fact, about, settles, about.total - sum(settles.values()) - early, is_booked))
            brought += [Brought(payout=payouts[-1].name, title=f"settlement {about.settlement_id}", amount=early)]
    closing = {line.mark for of in posted.values() for line in of if line.kind == "transfer"}
    told = [each for each in brought if each.amount]
    return ByMarketplace(takings=takings, payouts=payouts, brought=told, closing=frozenset(closing))


def _is_opening(about: Settlement, lines: Iterable[PostedLine]) -> bool:
    """Whether it was open at the cut-over: no document of it need stand here."""
    name = f"settlement {about.settlement_id},"
    return any(line.kind == "opening" and line.text.startswith(name) for line in lines)


def _parts(fact: Fact, about: Settlement, rules: Rules) -> list[Taking]:
    """What each month of a settlement leaves in clearing: all its movements, but those that clearing itself takes."""
    sums: dict[str, int] = defaultdict(int)
    for bucket in fact.buckets:
        rule = rules.defaults.rule(bucket.key.kind, bucket.key.code)
        is_clearing = rule is not None and rule.role == "clearing"
        sums[bucket.key.period] += 0 if is_clearing else bucket.amount
    ends_on = local_day(about.ends_at, about.zone)
    return [
        Taking(
            name=f"settlement {about.settlement_id} of {about.marketplace}, {month}",
            day=min(last_day(month), ends_on) if month == f"{ends_on:%Y-%m}" else last_day(month),
            amount=amount,
            period=period_name(fact),
        )
        for month, amount in sorted(sums.items())
        if amount
    ]


def _brought_forward(fact: Fact, takings: Iterable[Taking], payouts: Iterable[Payout]) -> Mapping[str, int]:
    """The parts of the negative settlement before, or of several, which this one takes back."""
    taken = sum(bucket.amount for bucket in fact.buckets if bucket.key.kind == "negative_balance_brought_forward")
    done = {name for payout in payouts for name in payout.settles}
    open_sums: dict[str, dict[str, int]] = defaultdict(dict)
    for taking in takings:
        if taking.name not in done:
            open_sums[taking.period][taking.name] = taking.amount
    together = {name: amount for of in open_sums.values() for name, amount in of.items()}
    return next((of for of in (*open_sums.values(), together) if taken and sum(of.values()) == taken), {})


def _payout(fact: Fact, about: Settlement, settles: Mapping[str, int], others: int, is_booked: bool) -> Payout:
    ends_on = local_day(about.ends_at, about.zone)
    return Payout(
        name=period_name(fact) + DEPOSIT,
        sent=min(ends_on, about.deposits_on),
        day=about.deposits_on,
        settles=settles,
        others=others,
        is_booked=is_booked,
        title=f"the deposit of settlement {about.settlement_id}",
    )


def _carried(posted: Mapping[str, Sequence[PostedLine]]) -> ByMarketplace:
    """Each part is carried until the last document of its settlement takes all of it back."""
    takings: list[Taking] = []
    payouts: list[Payout] = []
    closing: set[str] = set()
    for period, lines in posted.items():
        is_closed = len(lines) > 1 and sum(line.amount for line in lines) == 0
        parts = [_part(line) for line in (lines[:-1] if is_closed else lines)]
        takings += parts
        if is_closed:
            payouts.append(_taken_back(period, parts, lines[-1].day))
            closing.add(lines[-1].mark)
    return ByMarketplace(takings=takings, payouts=payouts, closing=frozenset(closing))


def _part(line: PostedLine) -> Taking:
    return Taking(name=f"{line.narration} [{line.mark}]", day=line.day, amount=line.amount, period=line.period)


def _taken_back(period: str, parts: Sequence[Taking], day: date) -> Payout:
    settles = {part.name: part.amount for part in parts}
    return Payout(name=period + DEPOSIT, sent=day, day=day, settles=settles, title=period.replace("|", " "))
