"""The report as one HTML page that needs nothing else and prints well. Every figure leads to its rows."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from connector.domain.money import grouped_text
from connector.reconcile.report.values import Column, Figure, Report, Row, Section

FEW = 40  # rows that are linked one by one; of more, the first and the last


def as_html(report: Report) -> bytes:
    """The page; everything that is not markup is escaped. The same report is always the same bytes."""
    template = _environment().get_template("report.html")
    rows = {(table.id, row.id): row for table in report.tables for row in table.rows}
    figures = {figure.id: figure for figure in report.figures}

    def amount_of(figure: Figure, name: str) -> str:
        row = rows[figure.table, name]
        return amount(figure.sign * row.amount(figure.column), figure.currency)

    return template.render(
        report=report,
        sections=[section for section in report.sections if _is_said(report, section)],
        tables={table.id: table for table in report.tables},
        figures=figures,
        numbers={name: number for number, name in enumerate(figures, start=1)},
        off=[check for check in report.checks if check.amount],
        amount=amount,
        amount_of=amount_of,
        cell=cell,
        few=FEW,
    ).encode()


def amount(minor: int, currency: str) -> str:
    """As a person reads it, with a true minus sign."""
    return grouped_text(minor, currency).replace("-", "−")


def cell(row: Row, column: Column) -> str:
    """A cell as a person reads it."""
    if column.kind == "amount":
        return amount(row.amount(column.id), row.currency) if row.currency else ""
    return str(row.cells.get(column.id, ""))


def _is_said(report: Report, section: Section) -> bool:
    """A section with something in it; one of tables only says that there is nothing."""
    return bool(section.statements or section.tables)


def _css(text: str) -> Markup:
    """The text as it may stand in a string of a style sheet: all but letters and digits by their numbers."""
    return Markup("".join(each if each.isascii() and each.isalnum() else f"\\{ord(each):x} " for each in text))  # noqa: S704


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("connector.reconcile.printed"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["css"] = _css
    return made
