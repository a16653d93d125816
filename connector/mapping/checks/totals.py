"""The source's own totals of a day against our sums, to the cent."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.facts import Bucket, Fact, Problem
from connector.domain.money import decimal_text
from connector.domain.sales import DayTotals


def total_problems(fact: Fact, buckets: Iterable[Bucket]) -> tuple[Problem, ...]:
    """What of a day's own totals our sums do not meet; none where the fact holds no totals or all agree."""
    if not isinstance(fact.about, DayTotals):
        return ()
    wanted = {(kind, code): amount for kind, code, amount in fact.about.totals}
    ours: dict[tuple[str, str], int] = {}
    for bucket in buckets:
        of = (bucket.key.kind, bucket.key.code)
        if of in wanted or bucket.key.kind in fact.about.covers:
            ours[of] = ours.get(of, 0) + bucket.amount
    off = {of: ours.get(of, 0) - wanted.get(of, 0) for of in sorted(ours.keys() | wanted.keys())}
    return tuple(_problem(fact, fact.about.report, of, difference) for of, difference in off.items() if difference)


def _problem(fact: Fact, report: str, of: tuple[str, str], difference: int) -> Problem:
    amount = f"{decimal_text(difference, fact.currency)} {fact.currency}"
    message = f"Our sum of {of[0]} {of[1]} differs from the source's {report} by {amount}."
    return Problem(code="control_total", message=message.replace("  ", " "), difference=difference)
