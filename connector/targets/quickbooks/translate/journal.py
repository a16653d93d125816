"""A document as one journal entry: every kind can be one."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.books import Account, Books
from connector.domain.document import Document, Line
from connector.targets.quickbooks.records import Entry
from connector.targets.quickbooks.translate.chart import (
    Placed,
    applies_to,
    described,
    head,
    placed,
    ref,
    tax_code,
    tracking,
)


def journal(document: Document, books: Books, lines: Iterable[Line], part: str = "") -> Entry:
    """A balanced entry of some lines of the document."""
    payload = head(document, books, part, numbered=True)
    payload["Line"] = [_line(each, document, books) for each in placed(lines, document, books)]
    if books.charges_tax_by_code():
        payload["GlobalTaxCalculation"] = "TaxExcluded"
    return Entry(kind="JournalEntry", payload=payload, part=part)


def side(amount: int) -> str:
    return "Debit" if amount > 0 else "Credit"


def _line(each: Placed, document: Document, books: Books) -> dict[str, object]:
    line, account = each
    tax = _tax(line, account, document, books) if books.charges_tax_by_code() else {}
    body: dict[str, object] = {
        "DetailType": "JournalEntryLineDetail",
        "Amount": abs(line.amount - line.tax) if tax else abs(line.amount),
        "JournalEntryLineDetail": {
            "PostingType": side(line.amount),
            "AccountRef": ref(account),
            **tracking(line, document, books),
            **tax,
        },
    }
    return described(line, body)


def _tax(line: Line, account: Account, document: Document, books: Books) -> dict[str, object]:
    rate = tax_code(line, account, document, books)
    if rate is None:
        return {}
    return {
        "TaxCodeRef": {"value": rate.code, "name": rate.name},
        "TaxApplicableOn": applies_to(line),
        "TaxAmount": abs(line.tax),
    }
