"""Sales, refunds and settlements: an invoice or credit note, and a payment for each tender."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.books import Account, Books
from connector.domain.document import Document, Line
from connector.errors import NeedsMapping
from connector.targets.xero.records import Piece
from connector.targets.xero.translate.chart import account_of, check_takes_payments
from connector.targets.xero.translate.forms import credit_note, invoice, payment
from connector.targets.xero.translate.lines import line_items

TENDER_ROLES = frozenset({"clearing", "gift_card", "store_credit", "house_account", "customer_deposit", "due_from"})
PART_SIGNS = "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # one sign each, so that a mark stays within its 21 characters

_LIABILITIES = frozenset({"current_liability", "liability"})


def trade(document: Document, books: Books) -> tuple[Piece, ...]:
    """ACCREC where sales outweigh, ACCRECCREDIT where they are outweighed: a net refund is never a bill.

    Its total is what its payments sum to (or, where the bank line stands for itself, what the bank will show)."""
    balancing = [line for line in document.lines if line.amount and _is_balancing(line, document)]
    total = sum(line.amount for line in balancing)
    is_credit = total < 0 or (total == 0 and document.kind == "refund")
    side = -1 if is_credit else 1
    paid = [line for line in balancing if line.role != "bank" and _can_pay(line, side, books)]
    beside = [line for line in balancing if line.role == "bank"]
    on_lines = [line for line in document.lines if line.amount and line not in paid and line not in beside]
    items = line_items(on_lines, -side, books)
    head = credit_note(document, books, items) if is_credit else invoice(document, books, items, "ACCREC")
    return (head, *_payments(document, books, head, _by_account(paid, books)))


def _is_balancing(line: Line, document: Document) -> bool:
    """Whether a line says how the rest was paid. In a settlement that is the derived line; at a till every tender."""
    if document.kind == "settlement":
        return line.role in ("clearing", "bank") and not line.shares
    return line.role == "clearing" or (line.role in TENDER_ROLES and _is_tender(line))


def _is_tender(line: Line) -> bool:
    return bool(line.shares) and all(share.bucket.kind.endswith("tender") for share in line.shares)


def _can_pay(line: Line, side: int, books: Books) -> bool:
    """Whether a tender becomes a payment; if not, it stands as an untaxed line of the opposite sign.

    That is so for a tender of the other direction, and for a liability (gift card, credit) to which no payments are
    enabled: the invoice's total is then smaller by it, and still what its payments sum to."""
    account = account_of(line, books)
    if line.amount * side < 0:
        return False
    if account.type in _LIABILITIES and not account.takes_payments:
        return False
    check_takes_payments(account, line)
    return True


def _by_account(paid: Sequence[Line], books: Books) -> dict[str, tuple[Account, int]]:
    """What was paid into each account, by its id, in the order of the lines."""
    sums: dict[str, tuple[Account, int]] = {}
    for line in paid:
        account = account_of(line, books)
        _, before = sums.get(account.account_id, (account, 0))
        sums[account.account_id] = (account, before + abs(line.amount))
    return sums


def _payments(document: Document, books: Books, of: Piece, sums: dict[str, tuple[Account, int]]) -> tuple[Piece, ...]:
    if len(sums) > len(PART_SIGNS):
        raise NeedsMapping(f"{document.mark} is paid into {len(sums)} accounts; map some tenders to the same account.")
    return tuple(
        payment(document, books, of, f"P{sign}", paid) for sign, paid in zip(PART_SIGNS, sums.values(), strict=False)
    )
