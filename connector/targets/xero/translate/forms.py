"""Invoices, bills and credit notes of a document, and the payments of them."""

from __future__ import annotations

from typing import Literal

from connector.domain.books import Account, Books
from connector.domain.document import Document
from connector.domain.keys import part_mark
from connector.targets.xero.records import (
    AccountRef,
    ContactRef,
    CreditNote,
    CreditNoteRef,
    Invoice,
    InvoiceRef,
    LineItem,
    Payment,
    Piece,
    payload,
)
from connector.targets.xero.translate.chart import contact_id, currency_rate, line_amount_types
from connector.targets.xero.translate.lines import piece


def invoice(
    document: Document, books: Books, items: list[LineItem], kind: Literal["ACCREC", "ACCPAY"], part: str = ""
) -> Piece:
    """An invoice (ACCREC) or a bill (ACCPAY), approved and due on its day."""
    record = Invoice(
        type=kind,
        invoice_number=part_mark(document.mark, part),
        reference=document.source_ref,
        contact=ContactRef(contact_id=contact_id(document, books)),
        date=document.date.isoformat(),
        due_date=document.date.isoformat(),
        status="AUTHORISED",
        line_amount_types=line_amount_types(document),
        currency_code=document.currency,
        currency_rate=currency_rate(document, books),
        line_items=items,
    )
    return piece(document, part, "invoice", payload(record, document.currency))


def credit_note(document: Document, books: Books, items: list[LineItem]) -> Piece:
    record = CreditNote(
        type="ACCRECCREDIT",
        credit_note_number=document.mark,
        reference=document.source_ref,
        contact=ContactRef(contact_id=contact_id(document, books)),
        date=document.date.isoformat(),
        status="AUTHORISED",
        line_amount_types=line_amount_types(document),
        currency_code=document.currency,
        currency_rate=currency_rate(document, books),
        line_items=items,
    )
    return piece(document, "", "credit_note", payload(record, document.currency))


def payment(document: Document, books: Books, of: Piece, part: str, paid: tuple[Account, int]) -> Piece:
    """A payment of an invoice, bill or credit note of the same document, by the account that took or gave the money.

    It names what it pays by number, so that it is complete before that has an id."""
    account, amount = paid
    is_refund = of.kind == "credit_note"
    record = Payment(
        invoice=None if is_refund else InvoiceRef(invoice_number=of.mark),
        credit_note=CreditNoteRef(credit_note_number=of.mark) if is_refund else None,
        account=AccountRef(account_id=account.account_id),
        date=document.date.isoformat(),
        amount=amount,
        reference=part_mark(document.mark, part),
        currency_rate=currency_rate(document, books),
    )
    return piece(document, part, "payment", payload(record, document.currency))
