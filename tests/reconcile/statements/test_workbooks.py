"""XLSX exports, and what hides in them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from connector.errors import Unreadable
from tests.reconcile.statements.reading_files import amounts, codes, days, one, read

ROWS: list[list[object]] = [
    ["Example Bank"],
    [],
    ["Date", "Description", "Amount", "Currency", "Account"],
    [date(2026, 3, 14), "SQUARE", 412.6, "USD", "987"],
    [datetime.fromisoformat("2026-03-15T09:30"), "RENT", -1000, "USD", "987"],
    ["03/16/2026", "TEXT", "-1,234.50", "USD", "987"],
    [date(2026, 3, 17), "BINARY", 0.1 + 0.2, "USD", "987"],
]


def workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    book.create_sheet("Notes", 0).append(["nothing here"])
    for row in rows:
        book.worksheets[1].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_entry(data: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one entry replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return out.getvalue()


def test_numbers_and_days_of_cells_are_read_as_they_are_shown() -> None:
    statement = one(workbook(ROWS))
    assert (statement.form, statement.account) == ("XLSX", "987")
    assert amounts(statement) == [41260, -100000, -123450, 30]
    assert days(statement) == ["2026-03-14", "2026-03-15", "2026-03-16", "2026-03-17"]
    assert codes(statement) == []


def test_a_sheet_that_tells_a_wrong_size_is_read_whole() -> None:
    data = workbook(ROWS)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        sheet = packed.read("xl/worksheets/sheet2.xml")
    assert b'<dimension ref="A1:E7"' in sheet
    lied = with_entry(data, "xl/worksheets/sheet2.xml", sheet.replace(b'ref="A1:E7"', b'ref="A1"'))
    assert one(lied) == one(data)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("xl/vbaProject.bin", b"macro", "macros"),
        ("xl/media/zeros.bin", b"\0" * 20_000_000, "unpacks to more"),
        ("xl/sharedStrings.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><sst/>', "DTD"),
        ("xl/sharedStrings.xml", '<!DOCTYPE a [<!ENTITY b "c">]><sst/>'.encode("utf-16"), "DTD"),
        ("xl/workbook.xml", b"<workbook", "no workbook that can be opened"),
    ],
)
def test_what_does_not_belong_into_a_workbook_is_refused(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=rf"^march\.txt cannot be read: .*{reason}"):
        read(with_entry(workbook(ROWS), name, content))


def test_a_row_beyond_all_rows_is_no_endless_table() -> None:
    data = workbook(ROWS)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        sheet = packed.read("xl/worksheets/sheet2.xml")
    assert b'<row r="7"' in sheet
    far = with_entry(data, "xl/worksheets/sheet2.xml", sheet.replace(b'<row r="7"', b'<row r="99999999999"'))
    assert amounts(one(far)) == [41260, -100000, -123450]


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("statement.xml", "<Document/>")
    with pytest.raises(Unreadable, match="no XLSX workbook; unpack it first"):
        read(out.getvalue())
    with pytest.raises(Unreadable, match="no workbook that can be opened"):
        read(out.getvalue()[:30])
