"""Whether a report adds up: every figure again from its rows, or from its parts; every check nothing."""

from __future__ import annotations

from collections.abc import Iterator

from connector.domain.money import decimal_text
from connector.reconcile.report.values import Figure, Report


def unfooted(report: Report) -> Iterator[str]:
    """Figures that do not follow from their rows or parts, or lead nowhere, each as a sentence; none when all is
    well."""
    rows = {(table.id, row.id): row for table in report.tables for row in table.rows}
    figures = {figure.id: figure for figure in report.figures}
    for figure in report.figures:
        missing = [name for name in figure.rows if (figure.table, name) not in rows]
        missing += [part for part in figure.parts if part.removeprefix("-") not in figures]
        if missing:
            yield f"figure {figure.id}: there is no {missing[0]}"
            continue
        of_rows = [rows[figure.table, name] for name in figure.rows]
        currencies = {row.currency for row in of_rows}
        currencies |= {figures[part.removeprefix("-")].currency for part in figure.parts}
        if currencies - {figure.currency}:
            yield f"figure {figure.id}: it sums {' and '.join(sorted(currencies))}"
        amount = figure.sign * sum(row.amount(figure.column) for row in of_rows)
        amount += sum(_signed(figures, part) for part in figure.parts)
        if amount != figure.amount:
            told, made = _text(figure.amount, figure), _text(amount, figure)
            yield f"figure {figure.id}: {told} stands there, its rows make {made}"
    yield from (
        f"figure {each.id}: {_text(each.amount, each)}, and must be nothing" for each in report.checks if each.amount
    )


def _signed(figures: dict[str, Figure], part: str) -> int:
    amount = figures[part.removeprefix("-")].amount
    return -amount if part.startswith("-") else amount


def _text(amount: int, figure: Figure) -> str:
    return f"{decimal_text(amount, figure.currency)} {figure.currency}"
