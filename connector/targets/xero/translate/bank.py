"""Payouts and transfers: money received or spent at the bank against clearing and fees."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.books import Account, Books
from connector.domain.document import Document, Line
from connector.domain.keys import part_mark
from connector.errors import NeedsMapping
from connector.targets.xero.records import AccountRef, BankTransaction, BankTransfer, ContactRef, Piece, payload
from connector.targets.xero.translate.chart import account_of, contact_id, currency_rate, line_amount_types
from connector.targets.xero.translate.journal import journal
from connector.targets.xero.translate.lines import line_items, piece

FEES_PART = "P1"


def banked(document: Document, books: Books, lines: Sequence[Line]) -> tuple[Piece, ...]:
    """One bank transaction on the bank account, so that the bank's line has one thing to match.

    A clearing account that is itself a bank account cannot stand on its lines: then a transfer between the two, and
    what remains (fees) spent from clearing. Lines that touch no bank account are a journal."""
    touched, rest = _parted(lines, books)
    match touched:
        case []:
            return (journal(document, books, lines),)
        case [bank]:
            return (_bank_transaction(document, books, "", account_of(bank, books), rest),)
        case _ if _is_transfer(touched):
            return _transferred(document, books, touched, rest)
    names = ", ".join(line.account for line in touched)
    raise NeedsMapping(f"{document.mark} moves money between several bank accounts ({names}): map it to one of them.")


def deposited(document: Document, books: Books) -> tuple[Piece, ...]:
    """One bank transaction; raises NeedsMapping where clearing is a bank account too, or no line is on one."""
    touched, rest = _parted(document.lines, books)
    if len(touched) == 1:
        return (_bank_transaction(document, books, "", account_of(touched[0], books), rest),)
    raise NeedsMapping(
        f"{document.mark}: a deposit in Xero stands on one bank account, and this one on {len(touched)}: choose "
        "transfer, or keep clearing as a current asset."
    )


def transferred(document: Document, books: Books) -> tuple[Piece, ...]:
    """A transfer, and what remains spent from clearing; raises NeedsMapping where clearing is no bank account."""
    touched, rest = _parted(document.lines, books)
    if _is_transfer(touched):
        return _transferred(document, books, touched, rest)
    raise NeedsMapping(
        f"{document.mark}: a transfer in Xero runs from one bank account to another: choose deposit, or keep clearing "
        "as a bank account."
    )


def _parted(lines: Sequence[Line], books: Books) -> tuple[list[Line], list[Line]]:
    """The lines on bank accounts, and the others; lines of zero are left out."""
    touched = [line for line in lines if line.amount and account_of(line, books).type == "bank"]
    return touched, [line for line in lines if line.amount and line not in touched]


def _is_transfer(touched: Sequence[Line]) -> bool:
    match touched:
        case [one, other]:
            return one.amount * other.amount < 0 and "bank" in (one.role, other.role)
    return False


def _transferred(document: Document, books: Books, touched: Sequence[Line], rest: Sequence[Line]) -> tuple[Piece, ...]:
    bank = next(line for line in touched if line.role == "bank")
    clearing = next(line for line in touched if line is not bank)
    ends = (account_of(clearing, books), account_of(bank, books))
    source, goal = ends if bank.amount > 0 else ends[::-1]
    record = BankTransfer(
        from_bank_account=AccountRef(account_id=source.account_id),
        to_bank_account=AccountRef(account_id=goal.account_id),
        amount=abs(bank.amount),
        date=document.date.isoformat(),
        reference=document.mark,
    )
    transfer = piece(document, "", "bank_transfer", payload(record, document.currency))
    if not rest:
        return (transfer,)
    return (transfer, _bank_transaction(document, books, FEES_PART, ends[0], rest))


def _bank_transaction(document: Document, books: Books, part: str, account: Account, rest: Sequence[Line]) -> Piece:
    """RECEIVE where the other lines credit more than they debit, else SPEND; its total is never negative."""
    spends = sum(line.amount for line in rest) > 0
    record = BankTransaction(
        type="SPEND" if spends else "RECEIVE",
        contact=ContactRef(contact_id=contact_id(document, books)),
        bank_account=AccountRef(account_id=account.account_id),
        date=document.date.isoformat(),
        reference=part_mark(document.mark, part),
        status="AUTHORISED",
        line_amount_types=line_amount_types(document),
        currency_code=document.currency,
        currency_rate=currency_rate(document, books),
        line_items=line_items(rest, 1 if spends else -1, books),
    )
    return piece(document, part, "bank_transaction", payload(record, document.currency))
