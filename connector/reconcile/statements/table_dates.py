"""Days in tables: which number is the day and which the month is decided by the whole column, or asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date as Date

from connector.errors import Unreadable
from connector.reconcile.statements.reading import Reading, cleaned

_ISO = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:\D|$)")
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:\D|$)")
_PACKED = re.compile(r"(\d{2})(\d{2})(\d{4})$")
_WORDS = re.compile(
    r"(\d{1,2})[-/. ]*([A-Za-z]{3})[a-z]*\.?[-/. ,]*(\d{4}|\d{2})"
    r"|([A-Za-z]{3})[a-z]*\.?[-/. ]*(\d{1,2}),?[-/. ]+(\d{4})"
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_MOST = 12  # months


def reading_order(written: Sequence[str], reading: Reading) -> str:
    """Day or month first ("dmy", "mdy") for the whole column.

    Raises Unreadable where the column fits both or neither and nobody said."""
    if reading.dates in ("dmy", "mdy"):
        return reading.dates
    if reading.dates:
        raise Unreadable(f"--dates is dmy or mdy, not {cleaned(reading.dates, 20)!r}")
    pairs = {pair for text in written if (pair := _pair(text)) and pair[0] != pair[1]}
    day_first = sorted(pair for pair in pairs if pair[0] > _MOST)
    month_first = sorted(pair for pair in pairs if pair[1] > _MOST)
    if day_first and month_first:
        raise Unreadable(
            "its days are partly written day first and partly month first; say which with --dates dmy or mdy"
        )
    if pairs and not day_first and not month_first:
        example = next(text for text in written if (pair := _pair(text)) and pair[0] != pair[1])
        raise Unreadable(
            f"{cleaned(example, 20)} and all its other days may be day/month or month/day; "
            "say which with --dates dmy or mdy"
        )
    return "mdy" if month_first else "dmy"


def read_date(written: str, order: str) -> Date | None:
    """The day, or None where the text is none. ISO days and named months need no order."""
    text = written.strip()
    numbers = _of_iso(text) or _of_words(text) or _of_numbers(text, order)
    try:
        return Date(*numbers) if numbers else None
    except ValueError:
        return None


def _of_iso(text: str) -> tuple[int, int, int] | None:
    found = _ISO.match(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found and 1900 < int(found[1]) < 2200 else None


def _of_words(text: str) -> tuple[int, int, int] | None:
    found = _WORDS.match(text)
    if not found:
        return None
    day, month, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
    number = _MONTHS.get(month.lower())
    return (_century(int(year)), number, int(day)) if number else None


def _of_numbers(text: str, order: str) -> tuple[int, int, int] | None:
    pair, found = _pair(text), _matched(text)
    if not pair or not found:
        return None
    day, month = pair if order == "dmy" else (pair[1], pair[0])
    return _century(int(found[3])), month, day


def _pair(text: str) -> tuple[int, int] | None:
    """The first two numbers of a day in which either may be the month."""
    found = None if _of_iso(text.strip()) else _matched(text)
    return (int(found[1]), int(found[2])) if found else None


def _matched(text: str) -> re.Match[str] | None:
    return _NUMBERS.match(text.strip()) or _PACKED.match(text.strip())


def _century(year: int) -> int:
    return year + 2000 if year < 100 else year
