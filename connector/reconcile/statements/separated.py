"""Separated text → rows of cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from connector.errors import Unreadable

COLUMNS = 200
CELL = 100_000  # characters of a cell; the csv module refuses a little more

_MARKS = ",;\t|"
_LOOK = 60  # lines that tell the mark


def separated_tables(text: str) -> Iterator[list[list[str]]]:
    """The rows of the file for each mark that cuts it into columns at all. Raises Unreadable for no table's shape."""
    text, told = _told(text)
    head = "\n".join(text.split("\n", _LOOK)[:_LOOK])
    for mark in told or _MARKS:
        if mark in head:
            yield _rows(text, mark)


def _told(text: str) -> tuple[str, str]:
    """A first line that tells the mark ("sep=;") is for the spreadsheet."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        return rest, first.strip()[-1]
    return text, ""


def _rows(text: str, mark: str) -> list[list[str]]:
    try:
        return [row[:COLUMNS] for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark)]
    except csv.Error as error:
        raise Unreadable(f"it is no table ({error})") from error
