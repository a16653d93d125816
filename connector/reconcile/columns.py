"""Tables of text with a heading, read by the block as columns; every complaint names file, line and column."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TypeVar

from connector.domain.money import exponent, parse_minor
from connector.errors import Unreadable

ROWS = 5_000_000
FIELD = 512
_BLOCK = 20_000
_DIGITS = 15
_SEPARATORS = ",;\t"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column by its name and what else it may be called; `is_needed` where a table without it is refused."""

    name: str
    others: tuple[str, ...] = ()
    is_needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some rows as columns by name (only those that the table has), of the table's file."""

    file: str
    columns: Mapping[str, Sequence[str]]
    numbers: Sequence[int]

    def read(self, name: str, meaning: Callable[[str], T], known: dict[str, T]) -> list[T]:
        """The column's values; `known` keeps what a text means. Raises Unreadable where `meaning` raises ValueError."""
        column = self.columns[name]
        if not known.keys() >= set(column):
            self._learn(name, meaning, known)
        return list(map(known.__getitem__, column))

    def _learn(self, name: str, meaning: Callable[[str], T], known: dict[str, T]) -> None:
        column = self.columns[name]
        for text in set(column).difference(known):
            try:
                known[text] = meaning(text.strip())
            except ValueError as error:
                raise self.wrong(column.index(text), name, str(error)) from None

    def names(self, name: str) -> list[str]:
        """A column of ids, nearly all of them different: not empty, at most FIELD characters."""
        found = list(map(str.strip, self.columns[name]))
        lengths = set(map(len, found))
        if 0 in lengths:
            raise self.wrong(found.index(""), name, "it is empty")
        if max(lengths) > FIELD:
            row = next(row for row, text in enumerate(found) if len(text) > FIELD)
            raise self.wrong(row, name, f"it is longer than {FIELD} characters")
        return found

    def wrong(self, row: int, name: str, reason: str) -> Unreadable:
        return Unreadable(f"{self.file}, line {self.numbers[row]}, column {name}: {reason}.")


def read_blocks(lines: Iterable[str], wanted: Sequence[Column], file: str) -> Iterator[Block]:
    """The rows below the heading in blocks. Columns not wanted are skipped, empty lines too.

    Raises Unreadable: no heading, a needed column missing or named twice, a row of another length, too many rows."""
    rows = iter(lines)
    heading = next(rows, "").removeprefix("\ufeff")
    separator = max(_SEPARATORS, key=heading.count)
    names = [_plain(each) for each in next(csv.reader([heading], delimiter=separator), [])]
    places = {column.name: place for column in wanted if (place := _place(column, names, file)) is not None}
    reader = csv.reader(rows, delimiter=separator)
    count = 0
    while True:
        before = reader.line_num + 2
        block = _rows(reader, file)
        if not block:
            return
        numbers = _numbers(block, before, reader.line_num + 2 - before)
        count += len(numbers)
        if count > ROWS:
            raise Unreadable(f"{file} has more than {ROWS:,} rows; split it by account.")
        if numbers:
            yield _block([row for row in block if row], numbers, places, names, file)


def _rows(reader: Iterator[list[str]], file: str) -> list[list[str]]:
    try:
        return list(islice(reader, _BLOCK))
    except csv.Error as error:
        raise Unreadable(f"{file} is not a table of text: {error}.") from None


def _numbers(block: Sequence[Sequence[str]], first: int, lines: int) -> Sequence[int]:
    """The line that each row begins on, without empty rows; a quoted field may run over several lines."""
    if lines == len(block) and all(block):
        return range(first, first + lines)
    numbers = []
    for row in block:
        if row:
            numbers.append(first)
        first += 1 + sum(field.count("\n") for field in row)
    return numbers


def _block(
    rows: Sequence[Sequence[str]], numbers: Sequence[int], places: Mapping[str, int], names: Sequence[str], file: str
) -> Block:
    if set(map(len, rows)) != {len(names)}:
        number, length = next((n, len(row)) for row, n in zip(rows, numbers, strict=True) if len(row) != len(names))
        raise Unreadable(f"{file}, line {number}: {length} fields where the heading has {len(names)}.")
    columns = list(zip(*rows, strict=True))
    return Block(file=file, columns={name: columns[place] for name, place in places.items()}, numbers=numbers)


def _place(column: Column, names: Sequence[str], file: str) -> int | None:
    found = [place for name in (column.name, *column.others) for place, given in enumerate(names) if given == name]
    if not found:
        if column.is_needed:
            also = f" (or {', '.join(column.others)})" if column.others else ""
            raise Unreadable(
                f"{file} has no column {column.name}{also}; its heading is: {', '.join(names) or 'empty'}."
            )
        return None
    if names.count(names[found[0]]) > 1:
        raise Unreadable(f"{file} has the column {names[found[0]]} twice.")
    return found[0]


def _plain(name: str) -> str:
    return "_".join(name.strip().lower().replace("-", " ").replace("_", " ").replace(".", " ").split())


def name_of(text: str) -> str:
    """A name or id: not empty, at most FIELD characters; raises ValueError."""
    if not text:
        raise ValueError("it is empty")
    return text_of(text)


def text_of(text: str) -> str:
    """Any text of at most FIELD characters; raises ValueError."""
    if len(text) > FIELD:
        raise ValueError(f"it is longer than {FIELD} characters")
    return text


def day_of(text: str) -> date:
    """A date such as 2026-03-14, with or without a time; raises ValueError."""
    try:
        return date.fromisoformat(text[:10]) if len(text) == 10 or text[10:11] in ("T", " ") else date.fromisoformat("")
    except ValueError:
        raise ValueError(f"{text!r} is not a date such as 2026-03-14") from None


def currency_of(text: str) -> str:
    """An ISO 4217 code in capitals; raises ValueError."""
    if len(text) != 3 or not (text.isascii() and text.isalpha()):
        raise ValueError(f"{text!r} is not a currency code such as USD")
    return text.upper()


def amounts_of(block: Block, name: str, currencies: Sequence[str], known: dict[str, dict[str, int]]) -> list[int]:
    """The amounts of a column in minor units of each row's currency; `known` keeps by currency what a text means."""
    if len(set(currencies)) == 1:
        currency = currencies[0]
        return block.read(name, lambda text: amount_of(text, currency), known.setdefault(currency, {}))
    amounts = []
    for row, (text, currency) in enumerate(zip(block.columns[name], currencies, strict=True)):
        try:
            amounts.append(amount_of(text, currency))
        except ValueError as error:
            raise block.wrong(row, name, str(error)) from None
    return amounts


def amount_of(text: str, currency: str) -> int:
    """Minor units of a plain decimal of at most 15 digits, such as -1234.50; raises ValueError."""
    if len(text.strip().lstrip("+-").replace(".", "")) > _DIGITS + exponent(currency):
        raise ValueError(f"{text[:40]!r} is too large for an amount")
    return parse_minor(text, currency)
