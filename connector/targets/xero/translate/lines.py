"""Lines of a document as lines of an invoice, a credit note or a bank transaction; and the records they make up."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.books import Books
from connector.domain.document import Document, Line
from connector.domain.keys import part_mark
from connector.targets.xero.records import LineItem, Piece, RecordKind
from connector.targets.xero.translate.chart import account_fields, line_account, tax_type, tracking_of


def line_items(lines: Sequence[Line], sign: int, books: Books) -> list[LineItem]:
    """`sign` -1 makes our credits positive (an invoice, money received), 1 our debits (a credit note, money spent)."""
    return [_line_item(line, sign, books) for line in lines if line.amount]


def piece(document: Document, part: str, kind: RecordKind, payload: dict[str, object]) -> Piece:
    """A record of the document; `part` is empty for the first."""
    return Piece(
        part=part,
        kind=kind,
        mark=part_mark(document.mark, part),
        day=document.date.isoformat(),
        payload=payload,
    )


def _line_item(line: Line, sign: int, books: Books) -> LineItem:
    code, identity = account_fields(line_account(line, books))
    return LineItem(
        description=line.text or line.account,
        quantity=1,
        unit_amount=sign * line.amount,
        tax_type=tax_type(line, books),
        tax_amount=sign * line.tax,
        account_code=code,
        account_id=identity,
        tracking=tracking_of(line, books),
    )
