"""XLSX workbooks → rows of cells as text; nothing in them is run, followed or unpacked beyond its bounds."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from datetime import date as Date
from datetime import datetime
from decimal import Decimal
from itertools import islice

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from connector.errors import Unreadable
from connector.reconcile.statements.reading import LINES
from connector.reconcile.statements.separated import CELL, COLUMNS

UNPACKED = 200 * 1024 * 1024
RATIO = 100
ENTRIES = 2000
SHEETS = 20

_ERRORS = (  # what openpyxl and its parsers raise on a damaged workbook; an error of XML is a SyntaxError
    zipfile.BadZipFile, zlib.error, InvalidFileException, SyntaxError, LookupError, ValueError, AttributeError,
    TypeError, ArithmeticError, EOFError, OSError, RuntimeError,
)  # fmt: skip
_SMALL = 1024 * 1024  # an entry up to this size may be packed as tightly as it likes
_DTD = tuple(
    word.encode(encoding) for word in ("<!DOCTYPE", "<!ENTITY") for encoding in ("ascii", "utf-16-le", "utf-16-be")
)


def sheets(data: bytes) -> list[list[list[str]]]:
    """The rows of each sheet. Raises Unreadable for macros, DTDs, bombs and what is no workbook."""
    try:
        _check(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and drawings that we do not read
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            return [_rows(sheet) for sheet in book.worksheets[:SHEETS]]
    except _ERRORS as error:
        raise Unreadable("it is no workbook that can be opened") from error


def _rows(sheet: Worksheet) -> list[list[str]]:
    if isinstance(sheet, ReadOnlyWorksheet):
        sheet.reset_dimensions()  # many banks' programs write a wrong size
    rows = islice(sheet.iter_rows(values_only=True, max_col=COLUMNS), LINES + 100)
    return [[] if row.count(None) == len(row) else _trimmed([_text(cell) for cell in row]) for row in rows]


def _trimmed(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row.pop()
    return row


def _check(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        entries = packed.infolist()
        names = {entry.filename for entry in entries}
        if "xl/workbook.xml" not in names:
            raise Unreadable("it is a zip, but no XLSX workbook; unpack it first")
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise Unreadable("it holds macros; save it as XLSX without them")
        bomb = len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED
        if bomb or any(_is_bomb(entry) for entry in entries):
            raise Unreadable("it unpacks to more than any bank's table")
        for entry in entries:
            if entry.filename.endswith((".xml", ".rels")) and any(word in packed.read(entry) for word in _DTD):
                raise Unreadable("it brings a DTD, which no workbook needs; it may be an attack")


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > _SMALL and entry.file_size > RATIO * max(entry.compress_size, 1)


def _text(cell: object) -> str:
    """A number as Excel shows it, in fifteen digits; a day in ISO form."""
    match cell:
        case None:
            return ""
        case datetime():
            return cell.date().isoformat()
        case Date():
            return cell.isoformat()
        case str() | bool() | int():
            return str(cell)[:CELL]
    try:
        return f"{Decimal(format(cell, '.15g')):f}"
    except (ValueError, TypeError, ArithmeticError):
        return str(cell)[:CELL]
