"""The report printed: the same totals in every form, every figure a link, hostile names harmless."""

from __future__ import annotations

import io
import re
import sys
import zlib
from decimal import Decimal
from html.parser import HTMLParser

import msgspec
import pytest
from openpyxl import load_workbook

from connector.errors import Unreadable
from connector.reconcile.printed.html import amount, as_html
from connector.reconcile.printed.pdf import MOST_ROWS, as_pdf
from connector.reconcile.printed.workbook import as_workbook
from connector.reconcile.report.build import built
from connector.reconcile.report.values import Report
from tests.reconcile.report.given import month

HOSTILE = "=1+1 </style><script>alert(1)</script> =HYPERLINK(\"x\") \x07 & 'Ço' 茶"


@pytest.fixture(scope="module")
def report() -> Report:
    return built(month())


class Page(HTMLParser):
    """What a page holds: tags, anchors, links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name == "href" and value:
                self.links.append(value)


def test_every_link_of_the_page_leads_to_one_place_within_it(report: Report) -> None:
    page = Page(as_html(report).decode())
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_each_figure_of_the_page_leads_to_its_rows(report: Report) -> None:
    text = as_html(report).decode()
    for number, figure in enumerate(report.figures, start=1):
        shown = amount(figure.amount, figure.currency)
        assert f'<a href="#f{number}">{shown}</a>' in text, figure
        sums = text.partition(f'<li id="f{number}">')[2].partition("</li>")[0]
        for name in figure.rows:
            assert f'<a href="#{figure.table}-{name}">' in sums, figure


def test_a_hostile_name_is_text_on_the_page_and_in_its_style_sheet() -> None:
    text = as_html(built(month(HOSTILE, HOSTILE))).decode()
    assert "script" not in Page(text).tags
    assert text.count("<style>") == text.count("</style>") == 1
    assert "default-src 'none'" in text


def test_the_page_says_whose_it_is_of_when_and_in_which_currency(report: Report) -> None:
    text = as_html(report).decode()
    for words in ("Main Street", "2026-03-01 to 2026-03-31", "in USD", "Everything adds up", "counter(page)"):
        assert words in text


def test_a_report_that_does_not_add_up_says_so(report: Report) -> None:
    off = [
        msgspec.structs.replace(each, amount=5) if each.id.startswith("bridge") and each.id.endswith("off") else each
        for each in report.figures
    ]
    text = as_html(msgspec.structs.replace(report, figures=tuple(off))).decode()
    assert "checks fail" in text and 'class="off"' in text


def test_the_workbook_holds_the_same_totals_and_each_leads_to_its_first_row(report: Report) -> None:
    book = load_workbook(io.BytesIO(as_workbook(report)))
    summary = book["Summary"]
    stated = [report.figure(step.figure) for s in report.sections for each in s.statements for step in each.steps]
    found = [
        row for row in summary.iter_rows() if row[2].value and str(row[2].value).startswith(("=", "'=", "no rows"))
    ]
    assert [str(row[0].value) for row in found] == [figure.title for figure in stated]
    for row, figure in zip(found, stated, strict=True):
        assert Decimal(str(row[1].value)) * 100 == figure.amount, figure
        if figure.rows:
            link = row[1].hyperlink
            assert link is not None
            sheet, _, place = str(link.location or link.target).strip("#").partition("!")
            assert book[sheet.strip("'")][place].value == figure.rows[0]


def test_the_rows_of_the_workbook_sum_to_the_figures(report: Report) -> None:
    sheet = load_workbook(io.BytesIO(as_workbook(report)))["Lines"]
    rows = list(sheet.iter_rows(values_only=True))
    heading = next(row for row in rows if row[0] == "Row")
    column = heading.index("Amount")
    amounts = {str(row[0]): Decimal(str(row[column])) for row in rows if re.fullmatch(r"L\d+", str(row[0]))}
    sales = report.figure("bridge/square-books/USD/sales")
    assert -sum(amounts[name] for name in sales.rows) * 100 == sales.amount


def test_no_cell_of_the_workbook_is_a_formula() -> None:
    book = load_workbook(io.BytesIO(as_workbook(built(month(HOSTILE, HOSTILE)))))
    assert [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []


def texts_of(pdf: bytes) -> str:
    """What a PDF shows, its streams unpacked and its strings read."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    unpacked = []
    for stream in streams:
        try:
            unpacked.append(zlib.decompress(stream))
        except zlib.error:
            continue
    strings = [found for stream in unpacked for found in re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", stream)]
    return "\n".join(re.sub(rb"\\(.)", rb"\1", each).decode("latin-1") for each in strings)


def test_the_pdf_holds_the_same_totals_and_says_on_each_page_whose_it_is(report: Report) -> None:
    pdf = as_pdf(report)
    text = texts_of(pdf)
    pages = len(re.findall(rb"/Type /Page\b", pdf))
    assert pages > 1
    assert text.count("Main Street, 2026-03-01 to 2026-03-31") >= pages
    assert f"Page {pages} of" in text
    for section in report.sections:
        for statement in section.statements:
            for step in statement.steps:
                figure = report.figure(step.figure)
                if step.kind != "check":
                    assert amount(figure.amount, figure.currency).replace("−", "-") in text.splitlines(), figure


def test_the_pdf_takes_any_name_and_says_what_its_font_lacks() -> None:
    text = texts_of(as_pdf(built(month(HOSTILE, HOSTILE))))
    assert "letters could not be shown in this font" in text
    assert "<script>alert(1)</script>" in text


def test_without_the_library_for_pdf_one_sentence_says_how_to_get_it(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fpdf", None)
    with pytest.raises(Unreadable, match="A report as PDF needs fpdf2: pip install"):
        as_pdf(report)


def test_a_report_that_is_too_long_for_paper_is_refused(report: Report) -> None:
    table = report.tables[0]
    long = msgspec.structs.replace(table, rows=table.rows * (MOST_ROWS // len(table.rows) + 1))
    with pytest.raises(Unreadable, match="too many for paper"):
        as_pdf(msgspec.structs.replace(report, tables=(long, *report.tables[1:])))
