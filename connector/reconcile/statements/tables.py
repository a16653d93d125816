"""CSV and XLSX files → statements: any table with a day and an amount, read by what its header says."""

from __future__ import annotations

from connector.domain.statement import Statement
from connector.errors import Unreadable
from connector.reconcile.statements.profiles import Columns, find_columns
from connector.reconcile.statements.reading import Reading, checked_count
from connector.reconcile.statements.separated import separated_tables
from connector.reconcile.statements.table_lines import statements_of


def read_csv(text: str, reading: Reading) -> tuple[Statement, ...]:
    """One statement for each account and currency of the table, its lines in the table's order.

    Raises Unreadable where no row names a day and an amount, and where the file alone does not tell a day from a
    month: the sentence names the option that does."""
    return _read(list(separated_tables(text)), reading, "CSV")


def read_xlsx(data: bytes, reading: Reading) -> tuple[Statement, ...]:
    """As `read_csv`, of the sheet whose header says most."""
    from connector.reconcile.statements.workbook import sheets  # openpyxl loads slowly, and only workbooks need it

    return _read(list(sheets(data)), reading, "XLSX")


def _read(tables: list[list[list[str]]], reading: Reading, form: str) -> tuple[Statement, ...]:
    """Of all ways to cut the file into cells, the one in which the header says most."""
    found: list[tuple[Columns, list[list[str]]]] = []
    for table in tables:
        columns = find_columns(table, reading)
        if columns is not None:
            found.append((columns, table))
    if not found:
        raise Unreadable(
            "it is no known bank format, and no row of it names a day and an amount; "
            'if it is a table, name its columns with --profile "date=…,amount=…,text=…"'
        )
    columns, table = max(found, key=lambda each: len(each[0].at))
    rows = [row for row in table[columns.first_row :] if any(cell.strip() for cell in row)]
    checked_count(len(rows))
    return statements_of(rows, columns, reading, form)
