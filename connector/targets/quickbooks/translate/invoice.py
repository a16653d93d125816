"""Takings as an invoice with a payment into each tender's account; refunds that outweigh them as a credit memo."""

from __future__ import annotations

from connector.domain.books import Account, Books
from connector.domain.document import Document
from connector.domain.keys import part_mark
from connector.errors import NeedsMapping
from connector.targets.quickbooks.records import Entry
from connector.targets.quickbooks.translate.chart import head, place_of, ref
from connector.targets.quickbooks.translate.forms import sales_form
from connector.targets.quickbooks.translate.names import customer
from connector.targets.quickbooks.translate.tenders import Paid, Takings, signs, takings

REFUNDED, APPLIED = "J", "P"


def invoiced(document: Document, books: Books) -> tuple[Entry, ...]:
    """The invoice first, then its payments; or the credit memo, the journal that pays it out, and what joins both."""
    found = takings(document, books)
    if found.side < 0:
        return _credited(found, document, books)
    form = {
        **head(document, books, "", numbered=True),
        "DueDate": document.date.isoformat(),
        "CustomerRef": customer(document, books),
        **sales_form(found.on_form, -1, document, books),
    }
    payments = [
        _payment(paid, f"P{sign}", document, books)
        for sign, paid in zip(signs(found.paid, document), found.paid, strict=True)
    ]
    return (Entry(kind="Invoice", payload=form), *payments)


def _payment(paid: Paid, part: str, document: Document, books: Books) -> Entry:
    payload = {
        **_payment_head(part, document, books),
        "TotalAmt": paid.amount,
        "DepositToAccountRef": ref(paid.account),
        "Line": [_applied(paid.amount, "Invoice", document.mark)],
    }
    return Entry(kind="Payment", payload=payload, part=part)


def _credited(found: Takings, document: Document, books: Books) -> tuple[Entry, ...]:
    """A credit memo cannot be paid out by itself: a journal moves what it owes from the receivable to the tenders'
    accounts, and a payment of nothing applies one to the other."""
    form = {
        **head(document, books, "", numbered=True),
        "CustomerRef": customer(document, books),
        **sales_form(found.on_form, 1, document, books),
    }
    memo = Entry(kind="CreditMemo", payload=form)
    total = sum(paid.amount for paid in found.paid)
    if not total:
        return (memo,)
    return memo, _refunded(found, total, document, books), _joined(total, document, books)


def _refunded(found: Takings, total: int, document: Document, books: Books) -> Entry:
    place = place_of(document.lines, document, books)
    entity = {"Entity": {"Type": "Customer", "EntityRef": customer(document, books)}}
    owed = _journal_line(total, "Debit", _receivable(document, books), {**place, **entity})
    lines = [_journal_line(paid.amount, "Credit", paid.account, place) for paid in found.paid]
    payload = {**head(document, books, REFUNDED, numbered=True), "Line": [owed, *lines]}
    if books.charges_tax_by_code():
        payload["GlobalTaxCalculation"] = "TaxExcluded"
    return Entry(kind="JournalEntry", payload=payload, part=REFUNDED)


def _joined(total: int, document: Document, books: Books) -> Entry:
    lines = [
        _applied(total, "JournalEntry", part_mark(document.mark, REFUNDED)),
        _applied(total, "CreditMemo", document.mark),
    ]
    payload = {**_payment_head(APPLIED, document, books), "TotalAmt": 0, "Line": lines}
    return Entry(kind="Payment", payload=payload, part=APPLIED)


def _payment_head(part: str, document: Document, books: Books) -> dict[str, object]:
    return {
        **head(document, books, part, numbered=False),
        "CustomerRef": customer(document, books),
        **place_of(document.lines, document, books),
    }


def _applied(amount: int, kind: str, mark: str) -> dict[str, object]:
    """Names a record by its mark: its id is put in when it is sent."""
    return {"Amount": amount, "LinkedTxn": [{"TxnType": kind, "Mark": mark}]}


def _journal_line(amount: int, side: str, account: Account, more: dict[str, object]) -> dict[str, object]:
    return {
        "DetailType": "JournalEntryLineDetail",
        "Amount": amount,
        "JournalEntryLineDetail": {"PostingType": side, "AccountRef": ref(account), **more},
    }


def _receivable(document: Document, books: Books) -> Account:
    for account in books.accounts:
        currency = account.currency or books.currency
        if account.type == "receivable" and account.is_active and currency == document.currency:
            return account
    raise NeedsMapping(f"{document.mark}: the books have no accounts receivable in {document.currency}: open it there.")
