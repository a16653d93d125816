"""A report as JSON and back. Amounts are decimal text in the currency of their row; the same report is always the same
bytes."""

from __future__ import annotations

import msgspec

from connector.domain.money import decimal_text, parse_minor
from connector.errors import Unreadable
from connector.reconcile.report.values import FORM, Report, Row, Table

Body = dict[str, object]


def body_of(report: Report) -> Body:
    """The report as plain data."""
    tables = [_spelled(table) for table in report.tables]
    figures = [
        {**msgspec.to_builtins(figure), "amount": decimal_text(figure.amount, figure.currency)}
        for figure in report.figures
    ]
    made: Body = msgspec.to_builtins(msgspec.structs.replace(report, figures=(), tables=()))
    return {**made, "figures": figures, "tables": tables}


def canonical(body: object) -> bytes:
    """The one spelling of plain data: sorted keys, no spaces, UTF-8."""
    return msgspec.json.encode(body, order="sorted")


def read_report(body: bytes) -> Report:
    """The report that was written so; raises Unreadable for anything else."""
    try:
        plain = msgspec.json.decode(body, type=dict[str, object])
        if plain.get("form") != FORM:
            raise Unreadable(f"This is no report of the form {FORM}.")
        tables = [_minor(each) for each in _list(plain, "tables")]
        figures = [
            {**each, "amount": parse_minor(str(each["amount"]), str(each["currency"]))}
            for each in _list(plain, "figures")
        ]
        return msgspec.convert({**plain, "tables": tables, "figures": figures}, Report)
    except (msgspec.DecodeError, msgspec.ValidationError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"This is no report that can be read: {error}.") from None


def _list(plain: Body, name: str) -> list[dict[str, object]]:
    return msgspec.convert(plain[name], list[dict[str, object]])


def _spelled(table: Table) -> Body:
    amounts = {column.id for column in table.columns if column.kind == "amount"}
    rows = [{"id": row.id, "cells": _cells(row, amounts)} for row in table.rows]
    plain: Body = msgspec.to_builtins(msgspec.structs.replace(table, rows=()))
    return {**plain, "rows": rows}


def _cells(row: Row, amounts: set[str]) -> dict[str, str]:
    return {
        name: decimal_text(int(cell), row.currency) if name in amounts else str(cell)
        for name, cell in row.cells.items()
    }


def _minor(plain: dict[str, object]) -> dict[str, object]:
    table = msgspec.convert({**plain}, Table)
    amounts = {column.id for column in table.columns if column.kind == "amount"}
    rows = [
        Row(
            id=row.id,
            cells={
                name: parse_minor(str(cell), row.currency) if name in amounts else cell
                for name, cell in row.cells.items()
            },
        )
        for row in table.rows
    ]
    return {**plain, "rows": rows}
