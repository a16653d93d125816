"""A document as the records of Xero that stand for it."""

from __future__ import annotations

from connector.domain.books import Books
from connector.domain.document import Document
from connector.errors import NeedsMapping
from connector.targets.xero.records import Piece
from connector.targets.xero.translate.bank import banked, deposited, transferred
from connector.targets.xero.translate.bill import billed
from connector.targets.xero.translate.chart import account_of, check_date
from connector.targets.xero.translate.journal import journal
from connector.targets.xero.translate.trade import trade


def render(document: Document, books: Books) -> tuple[Piece, ...]:
    """The records of a document in the order in which they must be written; none where every line is zero.

    Its family says which they are; without one, the usual ones of its kind. The first carries the document's mark, the
    others marks of their own made from it. Raises NeedsMapping where the books lack what it needs or cannot hold it in
    that family, Rejected where they are locked at its date."""
    check_date(document, books)
    if not any(line.amount for line in document.lines):
        return ()
    match document.kind, document.family:
        case (("sales" | "refund" | "settlement"), ("" | "invoice")):
            return trade(document, books)
        case (("payout" | "transfer"), ""):
            return banked(document, books, document.lines)
        case (("payout" | "transfer"), "deposit"):
            return deposited(document, books)
        case (("payout" | "transfer"), "transfer"):
            return transferred(document, books)
        case (("payout" | "transfer" | "adjustment"), "bill"):
            return billed(document, books)
        case "adjustment", "" if _is_kept_at_a_bank(document, books):
            return banked(document, books, document.lines)
        case (("adjustment" | "opening"), ""):
            return (journal(document, books, document.lines),)
        case _, "journal":
            return (journal(document, books, document.lines),)
    raise NeedsMapping(
        f"{document.mark}: Xero makes no {document.family} of documents of the kind {document.kind}: choose another "
        "for this feed."
    )


def _is_kept_at_a_bank(document: Document, books: Books) -> bool:
    """Whether clearing is a bank account, which no manual journal may touch."""
    return any(
        line.role == "clearing" and line.amount and account_of(line, books).type == "bank" for line in document.lines
    )
