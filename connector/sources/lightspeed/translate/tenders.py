"""Payments → tenders, gift cards sold, deposits taken: by the type and id of the payment type, never by its name alone.

The name is the code of a type that the shop made itself, for its clearing account bears it; a rename is a new code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from connector.domain.facts import UNKNOWN, Problem
from connector.domain.places import Name, Piece
from connector.domain.shop import Shop
from connector.sources.lightspeed.records import PaymentType, Sale, SalePayment
from connector.sources.lightspeed.translate.amounts import is_whole, minor

CASH, CARD, GIFT_CARD, CREDIT_ACCOUNT = "cash", "credit card", "gift card", "credit account"
DEBIT_CARD, CHECK = "debit card", "check"
BUILT_IN = frozenset({CASH, CARD, GIFT_CARD, CREDIT_ACCOUNT, DEBIT_CARD, CHECK})
ON_ACCOUNT = frozenset({GIFT_CARD, CREDIT_ACCOUNT})
_BY_ID = {"1": CASH, "2": CHECK, "3": CARD, "4": CREDIT_ACCOUNT, "5": GIFT_CARD, "6": DEBIT_CARD}
_TYPES = frozenset({CASH, CARD, GIFT_CARD, CREDIT_ACCOUNT})
_UNKNOWN = "payment type "


@lru_cache(maxsize=4096)
def tender_code(kind: PaymentType) -> str:
    """The code of a payment type: one of the built-in ones in small letters, or the name of the shop's own.

    A type of their own that shops call Cash or Credit Card is that; what is not known begins with "payment type"."""
    if kind.internal_reserved:
        return _BY_ID.get(kind.payment_type_id) or _built_in(kind)
    if kind.type in _TYPES:
        return kind.type
    name = kind.name.strip()
    if kind.type != "user defined" or not name:
        return f"{_UNKNOWN}{kind.type or '(none)'} {kind.payment_type_id}".strip()
    if name.casefold() in (CASH, CARD):
        return name.casefold()
    return name.title() if name in BUILT_IN else name


def tender_of(payment_type_id: str, kind: PaymentType | None, shop: Shop) -> str:
    """The code of a payment's type: as the payment tells it, else as the shop's list does, else by its id."""
    if kind is not None and (kind.type or kind.internal_reserved):
        return tender_code(kind)
    known = shop.categories.get(f"payment type/{payment_type_id}")
    return known or _BY_ID.get(payment_type_id) or f"{_UNKNOWN}{payment_type_id or '(none)'}"


def is_known(code: str) -> bool:
    return not code.startswith(_UNKNOWN)


def payment_pieces(sale: Sale, currency: str, shop: Shop, *, is_refund: bool) -> list[Piece]:
    """The pieces of a sale's valid payments: tenders + received, − given back; a gift card loaded and a deposit taken
    are no tenders but + on the side of the sale."""
    pieces = []
    for payment in sale.valid_payments:
        code, amount = tender_of(payment.payment_type_id, payment.payment_type, shop), minor(payment.amount, currency)
        if not is_known(code):
            pieces.append((Name(UNKNOWN, code), amount))
        elif amount < 0 and code in ON_ACCOUNT and (payment.accounts or not is_refund):
            pieces.append((Name("gift_card" if code == GIFT_CARD else "customer_deposit", code), -amount))
        else:
            pieces.append((Name("refund_tender" if is_refund else "tender", code), amount))
    return pieces


def credit_account(sale: Sale, shop: Shop) -> str:
    """The credit account that a sale charges or pays; empty where there are none or several."""
    of_accounts = [
        payment
        for payment in sale.valid_payments
        if tender_of(payment.payment_type_id, payment.payment_type, shop) == CREDIT_ACCOUNT
    ]
    found = {payment.credit_account_id for payment in of_accounts}
    found |= {account.credit_account_id for payment in of_accounts for account in payment.accounts}
    found.discard("")
    return found.pop() if len(found) == 1 else ""


def payment_problems(sale: Sale, currency: str, shop: Shop) -> Iterator[Problem]:
    """Payments whose meaning is not certain, or whose amount is none in this currency."""
    for payment in sale.valid_payments:
        code = tender_of(payment.payment_type_id, payment.payment_type, shop)
        if payment.credit_account_id and code not in ON_ACCOUNT and payment.amount > 0:
            yield _problem(
                "deposit_refund",
                payment,
                f"is by {code} and names a credit account: whether it gives a deposit back is not certain. Review it",
                minor(payment.amount, currency),
            )
        if not is_whole(payment.amount, currency) or not is_whole(payment.tip_amount, currency):
            yield _problem("fraction", payment, f"has a fraction of the smallest unit of {currency}")


def paid(payments: Sequence[SalePayment], currency: str) -> int:
    return sum(minor(payment.amount, currency) for payment in payments)


def _built_in(kind: PaymentType) -> str:
    return kind.type if kind.type in _TYPES else f"{_UNKNOWN}{kind.name} {kind.payment_type_id}".strip()


def _problem(code: str, payment: SalePayment, what: str, difference: int = 0) -> Problem:
    return Problem(code=code, message=f"Payment {payment.sale_payment_id} {what}.", difference=difference)
