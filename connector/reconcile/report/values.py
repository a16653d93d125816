"""What a report is: tables of rows, figures that are sums of them, and statements that set figures under each other.

No figure stands for itself: each names the rows, or the other figures, that it is the sum of. So whoever has the
report can add it up again, and every number leads to where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

CellKind = Literal["text", "date", "amount", "count"]
StepKind = Literal["part", "total", "check"]
FORM = "connector-report/1"


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a table. Amounts are in the currency that the row names in its cell `currency`."""

    id: str
    title: str
    kind: CellKind = "text"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row; `id` is its own within its table. Amounts are minor units, days and texts are text."""

    id: str
    cells: Mapping[str, str | int]

    @property
    def currency(self) -> str:
        return str(self.cells.get("currency", ""))

    def amount(self, column: str) -> int:
        return int(self.cells.get(column) or 0)


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one kind; `note` says in a sentence what they are."""

    id: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A sum in minor units of `currency`: of a column over rows of a table, times `sign`, or of other figures
    (`parts`; one that is taken away begins with a minus)."""

    id: str
    title: str
    currency: str
    amount: int
    table: str = ""
    column: str = "amount"
    sign: int = 1
    rows: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a statement. A check is a figure that must be nothing."""

    figure: str
    kind: StepKind = "part"


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """Figures under each other, in one currency."""

    id: str
    title: str
    currency: str
    steps: tuple[Step, ...]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the report: what it tells, its statements, and the tables that stand in it."""

    id: str
    title: str
    note: str
    statements: tuple[Statement, ...] = ()
    tables: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The report of an organisation for the days from `first` to `last`, both included, as it stood at `made_at`."""

    organisation: str
    first: str
    last: str
    made_at: str
    feeds: tuple[str, ...]
    sections: tuple[Section, ...]
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    form: str = FORM

    @property
    def title(self) -> str:
        return f"{self.organisation}, {self.first} to {self.last}"

    def table(self, name: str) -> Table:
        return next(each for each in self.tables if each.id == name)

    def figure(self, name: str) -> Figure:
        return next(each for each in self.figures if each.id == name)

    @property
    def checks(self) -> list[Figure]:
        """The figures that must be nothing."""
        named = {
            step.figure
            for section in self.sections
            for statement in section.statements
            for step in statement.steps
            if step.kind == "check"
        }
        return [each for each in self.figures if each.id in named]
