"""What the tests of bank files share."""

from __future__ import annotations

from connector.domain.statement import Statement, StatementLine
from connector.reconcile.statements.door import read_statements
from connector.reconcile.statements.reading import Reading


def read(text: str | bytes, **asked: str) -> tuple[Statement, ...]:
    """The statements of a file with this content."""
    data = text if isinstance(text, bytes) else text.encode()
    return read_statements("march.txt", data, Reading(**asked))


def one(text: str | bytes, **asked: str) -> Statement:
    """The one statement of a file."""
    (statement,) = read(text, **asked)
    return statement


def amounts(statement: Statement) -> list[int | None]:
    return [line.amount for line in statement.lines]


def codes(statement: Statement) -> list[str]:
    return [warning.code for warning in statement.warnings]


def days(statement: Statement) -> list[str]:
    return [line.date.isoformat() if line.date else "" for line in statement.lines]


def texts(statement: Statement) -> list[str]:
    return [line.text for line in statement.lines]


def only(statement: Statement) -> StatementLine:
    (line,) = statement.lines
    return line
