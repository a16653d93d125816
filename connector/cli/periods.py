"""A stretch of days as it is typed: a month, or the first and the last day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

Days = tuple[date, date]


def days_of(first: str, last: str, month: str) -> Days:
    """The first and the last day; raises Unreadable where they are not said, or are none."""
    from connector.errors import Unreadable

    if month and not (first or last):
        return month_of(month)
    if not (first and last) or month:
        raise Unreadable("Say which days: --month 2026-03, or --from 2026-03-01 --to 2026-03-31.")
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise Unreadable(f"{first!r} to {last!r} are no days; write them as 2026-03-31.") from None
    if days[1] < days[0]:
        raise Unreadable(f"{last} is before {first}.")
    return days


def month_of(text: str) -> Days:
    """The days of a month such as 2026-03; raises Unreadable."""
    from connector.errors import Unreadable

    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Unreadable(f"{text!r} is no month; write it as 2026-03.") from None
    return first, first.replace(day=monthrange(first.year, first.month)[1])
