"""The report as PDF, with organisation, period and page number on every page; figures lead to their rows.

Without a font of your own it is set in the fonts that every reader has, which know Western European letters only: any
other is shown as a question mark, and the last page says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import Unreadable
from connector.reconcile.printed.html import amount, cell
from connector.reconcile.report.values import Figure, Report, Statement, Table

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH = 273  # millimetres between the margins of a landscape page
MOST_ROWS = 20_000
LONGEST_TEXT = 400
SMALL, LINE = 6.5, 3
LOOKED_AT = 500  # rows, to see how wide a column is


def as_pdf(report: Report, font: Path | None = None) -> bytes:
    """The PDF's bytes; raises Unreadable where fpdf2 is not installed, or the report is too long for paper."""
    rows = sum(len(table.rows) for table in report.tables)
    if rows > MOST_ROWS:
        raise Unreadable(f"{rows:,} rows are too many for paper: write the workbook, or a shorter period.")
    return bytes(_Paper(report, font).printed())


class _Paper:
    """A report on its way to paper: where each row and figure will stand is known before it is written."""

    def __init__(self, report: Report, font: Path | None) -> None:
        # until its place is known, a link leads to the first page
        self.report = report
        self.pdf = _empty(report, font)
        self.is_latin, self.lost = font is None, 0
        self.links = {(table.id, row.id): self.pdf.add_link(page=1) for table in report.tables for row in table.rows}
        self.sums = {figure.id: self.pdf.add_link(page=1) for figure in report.figures}

    def printed(self) -> bytearray:
        self._title()
        for section in self.report.sections:
            self._heading(section.title, section.note)
            for statement in section.statements:
                self._statement(statement)
            for name in section.tables:
                self._table(self.report.table(name))
        if self.lost:
            self._note(f"{self.lost} letters could not be shown in this font; the HTML and XLSX have them.")
        return self.pdf.output()

    def _title(self) -> None:
        report, checks = self.report, self.report.checks
        self.pdf.add_page()
        self._line("Reconciliation report", 18, "B")
        self._line(report.organisation, 13, "B")
        self._line(f"{report.first} to {report.last}, both days included", 11)
        self._line(f"As it stood at {report.made_at[:16].replace('T', ' ')} UTC", 9)
        for feed in report.feeds:
            self._line(feed, 9)
        off = [check for check in checks if check.amount]
        told = f"{len(off)} of {len(checks)} checks FAIL." if off else f"Everything adds up: {len(checks)} checks hold."
        self._line(told, 10, "B")
        self._note("Amounts in the currency that is named with them. Select a figure to go to its rows.")

    def _heading(self, title: str, note: str) -> None:
        if self.pdf.will_page_break(28):
            self.pdf.add_page()
        self.pdf.ln(4)
        self._line(title, 13, "B")
        self._note(note)

    def _statement(self, statement: Statement) -> None:
        if self.pdf.will_page_break(6 + 4.6 * min(len(statement.steps), 24)):
            self.pdf.add_page()
        self.pdf.ln(1.5)
        self._line(f"{statement.title}, in {statement.currency}", 9.5, "B")
        for step in statement.steps:
            figure = self.report.figure(step.figure)
            if step.kind == "check" and not figure.amount:
                continue
            self._figure(figure, is_total=step.kind != "part")

    def _figure(self, figure: Figure, *, is_total: bool) -> None:
        pdf = self.pdf
        pdf.set_link(self.sums[figure.id], page=pdf.page, y=pdf.get_y())
        pdf.set_font(style="B" if is_total else "", size=9)
        border = "T" if is_total else ""
        pdf.cell(90, 4.6, self._text(figure.title), border=border)
        pdf.cell(34, 4.6, self._text(amount(figure.amount, figure.currency)), border=border, align="R",
                 link=self._target(figure), new_x="LMARGIN", new_y="NEXT")  # fmt: skip

    def _target(self, figure: Figure) -> int | str:
        if figure.rows:
            return self.links[figure.table, figure.rows[0]]
        return self.sums[figure.parts[0].removeprefix("-")] if figure.parts else ""

    def _table(self, table: Table) -> None:
        pdf = self.pdf
        if pdf.will_page_break(30):
            pdf.add_page()
        pdf.ln(2)
        self._line(table.title, 10.5, "B")
        self._note(table.note)
        if not table.rows:
            self._line("None.", 9)
            return
        widths = _widths(pdf, table)
        self._titles(table, widths)
        for row in table.rows:
            cells = [(row.id, False), *((cell(row, column), column.kind == "amount") for column in table.columns)]
            lines = [self._wrapped(text, width) for (text, _), width in zip(cells, widths, strict=True)]
            if pdf.will_page_break(LINE * max(map(len, lines))):
                pdf.add_page()
                self._titles(table, widths)
            pdf.set_link(self.links[table.id, row.id], page=pdf.page, y=pdf.get_y())
            self._cells(lines, [is_amount for _, is_amount in cells], widths)

    def _titles(self, table: Table, widths: Sequence[float]) -> None:
        self.pdf.set_font(style="B", size=SMALL)
        titles = [
            ["Row"],
            *(self._wrapped(column.title, width) for column, width in zip(table.columns, widths[1:], strict=True)),
        ]
        self._cells(titles, [False, *(column.kind == "amount" for column in table.columns)], widths)
        self.pdf.set_font(style="", size=SMALL)

    def _cells(self, cells: Sequence[Sequence[str]], amounts: Sequence[bool], widths: Sequence[float]) -> None:
        pdf = self.pdf
        top, left, bottom = pdf.get_y(), pdf.l_margin, pdf.get_y() + LINE * max(map(len, cells))
        for lines, is_amount, width in zip(cells, amounts, widths, strict=True):
            for number, text in enumerate(lines):
                pdf.set_xy(left, top + LINE * number)
                pdf.cell(width, LINE, text, align="R" if is_amount else "L")
            left += width
        pdf.set_draw_color(200, 206, 212)
        pdf.line(pdf.l_margin, bottom + 0.2, pdf.l_margin + sum(widths), bottom + 0.2)
        pdf.set_xy(pdf.l_margin, bottom + 0.5)

    def _wrapped(self, text: str, width: float) -> list[str]:
        """The text in lines that fit a cell, in the font that is set."""
        plain = self._text(_short(text))
        if self.pdf.get_string_width(plain) <= width - 2 * self.pdf.c_margin:
            return [plain]
        lines = self.pdf.multi_cell(width, LINE, plain, dry_run=True, output="LINES", align="L")
        return [str(line) for line in lines] if isinstance(lines, list) and lines else [""]

    def _line(self, text: str, size: float, style: str = "") -> None:
        self.pdf.set_font(style=style, size=size)
        self.pdf.multi_cell(0, size * 0.5, self._text(text), align="L", new_x="LMARGIN", new_y="NEXT")

    def _note(self, text: str) -> None:
        self.pdf.set_text_color(92, 102, 112)
        self._line(text, 8)
        self.pdf.set_text_color(28, 33, 38)

    def _text(self, text: str) -> str:
        plain = "".join(each if each.isprintable() else " " for each in text).translate(_PLAINER)
        if not self.is_latin:
            return plain
        made = _latin(plain)
        self.lost += sum(before != after for before, after in zip(plain, made, strict=True))
        return made


_PLAINER = str.maketrans({"−": "-", "–": "-", "—": "-", "→": ">", "…": "...", "’": "'", "‘": "'", "“": '"', "”": '"'})


def _latin(text: str) -> str:
    return text.translate(_PLAINER).encode("latin-1", errors="replace").decode("latin-1")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _widths(pdf: FPDF, table: Table) -> list[float]:
    """Millimetres for each column: as its content needs, the widest narrowed until all fit the page."""
    pdf.set_font(style="B", size=SMALL)
    texts = [["Row"], *([column.title] for column in table.columns)]
    for row in table.rows[:LOOKED_AT]:
        for of, text in zip(texts, [row.id, *(cell(row, column) for column in table.columns)], strict=True):
            of.append(_latin(_short(text)))
    needed = [max(pdf.get_string_width(text) for text in of) + 2 * pdf.c_margin + 0.5 for of in texts]
    while sum(needed) > WIDTH:
        widest = max(needed)
        limit = max(max((each for each in needed if each < widest), default=0), widest * 0.95)
        needed = [min(each, limit) if each == widest else each for each in needed]
    return needed


def _empty(report: Report, font: Path | None) -> FPDF:
    try:
        from fpdf import FPDF
    except ImportError:
        raise Unreadable(
            "A report as PDF needs fpdf2: pip install 'ledger-connector[pdf]'; HTML and XLSX need nothing more."
        ) from None

    class Pages(FPDF):
        """What stands on every page."""

        def header(self) -> None:
            self.set_font(size=7.5)
            self.set_text_color(92, 102, 112)
            self.set_y(7)
            self.cell(0, 4, title, align="L")
            self.set_y(14)
            self.set_text_color(28, 33, 38)

        def footer(self) -> None:
            self.set_y(-10)
            self.set_font(size=7.5)
            self.set_text_color(92, 102, 112)
            self.cell(0, 4, f"Page {self.page_no()} of {{nb}}", align="R")
            self.set_text_color(28, 33, 38)

    made = Pages(orientation="landscape", format="A4")
    made.set_margins(12, 14, 12)
    made.set_auto_page_break(True, 14)
    if font is None:
        made.set_font("Helvetica")
        title = _latin(report.title)
    else:
        made.add_font("own", "", font)
        made.add_font("own", "B", font)
        made.set_font("own")
        title = report.title
    made.set_title(report.title)
    made.set_creation_date(datetime.fromisoformat(report.made_at))
    return made
