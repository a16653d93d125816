"""Orders that a marketplace holds back over a month end → their accrual, and its reversal on the day of release.

Each transaction is accrued once, at the end of the month in which it was posted, if it was still held back then; and
reversed once, on the day on which it is released: from then on a settlement holds its money. The two cancel out, so
their lines are derived: the movements themselves stay on the list of what is ignored until the settlement comes."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from msgspec import structs

from connector.domain.account_map import Placement
from connector.domain.document import Document, Held, Line
from connector.domain.facts import Bucket, Fact, sum_buckets
from connector.domain.payouts import Settlement
from connector.domain.sales import NoSale
from connector.domain.shop import local_day
from connector.domain.wording import many
from connector.mapping.lines import lines_of
from connector.mapping.lookup import Missing, slot_account
from connector.mapping.outcome import Journalized, held_for_mapping, joined
from connector.mapping.rules import Rules

DEFERRED, RELEASED = "DEFERRED", "DEFERRED_RELEASED"  # the channel of the buckets of what is or was held back


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deferral:
    """A transaction held back; `released_on` is None while it is."""

    name: str
    marketplace: str
    currency: str
    posted_on: date
    released_on: date | None
    buckets: tuple[Bucket, ...]

    @property
    def month(self) -> str:
        return self.posted_on.strftime("%Y-%m")

    @property
    def is_open_at_month_end(self) -> bool:
        return self.released_on is None or self.released_on > _last_day(self.month)


def accruals(facts: Iterable[Fact], rules: Rules, *, through: date) -> Journalized:
    """The accruals of every month that ends by `through`, gross and by family, and the reversals of what was released.

    A transaction with an amount that has no home waits alone. A month into which a
    later settlement books as well waits as a whole: it would have the same orders twice. Accruals carry no tax code:
    the settlement is what the tax return reads. The order of the facts changes nothing."""
    all_facts = sorted(facts, key=lambda fact: (fact.stream, fact.source_id))
    back_dated = _back_dated(all_facts)
    months: dict[tuple[str, str, str], list[_Deferral]] = {}
    for deferral in _deferrals(all_facts):
        if deferral.is_open_at_month_end and _last_day(deferral.month) <= through:
            months.setdefault((deferral.marketplace, deferral.currency, deferral.month), []).append(deferral)
    made = joined(_month(months[of], back_dated.get(of, ""), rules) for of in sorted(months))
    return made + Journalized(held=tuple(_unclear(fact, rules) for fact in all_facts if _is_unclear(fact)))


def _month(found: Sequence[_Deferral], settlement: str, rules: Rules) -> Journalized:
    """A month's accrual and its reversals, all or, where a settlement books into the month, none."""
    first = found[0]
    rules = rules.on(_last_day(first.month))
    account = slot_account("deferred", rules, {"marketplace": first.marketplace})
    key = _key(first, first.month, rules)
    if settlement:
        return Journalized(held=(_booked_already(key, first, settlement),))
    if isinstance(account, Missing):
        return held_for_mapping(key, (account,), first.currency, ())
    ready, waiting = _placed(found, rules)
    return Journalized(documents=tuple(_documents(ready, account, rules))) + waiting


def _placed(found: Iterable[_Deferral], rules: Rules) -> tuple[list[_Deferral], Journalized]:
    """The transactions of which every amount has a home, and those that wait, each alone."""
    ready: list[_Deferral] = []
    waiting = Journalized()
    for deferral in found:
        _, missing = lines_of(deferral.buckets, rules, {"marketplace": deferral.marketplace})
        if missing:
            waiting += held_for_mapping(_key(deferral, deferral.name, rules), missing, deferral.currency, ())
        else:
            ready.append(deferral)
    return ready, waiting


def _documents(ready: Sequence[_Deferral], account: Placement, rules: Rules) -> Iterator[Document]:
    if not ready:
        return
    first = ready[0]
    month, day = first.month, _last_day(first.month)
    text = f"{first.marketplace} · held back on {day.isoformat()}: {_count(ready)}"
    yield from _document(ready, 1, account, _Name(period=month, day=day, text=text), rules)
    released: dict[date, list[_Deferral]] = {}
    for deferral in ready:
        if deferral.released_on:
            released.setdefault(deferral.released_on, []).append(deferral)
    for day, of in sorted(released.items()):
        text = f"{first.marketplace} · released on {day.isoformat()}, held back in {month}: {_count(of)}"
        yield from _document(of, -1, account, _Name(period=f"{month}/{day.isoformat()}", day=day, text=text), rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    period: str
    day: date
    text: str


def _document(of: Sequence[_Deferral], sign: int, account: Placement, name: _Name, rules: Rules) -> Iterator[Document]:
    """The document of some transactions, reversed where the sign is; none where their money comes to nothing."""
    lines = list(_lines(of, sign, rules))
    balance = -sum(line.amount for line in lines)
    if balance:
        lines.append(_deferred(account, balance, rules))
    if len(lines) < 2:
        return
    key = _key(of[0], name.period, rules)
    yield Document(
        key=key,
        mark=rules.mark(key, name.day),
        date=name.day,
        currency=of[0].currency,
        kind="adjustment",
        narration=name.text,
        source_ref=name.period,
        lines=tuple(lines),
        location=of[0].marketplace,
        period=f"accrual|{of[0].marketplace}|{name.period}",
    )


def _lines(of: Sequence[_Deferral], sign: int, rules: Rules) -> Iterator[Line]:
    buckets = sum_buckets(
        structs.replace(bucket, key=structs.replace(bucket.key, channel="", period=""))
        for deferral in of
        for bucket in deferral.buckets
    )
    made, _ = lines_of(buckets, rules, {"marketplace": of[0].marketplace})
    for line in made:
        if line.amount:
            yield replace(line, amount=sign * line.amount, tax=0, tax_code=_tax_code(rules), shares=())


def _deferred(account: Placement, amount: int, rules: Rules) -> Line:
    return Line(
        role="deferred",
        account=account.account or account.number,
        number=account.number,
        amount=amount,
        tax_code=_tax_code(rules),
        tracking=account.tracking,
        text="Held back by the marketplace",
    )


def _tax_code(rules: Rules) -> str:
    return rules.out_of_scope if rules.by_tax_code else ""


def _booked_already(key: str, first: _Deferral, settlement: str) -> Held:
    reason = (
        f"Settlement {settlement} of {first.marketplace} began after {first.month} and has amounts of {first.month}: "
        "what was held back then may be among them, and is not accrued as well."
    )
    return Held(key=key, code="accrued_in_settlement", reason=reason, currency=first.currency)


def _back_dated(facts: Iterable[Fact]) -> dict[tuple[str, str, str], str]:
    """Marketplace, currency and month → a settlement that began in a later month and yet has amounts of that one."""
    found: dict[tuple[str, str, str], str] = {}
    for fact in facts:
        if isinstance(fact.about, Settlement):
            begins = local_day(fact.about.starts_at, fact.about.zone).strftime("%Y-%m")
            for bucket in fact.buckets:
                if bucket.key.period < begins:
                    of = (fact.about.marketplace, fact.currency, bucket.key.period)
                    found.setdefault(of, fact.about.settlement_id)
    return found


def _deferrals(facts: Iterable[Fact]) -> Iterator[_Deferral]:
    for fact in facts:
        if not _status(fact) or _is_unclear(fact):
            continue
        yield _Deferral(
            name=fact.source_id,
            marketplace=fact.location,
            currency=fact.currency,
            posted_on=fact.business_day,
            released_on=date.fromisoformat(fact.buckets[0].key.period) if _status(fact) == RELEASED else None,
            buckets=fact.buckets,
        )


def _status(fact: Fact) -> str:
    """Whether a fact is about something held back, and still is; empty for all other facts."""
    channel = fact.buckets[0].key.channel if fact.buckets and isinstance(fact.about, NoSale) else ""
    return channel if channel in (DEFERRED, RELEASED) else ""


def _is_unclear(fact: Fact) -> bool:
    """Whether its amounts do not agree, or nobody said on which day it was released."""
    is_undated = _status(fact) == RELEASED and not fact.buckets[0].key.period
    return is_undated or bool(_status(fact) and fact.problems)


def _unclear(fact: Fact, rules: Rules) -> Held:
    problem = next(iter(fact.problems), None)
    reason = problem.message if problem else "It was released, and nobody said when."
    return Held(
        key=rules.key(location=fact.location, kind="accrual", period=f"{fact.currency}/{fact.source_id}"),
        code=problem.code if problem else "release_undated",
        reason=f"Transaction {fact.source_id} is not accrued: {reason}",
        currency=fact.currency,
        difference=problem.difference if problem else 0,
    )


def _key(deferral: _Deferral, period: str, rules: Rules) -> str:
    return rules.key(location=deferral.marketplace, kind="accrual", period=f"{deferral.currency}/{period}")


def _count(of: Sequence[_Deferral]) -> str:
    return many(len(of), "transaction")


def _last_day(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])
