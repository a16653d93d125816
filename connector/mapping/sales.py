"""A trading day of a place → its sales document, and where the books want it, one of its own for refunds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.domain.document import Document, Ignored, Kind, Line, Role
from connector.domain.facts import Bucket, Fact, Problem
from connector.domain.money import decimal_text
from connector.mapping.checks.identities import Name
from connector.mapping.checks.totals import total_problems
from connector.mapping.house_accounts import SetOff
from connector.mapping.lines import derived, lines_of
from connector.mapping.lookup import Missing, place, slot_account
from connector.mapping.outcome import Journalized, held_by_problems, held_for_mapping, shares
from connector.mapping.periods import Day
from connector.mapping.rules import Rules

REFUND_GROUPS = frozenset({"refunds", "refund tenders"})
FIX = "Pull the missing records, or correct the source; the day goes by itself when the numbers agree."
WORDS: Mapping[Kind, str] = {"sales": "sales", "refund": "refunds", "adjustment": "till"}
_OTHER_SIDES: Mapping[Role, str] = {"customer_deposit": "Customer deposits", "gift_card": "Gift cards"}


def day_documents(
    day: Day, problems: Mapping[Name, tuple[Problem, ...]], deposit: int, set_off: SetOff | None, rules: Rules
) -> Journalized:
    """The documents of a day, or the whole day held: one that fails an identity is never posted in part.

    `deposit` is what customer deposits take (credit, negative) or give back (debit) on this day, `set_off` what meets
    of it and of what customers were charged."""
    key = rules.key(location=day.location, kind="sales", period=_period(day, rules))
    buckets = day.buckets
    failed = [(fact, problem) for fact in day.facts for problem in _problems(fact, problems)]
    failed += [(fact, problem) for fact in day.facts for problem in total_problems(fact, buckets)]
    if failed:
        named = [(f"{fact.stream}/{fact.source_id}", problem) for fact, problem in failed]
        return held_by_problems((key, day.currency), named, buckets, FIX)
    till = [bucket for bucket in buckets if _counter(bucket, rules)]
    sales, refunds = _parted([bucket for bucket in buckets if not _counter(bucket, rules)], rules)
    return (
        _document(day, "sales", sales, _deposit_line(deposit, rules), rules)
        + _document(day, "refund", refunds, (), rules)
        + _till_document(day, till, set_off, rules)
    )


def _document(
    day: Day, kind: Kind, buckets: Sequence[Bucket], balancing: tuple[Line | Missing, ...], rules: Rules
) -> Journalized:
    if not buckets and not (balancing and kind == "adjustment"):
        return Journalized()
    key = rules.key(location=day.location, kind=_key_kind(kind), period=_period(day, rules))
    lines, missing = lines_of(buckets, rules, {})
    missing = (*missing, *(lack for lack in balancing if isinstance(lack, Missing)))
    if missing:
        return held_for_mapping(key, missing, day.currency, shares(buckets))
    lines = (*lines, *(line for line in balancing if isinstance(line, Line)))
    off = sum(line.amount for line in lines)
    if not off:
        return _written(day, key, kind, lines, rules)
    amount = f"{decimal_text(off, day.currency)} {day.currency}"
    reason = f"What was sold and what was tendered differ by {amount}; the day is not posted."
    problem = Problem(code="day_balance", message=reason, difference=off)
    return held_by_problems((key, day.currency), [(key, problem)], buckets, FIX)


def _till_document(day: Day, buckets: Sequence[Bucket], set_off: SetOff | None, rules: Rules) -> Journalized:
    """Movements that have only one side at the till: miscounts, paid-outs, fees; each against its counter account. And
    what meets within customers' own accounts."""
    counters: dict[str, int] = {}
    for bucket in buckets:
        slot = _counter(bucket, rules)
        amount = bucket.amount if _is_debit(bucket, rules) else -bucket.amount
        counters[slot] = counters.get(slot, 0) - amount
    balancing = tuple(_derived(slot, amount, rules) for slot, amount in sorted(counters.items()) if amount)
    if set_off is not None:
        balancing += _set_off_lines(set_off, rules)
    return _document(day, "adjustment", buckets, balancing, rules)


def _set_off_lines(set_off: SetOff, rules: Rules) -> tuple[Line | Missing, ...]:
    """Deposits used, and what is owed no longer; nothing where the books keep both on one account."""
    deposit, house = (place(Bucket(key=key, amount=0, count=0), rules, {}) for key in (set_off.deposit, set_off.house))
    if isinstance(deposit, Missing) or isinstance(house, Missing):
        return tuple(each for each in (deposit, house) if isinstance(each, Missing))
    if deposit.account == house.account:
        return ()
    return tuple(
        Line(role=to.role, account=to.account, number=to.number, amount=amount, tax_code=to.tax_code,
             tracking=to.tracking, text="Set off within customers' accounts")
        for to, amount in ((deposit, set_off.amount), (house, -set_off.amount))
    )  # fmt: skip


def _deposit_line(amount: int, rules: Rules) -> tuple[Line | Missing, ...]:
    return (_derived("customer_deposit", amount, rules),) if amount else ()


def _derived(slot: str, amount: int, rules: Rules) -> Line | Missing:
    account = slot_account(slot, rules, {})
    if isinstance(account, Missing):
        return account
    role: Role = "customer_deposit" if slot == "customer_deposit" else rules.defaults.role(slot)
    return derived(role, account, amount, rules, _OTHER_SIDES.get(role, "Clearing"))


def _written(day: Day, key: str, kind: Kind, lines: tuple[Line, ...], rules: Rules) -> Journalized:
    if len(lines) < 2 or not any(line.amount for line in lines):
        reason = "Every account nets to zero: there is nothing to write."
        kept = tuple(share for line in lines for share in line.shares)
        return Journalized(ignored=(Ignored(key=key, reason=reason, currency=day.currency, shares=kept),))
    place = rules.place_name(day.location)
    document = Document(
        key=key,
        mark=rules.mark(key, day.day),
        date=day.day,
        currency=day.currency,
        kind=kind,
        narration=" · ".join(part for part in (rules.defaults.title, place, WORDS[kind]) if part),
        source_ref=_period(day, rules),
        lines=lines,
        location=day.location,
    )
    return Journalized(documents=(document,))


def _key_kind(kind: Kind) -> str:
    return "till" if kind == "adjustment" else kind


def _counter(bucket: Bucket, rules: Rules) -> str:
    rule = rules.defaults.rule(bucket.key.kind, bucket.key.code)
    return rule.counter if rule else ""


def _is_debit(bucket: Bucket, rules: Rules) -> bool:
    rule = rules.defaults.rule(bucket.key.kind, bucket.key.code)
    return rule is not None and rule.side == "debit"


def _parted(buckets: Sequence[Bucket], rules: Rules) -> tuple[list[Bucket], list[Bucket]]:
    if not rules.separate_refunds:
        return list(buckets), []
    refunds = [bucket for bucket in buckets if _group(bucket, rules) in REFUND_GROUPS]
    return [bucket for bucket in buckets if bucket not in refunds], refunds


def _group(bucket: Bucket, rules: Rules) -> str:
    rule = rules.defaults.rule(bucket.key.kind, bucket.key.code)
    return rule.group if rule else ""


def _problems(fact: Fact, between: Mapping[Name, tuple[Problem, ...]]) -> tuple[Problem, ...]:
    return fact.problems + between.get((fact.stream, fact.source_id), ())


def _period(day: Day, rules: Rules) -> str:
    """The day; with its currency where that is not the place's own, for both have documents of their own then."""
    own = rules.location_currencies.get(day.location) or day.currency
    return day.day.isoformat() if day.currency == own else f"{day.day.isoformat()} {day.currency}"
