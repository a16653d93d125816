"""Adds up the amounts of a report by what they are and the month they belong to, and notes for each where it went."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, repeat
from typing import TypeVar
from zoneinfo import ZoneInfo

from connector.domain.facts import Bucket, BucketKey, pack
from connector.errors import Unreadable
from connector.sources.amazon.amounts import Amounts
from connector.sources.amazon.dates import is_ambiguous, moment_or_date
from connector.sources.amazon.decoding import text_of
from connector.sources.amazon.records import Layout, Part, Summary
from connector.sources.amazon.translate import RESERVE_HELD, RESERVE_RELEASED, meaning, triple_of

_Value = TypeVar("_Value")

_HOUR = re.compile(rb".{10}[ T]\d\d:\d\d:\d\d")  # a stamp whose first 13 bytes are its date and hour

MOST_NAMES = 1 << 16  # different texts beside amounts, and hours, that one report may have
MOST_ZONES = 64  # different ends of time stamps for which hours are kept
_Name = tuple[bytes, bytes, bytes, bytes, bytes, str]  # an amount's three labels, marketplace, currency; its month


class Tally:
    """Sums and vector of one report. Rows come many at a time, as their cells one after another, and are worked on by
    column; what a text means is worked out once for each distinct text and then looked up."""

    def __init__(self, layout: Layout, summary: Summary, amounts: Amounts, zone: ZoneInfo) -> None:
        self._layout, self._currency, self._zone = layout, summary.currency, zone
        self._amounts = amounts
        self._first, self._last = self._month(summary.starts_at), self._month(summary.ends_at)
        self._months: dict[bytes, dict[bytes, str]] = {}  # the end of a stamp, its hour → the month
        self._numbers: dict[BucketKey, int] = {}
        self._known: dict[str, dict[_Name, int]] = {part.column: {} for part in layout.parts}
        self._sums: list[int] = []
        self._vector: bytearray | array[int] = bytearray()
        self._undecided: Counter[tuple[int, str]] = Counter()
        self.has_second_total = False

    def add_up(self, blocks: Iterable[list[bytes]]) -> None:
        """Takes in all rows. Raises Unreadable at a cell that cannot be understood."""
        width, total_at, parts = self._layout.width, self._layout.total_at, self._layout.parts
        for cells in filter(None, blocks):
            months = self._months_of(cells)
            numbers = [self._numbers_of(part, cells, months) for part in parts]
            texts = [cells[part.amount_at :: width] for part in parts]
            if len(parts) == 1:
                self._add(numbers[0], texts[0])
            else:
                self._add(_by_row(numbers), _by_row(texts))
            if any(cells[total_at::width]) and any(map(bytes.strip, cells[total_at::width])):
                self.has_second_total = True

    def totals(self) -> tuple[tuple[Bucket, ...], bytes]:
        """The buckets in the order of their keys, and the vector. Raises Unreadable if an amount stays unclear."""
        self._decide()
        counts = Counter(self._vector)
        ranked = sorted((key, number) for key, number in self._numbers.items() if counts[number])
        buckets = tuple(Bucket(key=key, amount=self._sums[number], count=counts[number]) for key, number in ranked)
        ranks = [0] * len(self._numbers)
        for rank, (_, number) in enumerate(ranked):
            ranks[number] = rank
        vector = self._ranked(ranks)
        if len(vector) == len(buckets) and all(rank == at for at, rank in enumerate(vector)):
            return buckets, b""
        return buckets, pack(vector, len(buckets))

    def _add(self, numbers: list[int], texts: list[bytes]) -> None:
        minors = self._amounts.plain(texts)
        if not minors or not all(minors):
            numbers, minors = self._movements(numbers, texts)
        sums = self._sums
        for number, minor in zip(numbers, minors, strict=True):
            sums[number] += minor
        if len(sums) > 256 and isinstance(self._vector, bytearray):
            self._vector = array("I", self._vector)
        self._vector.extend(numbers)

    def _movements(self, numbers: list[int], texts: list[bytes]) -> tuple[list[int], list[int]]:
        """The numbers and amounts of the cells that hold money; one that is still unclear is noted, and 0 for now."""
        found: list[int] = []
        minors: list[int] = []
        for number, text in zip(numbers, map(self._text, texts), strict=True):
            minor = self._amounts.minor(text) if text else 0
            if minor is None:
                self._undecided[number, text] += 1
            if minor != 0:
                found.append(number)
                minors.append(minor or 0)
        return found, minors

    def _months_of(self, cells: list[bytes]) -> list[str]:
        stamps = cells[self._layout.stamp_at :: self._layout.width]
        known = self._months.get(_common_end(stamps), {})
        try:
            return [known[stamp[:13]] for stamp in stamps]
        except KeyError:
            days = self._column(cells, self._layout.date_at)
            return [self._month_of(stamp, day) for stamp, day in zip(stamps, days, strict=False)]

    def _month_of(self, stamp: bytes, day: bytes) -> str:
        return self._months.get(stamp[19:], {}).get(stamp[:13]) or self._learn_month(stamp, day)

    def _learn_month(self, stamp: bytes, day: bytes) -> str:
        """The month of a row; of one that has neither a time nor a date that is clear, the month of the end.

        It is kept for the hour of the stamp, unless a month begins within that hour."""
        text = self._text(stamp) or self._text(day)
        if not text or (not self._text(stamp) and is_ambiguous(text)):
            return self._last
        value = moment_or_date(text)
        month = self._month(value)
        if isinstance(value, datetime) and _HOUR.match(stamp):
            hour = value.replace(minute=0, second=0)
            is_whole = self._month(hour) == self._month(hour + timedelta(minutes=59, seconds=59))
            known = self._months.setdefault(stamp[19:], {}) if len(self._months) < MOST_ZONES else {}
            if is_whole and len(known) < MOST_NAMES:
                known[stamp[:13]] = month
        return month

    def _month(self, value: datetime | date) -> str:
        """A moment's month in the zone; a bare date's month as written."""
        local = value.astimezone(self._zone) if isinstance(value, datetime) else value
        return f"{local.year:04}-{local.month:02}"

    def _numbers_of(self, part: Part, cells: list[bytes], months: list[str]) -> list[int]:
        known = self._known[part.column]
        try:
            return list(map(known.__getitem__, self._names(part, cells, months)))
        except KeyError:
            self._learn_names(part, set(self._names(part, cells, months)).difference(known))
            return list(map(known.__getitem__, self._names(part, cells, months)))

    def _learn_names(self, part: Part, names: Iterable[_Name]) -> None:
        known = self._known[part.column]
        for name in names:
            known[name] = self._number(self._key(part, name))
        if len(known) > MOST_NAMES:
            raise Unreadable("it has more kinds of amounts than a settlement can have")

    def _names(self, part: Part, cells: list[bytes], months: list[str]) -> Iterator[_Name]:
        first, second, third = (self._column(cells, at) for at in part.labels_at)
        marketplaces = self._column(cells, self._layout.marketplace_at)
        currencies = self._column(cells, self._layout.currency_at)
        return zip(first, second, third, marketplaces, currencies, months, strict=False)

    def _column(self, cells: list[bytes], at: int) -> Iterable[bytes]:
        return cells[at :: self._layout.width] if at >= 0 else repeat(b"")

    def _number(self, key: BucketKey) -> int:
        number = self._numbers.setdefault(key, len(self._sums))
        if number == len(self._sums):
            self._sums.append(0)
        return number

    def _key(self, part: Part, name: _Name) -> BucketKey:
        *_, month = name
        first, second, third, marketplace, currency = (self._text(cell) for cell in name[:5])
        if currency and currency != self._currency:
            raise Unreadable(f"it has amounts in {self._currency} and in {currency}; a settlement has one currency")
        triple = triple_of(part.column, (first, second, third))
        found = meaning(triple, marketplace)
        period = {RESERVE_RELEASED: self._first, RESERVE_HELD: self._last}.get(triple[2], month)
        return BucketKey(kind=found.kind, code=found.code, currency=self._currency, period=period, location=marketplace)

    def _text(self, cell: bytes) -> str:
        return text_of(cell, self._currency)

    def _decide(self) -> None:
        for (number, text), count in self._undecided.items():
            minor = self._amounts.minor(text)
            if minor is None:
                raise Unreadable(f"{text!r} in it can be read two ways, and no other amount tells which is meant")
            self._sums[number] += minor * count

    def _ranked(self, ranks: list[int]) -> Sequence[int]:
        if isinstance(self._vector, bytearray):
            return self._vector.translate(bytes(ranks).ljust(256, b"\0"))
        return array("I", map(ranks.__getitem__, self._vector))


def _common_end(stamps: list[bytes]) -> bytes:
    """What follows the seconds in every one of the stamps, their zone; empty where they differ in it or in length."""
    length, text = len(stamps[0]), b"".join(stamps)
    if len(text) != length * len(stamps):
        return b""
    end = stamps[0][19:]
    is_common = all(text[19 + at :: length].count(letter) == len(stamps) for at, letter in enumerate(end))
    return end if is_common else b""


def _by_row(columns: list[list[_Value]]) -> list[_Value]:
    """The values of several columns in the order of the rows."""
    return list(chain.from_iterable(zip(*columns, strict=True)))
