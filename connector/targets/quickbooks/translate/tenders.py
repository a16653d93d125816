"""How the takings of a day or settlement were paid: which lines are payments, and which stand on the form itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.domain.books import Account, Books
from connector.domain.document import Document, Line
from connector.errors import NeedsMapping
from connector.targets.quickbooks.translate.chart import account_of

PART_SIGNS = "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PAID_INTO = frozenset({"bank", "current_asset"})

_TENDERS = frozenset({"clearing", "gift_card", "store_credit", "house_account", "customer_deposit", "due_from"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What was paid into one account, or out of it: always above zero."""

    account: Account
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Takings:
    """A document parted. `side` is 1 where sales outweigh and -1 where refunds do; the form holds `on_form`, and its
    total is the sum of `paid`."""

    side: int
    on_form: tuple[Line, ...]
    paid: tuple[Paid, ...]


def takings(document: Document, books: Books) -> Takings:
    """Parts a document. A tender is paid into a bank account or another current asset only; one whose account is a
    liability, or that goes the other way, stands on the form as a line without tax."""
    lines = [line for line in document.lines if line.amount]
    balancing = [line for line in lines if _is_balancing(line, document)]
    total = sum(line.amount for line in balancing if account_of(line, document, books).type in PAID_INTO)
    side = -1 if total < 0 or (total == 0 and document.kind == "refund") else 1
    paid = [line for line in balancing if _is_paid(line, side, document, books)]
    on_form = tuple(line for line in lines if line not in paid)
    return Takings(side=side, on_form=on_form, paid=_by_account(paid, document, books))


def _is_balancing(line: Line, document: Document) -> bool:
    """Whether a line says how the rest was paid. In a settlement that is the derived line; at a till every tender."""
    if document.kind == "settlement":
        return line.role in ("clearing", "carry", "bank") and not line.shares
    is_tender = bool(line.shares) and all(share.bucket.kind.endswith("tender") for share in line.shares)
    return line.role == "clearing" or (line.role in _TENDERS and is_tender)


def _is_paid(line: Line, side: int, document: Document, books: Books) -> bool:
    return line.amount * side > 0 and account_of(line, document, books).type in PAID_INTO


def _by_account(lines: Sequence[Line], document: Document, books: Books) -> tuple[Paid, ...]:
    """In the order of the lines."""
    sums: dict[str, Paid] = {}
    for line in lines:
        account = account_of(line, document, books)
        before = sums.get(account.account_id, Paid(account=account, amount=0))
        sums[account.account_id] = Paid(account=account, amount=before.amount + abs(line.amount))
    return tuple(sums.values())


def signs(paid: Sequence[Paid], document: Document) -> str:
    """A sign for each, which keeps the marks of parts within their 21 characters."""
    if len(paid) > len(PART_SIGNS):
        raise NeedsMapping(f"{document.mark} is paid into {len(paid)} accounts: map some tenders to the same account.")
    return PART_SIGNS[: len(paid)]
