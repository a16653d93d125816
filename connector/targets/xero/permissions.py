"""What whoever gave consent must be allowed to do in Xero for a record to be written. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from connector.domain.books import Books
from connector.errors import Rejected
from connector.targets.xero.compare import type_of
from connector.targets.xero.records import Piece

NOT_PERMITTED = "not_permitted"

_WORDS = {
    "CreateApprovedInvoice": "approve invoices",
    "CreateApprovedBill": "approve bills",
    "CreateInvoicePayment": "enter payments",
    "UseMulticurrency": "use other currencies",
}


def require_permitted(piece: Piece, books: Books) -> None:
    """Raises Rejected (code not_permitted) where the books say that it may not be done; what they are silent about is
    left to them."""
    for action in _needed(piece, books):
        if action in books.denied:
            raise Rejected(
                f"Whoever connected {books.name} may not {_WORDS[action]} there ({action}): give them that right in "
                "Xero, or let somebody connect who has it.",
                code=NOT_PERMITTED,
            )


def _needed(piece: Piece, books: Books) -> Iterator[str]:
    if piece.kind in ("invoice", "credit_note"):
        yield "CreateApprovedBill" if type_of(piece).startswith("ACCPAY") else "CreateApprovedInvoice"
    if piece.kind == "payment":
        yield "CreateInvoicePayment"
    if str(piece.payload["currency"]) != books.currency:
        yield "UseMulticurrency"
