"""Figures made from rows, and figures made from figures; each made once and kept under its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from connector.reconcile.report.values import CellKind, Column, Figure, Row, Section, Statement, Step, StepKind, Table

Wanted = Callable[[Row], bool]


@dataclass(slots=True)
class Draft:
    """A report in the making."""

    tables: list[Table] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)

    def of_rows(self, name: str, title: str, rows: Sequence[Row], *, of: str, currency: str) -> str:
        """A figure over rows; `of` is table.column, with a minus before it where the sum counts the other way. Gives
        the figure's name."""
        table, _, column = of.removeprefix("-").partition(".")
        sign = -1 if of.startswith("-") else 1
        self.figures[name] = Figure(
            id=name,
            title=title,
            currency=currency,
            amount=sign * sum(row.amount(column) for row in rows),
            table=table,
            column=column,
            sign=sign,
            rows=tuple(row.id for row in rows),
        )
        return name

    def of_parts(self, name: str, title: str, parts: Iterable[str], currency: str) -> str:
        """A figure over figures; one with a minus before its name is taken away."""
        named = tuple(parts)
        self.figures[name] = Figure(
            id=name, title=title, currency=currency, amount=sum(self._signed(part) for part in named), parts=named
        )
        return name

    def _signed(self, part: str) -> int:
        amount = self.figures[part.removeprefix("-")].amount
        return -amount if part.startswith("-") else amount


def table(name: str, titles: tuple[str, str], columns: Iterable[Column], rows: Iterable[Row]) -> Table:
    return Table(id=name, title=titles[0], note=titles[1], columns=tuple(columns), rows=tuple(rows))


def columns(*texts: str, amounts: Sequence[str] = ("amount",), dates: Sequence[str] = ("day",)) -> tuple[Column, ...]:
    """Columns from "id" or "id=Title", text unless named as amounts or dates; the currency stands before the first
    amount, where there is one."""
    found: list[Column] = []
    for text in texts:
        name, _, title = text.partition("=")
        kind: CellKind = "amount" if name in amounts else "date" if name in dates else "text"
        if kind == "amount" and not any(column.id == "currency" for column in found):
            found.append(Column(id="currency", title="Currency"))
        found.append(Column(id=name, title=title or name.replace("_", " ").capitalize(), kind=kind))
    return tuple(found)


def numbered(prefix: str, cells: Iterable[dict[str, str | int]]) -> list[Row]:
    """Rows with the numbers 1, 2, 3 … behind a letter."""
    return [Row(id=f"{prefix}{number}", cells=each) for number, each in enumerate(cells, start=1)]


def statement(name: str, title: str, currency: str, steps: Iterable[tuple[str, StepKind]]) -> Statement:
    made = tuple(Step(figure=figure, kind=kind) for figure, kind in steps)
    return Statement(id=name, title=title, currency=currency, steps=made)
