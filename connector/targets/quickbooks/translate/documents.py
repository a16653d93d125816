"""A document as the records of QuickBooks that stand for it."""

from __future__ import annotations

from connector.domain.books import Books
from connector.domain.document import Document
from connector.targets.quickbooks.records import Entry
from connector.targets.quickbooks.translate.banking import banked, billed
from connector.targets.quickbooks.translate.chart import check_open
from connector.targets.quickbooks.translate.invoice import invoiced
from connector.targets.quickbooks.translate.journal import journal
from connector.targets.quickbooks.translate.receipt import receipted


def render(document: Document, books: Books) -> tuple[Entry, ...]:
    """The records of a document in the order in which they must be written; none where every line is zero.

    Its family says what it becomes: takings a journal, an invoice with payments or receipts; money on its way to the
    bank a journal, a transfer, a deposit, or a transfer with its fees as a paid bill. Where it says nothing, or what
    its kind cannot be, that is a journal, and a transfer for what only moves money. The first record carries the
    document's mark, the others marks made from it.

    Raises NeedsMapping for an account, tax code, place or name that is missing or cannot stand there, and
    Rejected("closed_period") for a date within the closed part of the books."""
    if not any(line.amount for line in document.lines):
        return ()
    check_open(document, books)
    match document.kind, document.family:
        case "sales" | "refund" | "settlement", "invoice":
            return invoiced(document, books)
        case "sales" | "refund" | "settlement", "receipt":
            return receipted(document, books)
        case "payout" | "transfer" | "adjustment", "bill":
            return billed(document, books)
        case "payout" | "transfer", _:
            return banked(document, books, document.family, document.lines)
        case _:
            return (journal(document, books, document.lines),)
