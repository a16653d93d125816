"""The source's own totals of a day against our sums, to the cent."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.facts import Bucket, Fact, Problem
from connector.domain.money import decimal_text
from connector.domain.sales import DayTotals

Of = tuple[str, str]  # kind (or kinds joined by +), code (or * for every code)


def total_problems(fact: Fact, buckets: Iterable[Bucket]) -> tuple[Problem, ...]:
    """What of a day's own totals our sums do not meet; none where the fact holds no totals or all agree.

    A total may be of several kinds together, joined by +, and of every code, written *."""
    if not isinstance(fact.about, DayTotals):
        return ()
    wanted = {(kind, code): amount for kind, code, amount in fact.about.totals}
    ours = dict.fromkeys(wanted, 0)
    for bucket in buckets:
        for of in _totals_of(bucket, wanted, fact.about.covers):
            ours[of] = ours.get(of, 0) + bucket.amount
    off = {of: ours[of] - wanted.get(of, 0) for of in sorted(ours)}
    return tuple(_problem(fact, fact.about.report, of, difference) for of, difference in off.items() if difference)


def _totals_of(bucket: Bucket, wanted: Iterable[Of], covers: tuple[str, ...]) -> list[Of]:
    kind, code = bucket.key.kind, bucket.key.code
    named = [of for of in wanted if kind in of[0].split("+") and of[1] in ("*", code)]
    return named or ([(kind, code)] if kind in covers else [])


def _problem(fact: Fact, report: str, of: Of, difference: int) -> Problem:
    amount = f"{decimal_text(difference, fact.currency)} {fact.currency}"
    code = "" if of[1] == "*" else f" {of[1]}"
    message = f"Our sum of {of[0]}{code} differs from the source's {report} by {amount}."
    return Problem(code="control_total", message=message, difference=difference)
