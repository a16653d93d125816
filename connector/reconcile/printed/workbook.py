"""The report as a workbook: a sheet of figures, and one for each table; each figure leads to its rows."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.domain.money import decimal_text, exponent
from connector.domain.spreadsheet import plain_cell
from connector.reconcile.report.values import Column, Figure, Report, Row, Table

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SUMMARY = "Summary"
LONGEST_CELL = 32_000
WIDEST, NARROWEST = 60, 9
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def as_workbook(report: Report) -> bytes:
    """The workbook's bytes. Amounts are numbers with the decimals of their currency; no cell is a formula."""
    from openpyxl import Workbook

    book = Workbook()
    summary = book.active
    assert summary is not None
    summary.title = SUMMARY
    places: Places = {}
    for table in report.tables:
        sheet = book.create_sheet(sheet_name(table))
        places |= _fill(sheet, report, table)
    _summarise(summary, report, places)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_name(table: Table) -> str:
    """What the sheet of a table is called."""
    return table.id.capitalize()


Places = dict[tuple[str, str], tuple[str, int]]
"""Table and row → sheet and line."""


def _fill(sheet: Worksheet, report: Report, table: Table) -> Places:
    heading = [f"{table.title}: {report.title}", table.note]
    for number, text in enumerate(heading, start=1):
        _write(sheet, number, 1, text, bold=number == 1)
    first = len(heading) + 2
    for number, title in enumerate(["Row", *(column.title for column in table.columns)], start=1):
        _write(sheet, first, number, title, bold=True)
    for line, row in enumerate(table.rows, start=first + 1):
        _write(sheet, line, 1, row.id)
        for number, column in enumerate(table.columns, start=2):
            _cell(sheet, (line, number), row, column)
    sheet.freeze_panes = f"B{first + 1}"
    _lay_out(sheet, report, first)
    return {(table.id, row.id): (sheet.title, line) for line, row in enumerate(table.rows, start=first + 1)}


def _cell(sheet: Worksheet, at: tuple[int, int], row: Row, column: Column) -> None:
    if column.kind == "amount" and row.currency:
        _amount(sheet, at, row.amount(column.id), row.currency)
    elif column.kind != "amount":
        _write(sheet, *at, str(row.cells.get(column.id, "")))


def _summarise(sheet: Worksheet, report: Report, places: Places) -> None:
    line = 1
    for text in (f"Reconciliation report: {report.organisation}", f"{report.first} to {report.last}, as it stood at "
                 f"{report.made_at}", *report.feeds):  # fmt: skip
        _write(sheet, line, 1, text, bold=line == 1)
        line += 1
    lines: dict[str, int] = {}
    linked: list[tuple[Figure, int]] = []
    for section in report.sections:
        for statement in section.statements:
            line += 1
            _write(sheet, line, 1, statement.title, bold=True)
            _write(sheet, line, 2, statement.currency, bold=True)
            for step in statement.steps:
                line += 1
                figure = report.figure(step.figure)
                lines.setdefault(figure.id, line)
                _write(sheet, line, 1, figure.title, bold=step.kind == "total")
                _amount(sheet, (line, 2), figure.amount, figure.currency)
                linked.append((figure, line))
                _write(sheet, line, 3, _made_of(figure))
            line += 1
    for figure, at in linked:
        _link(sheet, at, (figure, *_target(figure, places, lines)))
    _lay_out(sheet, report, 0)


def _made_of(figure: Figure) -> str:
    if figure.parts:
        return "= " + " ".join(part if part.startswith("-") else f"+ {part}" for part in figure.parts)
    last = f" to {figure.rows[-1]}" if len(figure.rows) > 1 else ""
    return f"= {len(figure.rows)} of {figure.table}, {figure.rows[0]}{last}" if figure.rows else "no rows"


def _target(figure: Figure, places: Places, lines: dict[str, int]) -> tuple[str, int]:
    """Sheet and line of the first of its rows, or of its parts; no line where it has none."""
    if figure.rows:
        return places[figure.table, figure.rows[0]]
    return SUMMARY, lines.get(figure.parts[0].removeprefix("-"), 0) if figure.parts else 0


def _link(sheet: Worksheet, at: int, to: tuple[Figure, str, int]) -> None:
    from openpyxl.styles import Font

    figure, name, line = to
    if line:
        cell = sheet.cell(at, 2)
        cell.hyperlink = f"#'{name}'!A{line}"
        cell.font = Font(color="1B4F8A", bold=bool(figure.parts))


def _amount(sheet: Worksheet, at: tuple[int, int], minor: int, currency: str) -> None:
    cell = sheet.cell(*at)
    cell.value = Decimal(decimal_text(minor, currency))
    places = exponent(currency)
    cell.number_format = "#,##0" + (f".{'0' * places}" if places else "")


def _write(sheet: Worksheet, line: int, column: int, text: str, *, bold: bool = False) -> None:
    from openpyxl.styles import Font

    cell = sheet.cell(line, column)
    cell.value = plain_cell(_UNPRINTABLE.sub(" ", text)[:LONGEST_CELL])
    if bold:
        cell.font = Font(bold=True)


def _lay_out(sheet: Worksheet, report: Report, heading: int) -> None:
    """Widths, and what stands on every printed page: organisation, period, page."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
    from openpyxl.worksheet.properties import PageSetupProperties

    for number, cells in enumerate(sheet.iter_cols(min_row=heading + 1, values_only=True), start=1):
        longest = max((len(str(value)) for value in cells if value is not None), default=0)
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest + 2, NARROWEST), WIDEST)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddHeader = HeaderFooterItem(left=_HeaderFooterPart(text=_plain_header(report.title)))
    sheet.oddFooter = HeaderFooterItem(right=_HeaderFooterPart(text="Page &P of &N"))
    if heading:
        sheet.print_title_rows = f"{heading}:{heading}"


def _plain_header(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text).replace("&", "&&")[:200]
