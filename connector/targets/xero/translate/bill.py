"""The fees of a payout as a bill, paid out of the clearing account that they were kept from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connector.domain.books import Books
from connector.domain.document import Document, Line
from connector.errors import NeedsMapping
from connector.targets.xero.records import Piece
from connector.targets.xero.translate.bank import banked
from connector.targets.xero.translate.chart import account_of, check_takes_payments
from connector.targets.xero.translate.forms import invoice, payment
from connector.targets.xero.translate.lines import line_items

FEES = frozenset({"fee", "fee_tax"})
BILL, PAID = "B1", "B2"


def billed(document: Document, books: Books) -> tuple[Piece, ...]:
    """What else the document does goes the usual way and first. Fees that came back are no bill: then all does."""
    fees = [line for line in document.lines if line.role in FEES and line.amount]
    owed = sum(line.amount for line in fees)
    if owed <= 0:
        return banked(document, books, document.lines)
    clearing = _clearing(document)
    account = account_of(clearing, books)
    check_takes_payments(account, clearing)
    rest = _without(document.lines, fees, clearing, owed)
    first = banked(document, books, rest) if rest else ()
    bill = invoice(document, books, line_items(fees, 1, books), "ACCPAY", BILL if first else "")
    return (*first, bill, payment(document, books, bill, PAID, (account, owed)))


def _clearing(document: Document) -> Line:
    found = [line for line in document.lines if line.role == "clearing" and line.amount]
    if len(found) != 1:
        raise NeedsMapping(
            f"{document.mark} takes its fees from {len(found)} clearing accounts, and a bill is paid from one: post "
            "fees as lines, or map the tenders to one account."
        )
    return found[0]


def _without(lines: Sequence[Line], fees: Sequence[Line], clearing: Line, owed: int) -> list[Line]:
    """The lines without the fees, which the bill takes out of clearing by itself."""
    left = replace(clearing, amount=clearing.amount + owed, shares=())
    kept = (left if line is clearing else line for line in lines if line not in fees)
    return [line for line in kept if line.amount]
