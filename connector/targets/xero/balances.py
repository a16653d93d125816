"""The trial balance as Xero reports it: cells of text in nested sections, ids in attributes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.domain.money import parse_minor
from connector.errors import Broken
from connector.targets.xero.records import AccountRead, Report, Row

DEBIT = "YTD Debit"
CREDIT = "YTD Credit"


def balances_of(reports: Sequence[Report], accounts: Sequence[AccountRead], currency: str) -> dict[str, int]:
    """The balance of each account, by its name; minor units of the base currency, zero for one not in the report."""
    names = {account.account_id: account.name for account in accounts}
    rows = [row for report in reports for row in _flat(report.rows)]
    titles = next(([cell.value for cell in row.cells] for row in rows if row.row_type == "Header"), [])
    if DEBIT not in titles or CREDIT not in titles:
        raise Broken(f"Xero's trial balance has the columns {titles}, not {DEBIT} and {CREDIT}")
    columns = (titles.index(DEBIT), titles.index(CREDIT))
    named = ((_account_id(row), row) for row in rows if row.row_type == "Row")
    told = {names.get(identity, identity): _balance(row, columns, currency) for identity, row in named if identity}
    return dict.fromkeys(names.values(), 0) | told


def _flat(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from _flat(row.rows)


def _account_id(row: Row) -> str:
    attributes = row.cells[0].attributes if row.cells else []
    return next((found.value for found in attributes if found.id.casefold() in ("account", "accountid")), "")


def _balance(row: Row, columns: tuple[int, int], currency: str) -> int:
    debit, credit = (row.cells[column].value.replace(",", "") if column < len(row.cells) else "" for column in columns)
    return parse_minor(debit or "0", currency) - parse_minor(credit or "0", currency)
