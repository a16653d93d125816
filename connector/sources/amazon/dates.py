"""Moments as Amazon writes them in its reports; a shape that could be read two ways is refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from connector.errors import Unreadable

_YEAR_FIRST = r"(?P<y>(?:19|20)\d\d)(?P<mark>[-/])(?P<m>\d\d)(?P=mark)(?P<d>\d\d)"
_DAY_FIRST = r"(?P<d2>\d\d)\.(?P<m2>\d\d)\.(?P<y2>(?:19|20)\d\d)"
_TIME = r"(?:[ T](?P<clock>\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?"
_ZONE = r" ?(?P<zone>Z|UTC|GMT|JST|[+-]\d\d:?\d\d)?"
_MOMENT = re.compile(f"(?:{_YEAR_FIRST}|{_DAY_FIRST})" + _TIME + _ZONE + r"\Z", re.ASCII)
_TWO_WAYS = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}")
_JAPAN = timezone(timedelta(hours=9))
_ZONES = {"": UTC, "Z": UTC, "UTC": UTC, "GMT": UTC, "JST": _JAPAN}  # the reports' own times are UTC unless they say


def moment_or_date(text: str) -> datetime | date:
    """An aware moment, or a bare date where the text has no time of day. Raises Unreadable."""
    found = _MOMENT.match(text)
    if not found:
        if is_ambiguous(text):
            raise Unreadable(f"the date {text!r} in it can be read two ways (day or month first)")
        raise Unreadable(f"{text!r} in it is not a date of a settlement report")
    part = found.groupdict(default="")
    try:
        day = date(int(part["y"] or part["y2"]), int(part["m"] or part["m2"]), int(part["d"] or part["d2"]))
        if not part["clock"]:
            return day
        return datetime.combine(day, time.fromisoformat(part["clock"]), _zone(part["zone"]))
    except ValueError as error:
        raise Unreadable(f"{text!r} in it is not a date that exists") from error


def is_ambiguous(text: str) -> bool:
    """Whether it is a date of slashes whose first part has not four digits: 09/06/25 is in June or in September."""
    return bool(_TWO_WAYS.match(text))


def as_moment(value: datetime | date) -> datetime:
    """A bare date as the first moment of its day, UTC."""
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)


def as_written(value: datetime | date) -> date:
    """The date as the report has it, whatever the zone."""
    return value.date() if isinstance(value, datetime) else value


def _zone(text: str) -> timezone:
    if text in _ZONES:
        return _ZONES[text]
    sign, digits = text[0], text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if sign == "-" else offset)
