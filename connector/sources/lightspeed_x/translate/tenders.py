"""Payments → tenders, by the retailer's payment type; what the money is put under never hangs on its name alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from connector.domain.facts import UNKNOWN
from connector.domain.places import Name, Piece
from connector.domain.shop import Shop
from connector.sources.lightspeed_x.plain import PlainPayment
from connector.sources.lightspeed_x.records import Payment, PaymentType, Sale, in_minor_units
from connector.sources.lightspeed_x.translate.rounding import whole
from connector.sources.lightspeed_x.translate.shops import lists_payment_types, payment_type

GLOBAL_KINDS = {"1": "CASH", "106": "LOYALTY", "118": "GIFT_CARD"}
NAMED = {  # built-in payment types whose global kind is not published
    "cash": "CASH", "credit card": "CREDIT_CARD", "store credit": "STORE_CREDIT", "on account": "ON_ACCOUNT",
    "cash rounding": "CASH_ROUNDING",
}  # fmt: skip
_NO_TYPE = PaymentType()


def tender_pieces(sale: Sale, shop: Shop, places: int, *, is_refund: bool) -> Iterator[Piece]:
    """The payments that count: + money received, − money given back."""
    kind = "refund_tender" if is_refund else "tender"
    for payment in sale.taken:
        known, code = tender_code(payment.type, shop)
        yield Name(kind if known else UNKNOWN, code), paid_amount(payment, places)


def tender_code(kind: PaymentType | None, shop: Shop) -> tuple[bool, str]:
    """Whether the payment type is known, and its code: a fixed word for the built-in types; for the retailer's own
    ones the name that the list of payment types has for the id now, however it was called when it was paid.

    An id that the list does not hold is not known; without any list the payment's own name must do."""
    told = kind or _NO_TYPE
    listed = payment_type(shop, told.config_id or "")
    return _coded(told, listed, is_stray=listed is None and lists_payment_types(shop))


@lru_cache(maxsize=4096)
def _coded(told: PaymentType, listed: tuple[str, str] | None, *, is_stray: bool) -> tuple[bool, str]:
    global_kind, name = listed or (str(told.id or ""), told.name or "")
    code = GLOBAL_KINDS.get(global_kind) or GLOBAL_KINDS.get(str(told.id or "")) or NAMED.get(name.strip().casefold())
    if code:
        return True, code
    if is_stray or not name.strip():
        return False, f"payment type {name.strip() or '(no name)'} {told.config_id or ''}".strip()
    return True, name.strip()


def paid_amount(payment: Payment, places: int) -> int:
    return whole(in_minor_units(payment.amount, places))


def session_of(taken: Sequence[Payment | PlainPayment]) -> str:
    """The register session in which all of it was paid; empty where there are several or none."""
    if len(taken) == 1:
        return (taken[0].metadata.register_open_sequence_id if taken[0].metadata else "") or ""
    found = {(payment.metadata.register_open_sequence_id if payment.metadata else "") or "" for payment in taken}
    return found.pop() if len(found) == 1 else ""
