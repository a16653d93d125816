"""`connector reconcile report`: the reconciliation report of an organisation's period, on the terminal and as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, plain_errors, print_json

if TYPE_CHECKING:
    from connector.reconcile.report.values import Report, Statement

OFF = 3

Organisation = Annotated[str, typer.Argument(help="The organisation.")]
First = Annotated[str, typer.Option("--from", help="The first day, such as 2026-03-01.")]
Last = Annotated[str, typer.Option("--to", help="The last day, such as 2026-03-31.")]
Month = Annotated[str, typer.Option(help="A whole month instead, such as 2026-03.")]


def report(
    organisation: Organisation,
    first: First = "",
    last: Last = "",
    month: Month = "",
    write: Annotated[
        list[Path] | None, typer.Option(help="A file to write: .html, .pdf, .xlsx or .json; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows what was sold, what was paid out and what is in the books of a period, each figure a sum of its rows; the
    bridge between them, every discrepancy and its end, each clearing balance and what is open.

    Ends with 0 when everything adds up, 3 when it does not."""
    from connector.cli.periods import days_of
    from connector.reconcile.report.footing import unfooted
    from connector.reconcile.report.written import body_of
    from connector.sync.period_report import period_report

    files = write or []
    with plain_errors():
        days = days_of(first, last, month)
    with opened("read") as house:
        made = period_report(house, organisation, days)
    off = list(unfooted(made))
    for file in files:
        with plain_errors():
            file.write_bytes(rendered(made, file))
    if as_json:
        print_json(body_of(made))
    else:
        show(made, off)
        for file in files:
            typer.echo(f"written: {file}")
    if off:
        raise typer.Exit(OFF)


def rendered(made: Report, file: Path) -> bytes:
    """The report in the form that a file's name ends with; raises Unreadable for any other."""
    from connector.errors import Unreadable
    from connector.reconcile.report.written import body_of, canonical

    match file.suffix.lower():
        case ".json":
            return canonical(body_of(made)) + b"\n"
        case ".html":
            from connector.reconcile.printed.html import as_html

            return as_html(made)
        case ".xlsx":
            from connector.reconcile.printed.workbook import as_workbook

            return as_workbook(made)
        case ".pdf":
            from connector.reconcile.printed.pdf import as_pdf

            return as_pdf(made)
        case other:
            raise Unreadable(f"A report is written as .html, .pdf, .xlsx or .json, not as {other or 'nothing'}.")


def show(made: Report, off: list[str]) -> None:
    """The statements, and how many rows stand behind them."""
    typer.secho(f"Reconciliation report of {made.title}", bold=True)
    for section in made.sections:
        if section.statements:
            typer.secho(f"\n{section.title}", bold=True)
        for statement in section.statements:
            _show_statement(made, statement)
    typer.secho("\nWhat stands behind it", bold=True)
    for table in made.tables:
        typer.echo(f"  {len(table.rows):>7,}  {table.title.lower()}")
    for line in off:
        typer.secho(f"  DOES NOT ADD UP  {line}", fg="red")
    if not off:
        typer.echo("\nEverything adds up. With --write FILE it is written as HTML, PDF, XLSX or JSON.")


def _show_statement(made: Report, statement: Statement) -> None:
    from connector.domain.money import grouped_text

    figures = {step.figure: made.figure(step.figure) for step in statement.steps}
    typer.echo(f"  {statement.title} ({statement.currency})")
    for step in statement.steps:
        figure = figures[step.figure]
        if step.kind == "check" and not figure.amount:
            continue
        amount = grouped_text(figure.amount, figure.currency)
        line = f"    {figure.title:<46} {amount:>16}"
        typer.secho(line, bold=step.kind == "total", fg="red" if step.kind == "check" else None)
