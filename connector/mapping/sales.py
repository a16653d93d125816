"""A trading day of a place → its sales document, and where the books want it, one of its own for refunds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.domain.document import Document, Held, Ignored, Kind, Line
from connector.domain.facts import Bucket, Fact, Problem
from connector.domain.finding import Finding
from connector.domain.money import decimal_text
from connector.mapping.checks.identities import Name
from connector.mapping.lines import lines_of
from connector.mapping.outcome import Journalized, held_for_mapping, shares
from connector.mapping.periods import Day
from connector.mapping.rules import Rules

REFUND_GROUPS = frozenset({"refunds", "refund tenders"})
NAMED_REASONS = 4


def day_documents(day: Day, problems: Mapping[Name, tuple[Problem, ...]], rules: Rules) -> Journalized:
    """The documents of a day, or the whole day held: one that fails an identity is never posted in part."""
    key = rules.key(location=day.location, kind="sales", period=_period(day))
    if not day.buckets:
        return Journalized()
    failed = [(fact, problem) for fact in day.facts for problem in _problems(fact, problems)]
    if failed:
        return _held_by_problems(key, day, failed)
    sales, refunds = _parted(day.buckets, rules)
    return _document(day, key, "sales", sales, rules) + _document(
        day, _refund_key(day, rules), "refund", refunds, rules
    )


def _document(day: Day, key: str, kind: Kind, buckets: Sequence[Bucket], rules: Rules) -> Journalized:
    if not buckets:
        return Journalized()
    lines, missing = lines_of(buckets, rules, {})
    if missing:
        return held_for_mapping(key, missing, day.currency, shares(buckets))
    off = sum(line.amount for line in lines)
    if off:
        amount = f"{decimal_text(off, day.currency)} {day.currency}"
        held = Held(
            key=key,
            code="day_balance",
            reason=f"What was sold and what was tendered differ by {amount}; the day is not posted.",
            currency=day.currency,
            difference=off,
            shares=shares(buckets),
        )
        return Journalized(held=(held,), findings=(_finding("day_balance", key, held.reason),))
    return _written(day, key, kind, lines, rules)


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
        narration=" · ".join(part for part in (rules.defaults.title, place, _words(kind)) if part),
        source_ref=_period(day),
        lines=lines,
        location=day.location,
    )
    return Journalized(documents=(document,))


def _words(kind: Kind) -> str:
    return "refunds" if kind == "refund" else "sales"


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


def _held_by_problems(key: str, day: Day, failed: Sequence[tuple[Fact, Problem]]) -> Journalized:
    messages = list(dict.fromkeys(problem.message for _, problem in failed))
    more = f" And {len(messages) - NAMED_REASONS} more." if len(messages) > NAMED_REASONS else ""
    first = failed[0][1]
    held = Held(
        key=key,
        code=first.code,
        reason=" ".join(messages[:NAMED_REASONS]) + more,
        currency=day.currency,
        difference=first.difference,
        shares=shares(day.buckets),
    )
    findings = tuple(
        _finding(problem.code, f"{fact.stream}/{fact.source_id}", problem.message) for fact, problem in failed
    )
    return Journalized(held=(held,), findings=findings)


def _finding(code: str, subject: str, message: str) -> Finding:
    fix = "Pull the missing records, or correct the source; the day goes by itself when the numbers agree."
    return Finding(code=code, subject=subject, severity="blocking", message=message, fix=fix)


def _refund_key(day: Day, rules: Rules) -> str:
    return rules.key(location=day.location, kind="refund", period=_period(day))


def _period(day: Day) -> str:
    return day.day.isoformat()
