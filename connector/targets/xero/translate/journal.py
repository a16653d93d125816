"""Manual journals: adjustments, openings, and the takings of feeds that want them so."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.books import Account, Books
from connector.domain.document import Document, Line
from connector.errors import NeedsMapping
from connector.targets.xero.records import JournalLine, ManualJournal, Piece, payload
from connector.targets.xero.translate.chart import (
    account_fields,
    account_of,
    line_account,
    line_amount_types,
    tax_type,
    tracking_of,
)
from connector.targets.xero.translate.lines import piece

NARRATION_LENGTH = 500


def journal(document: Document, books: Books, lines: Sequence[Line]) -> Piece:
    """A posted manual journal; it has no number, so its narration ends with the mark in brackets.

    On reports of a cash basis it is shown, but for an accrual: there nothing has been paid yet."""
    if document.currency != books.currency:
        raise NeedsMapping(
            f"{document.mark} is in {document.currency}; a manual journal in Xero is in {books.currency} only. "
            f"In the account map, under exchange: {{home: {books.currency}, rates: …}} converts it at your rates."
        )
    room = NARRATION_LENGTH - len(document.mark) - 3
    record = ManualJournal(
        narration=f"{document.narration[:room]} [{document.mark}]",
        date=document.date.isoformat(),
        status="POSTED",
        line_amount_types=line_amount_types(document),
        show_on_cash_basis_reports=not is_accrual(document),
        journal_lines=[_journal_line(line, books) for line in lines if line.amount],
    )
    return piece(document, "", "manual_journal", payload(record, document.currency))


def is_accrual(document: Document) -> bool:
    """Whether it says what was earned before it was paid, or takes that back: its business key names the kind."""
    return document.key.split("|")[-2:-1] == ["accrual"]


def _journal_line(line: Line, books: Books) -> JournalLine:
    code, identity = account_fields(_journal_account(line, books))
    return JournalLine(
        description=line.text or line.account,
        line_amount=line.amount,
        tax_type=tax_type(line, books),
        tax_amount=line.tax,
        account_code=code,
        account_id=identity,
        tracking=tracking_of(line, books),
    )


def _journal_account(line: Line, books: Books) -> Account:
    account = account_of(line, books)
    if line.role == "bank" and account.type == "bank":
        raise NeedsMapping(
            f"{account.name} is a bank account, which no manual journal in Xero may touch: choose deposit or transfer "
            "for this feed instead of journal."
        )
    account = line_account(line, books)
    if account.is_system:
        raise NeedsMapping(
            f"{account.name} is one of Xero's system accounts, which no manual journal may touch: map {line.role} to "
            "another account."
        )
    return account
