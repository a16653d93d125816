"""A document as the records of Xero that stand for it."""

from __future__ import annotations

from connector.domain.books import Books
from connector.domain.document import Document
from connector.targets.xero.records import Piece
from connector.targets.xero.translate.bank import banked
from connector.targets.xero.translate.chart import check_date
from connector.targets.xero.translate.journal import journal
from connector.targets.xero.translate.trade import trade


def render(document: Document, books: Books) -> tuple[Piece, ...]:
    """The records of a document in the order in which they must be written; none where every line is zero.

    The first carries the document's mark, the others marks of their own made from it. Raises NeedsMapping where the
    books lack what it needs, Rejected where they are locked at its date."""
    check_date(document, books)
    if not any(line.amount for line in document.lines):
        return ()
    match document.kind:
        case "sales" | "refund" | "settlement":
            return trade(document, books)
        case "payout" | "transfer":
            return banked(document, books)
        case "adjustment" | "opening":
            return (journal(document, books),)
