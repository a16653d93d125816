"""Rows of a table → lines and statements; what is ambiguous in one row is decided by the whole column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from connector.domain.statement import Statement, StatementLine
from connector.reconcile.statements.profiles import Columns
from connector.reconcile.statements.reading import Reading, Warnings, cleaned, currency_of, finished, joined
from connector.reconcile.statements.table_amounts import Signs, cell_amount, signs_of
from connector.reconcile.statements.table_balances import Running, running_balance
from connector.reconcile.statements.table_dates import read_date, reading_order

_UNBOOKED = {"pending", "authorized", "authorised", "vorgemerkt", "reverted", "declined", "failed", "cancelled"}
_ALPHABET = re.compile(r"[A-Z]{3}\Z")
_ACCOUNT = re.compile(
    r"\b(?:account|iban|konto|rekening|compte)[^:;,]*[:;,]?\s*([A-Z0-9*X][A-Z0-9*X -]{3,40})", re.IGNORECASE
)


def statements_of(rows: list[list[str]], columns: Columns, reading: Reading, form: str) -> tuple[Statement, ...]:
    """One statement for each account and currency, in the order in which they first stand in the table."""
    order = reading_order([columns.cell(row, "date") for row in rows], reading)
    signs = signs_of(rows, columns, reading)
    groups: dict[tuple[str, str], list[list[str]]] = {}
    for row in rows:
        if not _is_total(row, columns):
            groups.setdefault((columns.cell(row, "account"), _row_currency(row, columns)), []).append(row)
    if not groups:
        groups[("", "")] = []
    return tuple(_statement(key, found, columns, (order, signs), (reading, form)) for key, found in groups.items())


def _row_currency(row: Sequence[str], columns: Columns) -> str:
    written = columns.cell(row, "currency").upper()
    return written if _ALPHABET.match(written) else ""


def _is_total(row: Sequence[str], columns: Columns) -> bool:
    """A row without a day that sums up or counts, as tables end with; a row with an amount of its own is a line."""
    amounts = [columns.cell(row, role) for role in ("amount", "debit", "credit")]
    day = columns.cell(row, "date")
    return not any(amounts) if not re.search(r"\d", day) else False


def _statement(
    key: tuple[str, str],
    rows: list[list[str]],
    columns: Columns,
    decided: tuple[str, Signs],
    asked: tuple[Reading, str],
) -> Statement:
    (account, named), (reading, form) = key, asked
    warnings = Warnings()
    currency = currency_of(named or _header_currency(columns), reading, warnings)
    lines = [_line(row, number, columns, (currency, *decided), warnings) for number, row in enumerate(rows, 1)]
    running = _running(rows, lines, columns, (currency, decided[1]), warnings)
    for wrong in decided[1].doubts:
        warnings.add("sign", wrong)
    statement = Statement(
        account=cleaned(account or _preamble_account(columns), 100),
        currency=currency,
        form=form,
        opening=running.opening,
        closing=running.closing,
        opening_on=min((line.date for line in lines if line.date), default=None)
        if running.opening is not None
        else None,
        closing_on=max((line.date for line in lines if line.date), default=None)
        if running.closing is not None
        else None,
        lines=tuple(lines),
    )
    return finished(statement, warnings, reading)


def _line(
    row: list[str], number: int, columns: Columns, decided: tuple[str, str, Signs], warnings: Warnings
) -> StatementLine:
    currency, order, signs = decided
    written = columns.cell(row, "date")
    date = read_date(written, order)
    if date is None:
        warnings.add("date", f"{cleaned(written, 40)!r} is no day." if written else "The row has no day.", number)
    amount = cell_amount(row, columns, currency, signs)
    if amount.doubt:
        warnings.add(amount.code, amount.doubt, number)
    party = columns.cell(row, "counterparty")
    line = StatementLine(
        number=number,
        date=date,
        value_date=read_date(columns.cell(row, "value_date"), order),
        amount=amount.minor,
        currency=currency,
        text=joined(party, columns.cell(row, "text")),
        counterparty=cleaned(party, 200),
        reference=cleaned(columns.cell(row, "reference"), 200),
        bank_id=cleaned(columns.cell(row, "bank_id"), 300),
        kind=cleaned(columns.cell(row, "kind"), 40),
        is_booked=columns.cell(row, "status").casefold() not in _UNBOOKED,
    )
    return line if line.is_complete else replace(line, raw=cleaned(" | ".join(row)))


def _running(
    rows: list[list[str]], lines: list[StatementLine], columns: Columns, told: tuple[str, Signs], warnings: Warnings
) -> Running:
    currency, signs = told
    booked = [
        (columns.cell(row, "balance"), line.amount) for row, line in zip(rows, lines, strict=True) if line.is_booked
    ]
    running = running_balance(booked, currency, signs.decimals)
    if running.doubt:
        warnings.add("balance", running.doubt)
    return running


def _header_currency(columns: Columns) -> str:
    """Some tables name the currency in the header of the amount: "Amount (USD)"."""
    for role in ("amount", "debit", "credit"):
        for at in columns.at.get(role, ()):
            found = re.search(r"\b([A-Z]{3})\b", columns.header[at]) if at < len(columns.header) else None
            if found and found[1] in _CURRENCIES:
                return found[1]
    return ""


_CURRENCIES = {"USD", "CAD", "GBP", "EUR", "AUD", "NZD", "CHF", "SEK", "NOK", "DKK", "JPY", "MXN", "BRL", "ZAR", "SGD"}


def _preamble_account(columns: Columns) -> str:
    """Many tables name the account above the header."""
    for row in columns.preamble:
        found = _ACCOUNT.search(";".join(cell.strip() for cell in row if cell.strip()))
        if found and re.search(r"\d{3}|\*{2}\d", found[1]):
            return found[1].strip()
    return ""
