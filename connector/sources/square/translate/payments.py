"""A payment → the tender it is. Fees are not taken from here: they arrive late and change; payout entries have them."""

from __future__ import annotations

from connector.domain.facts import UNKNOWN, Fact, Problem
from connector.domain.places import Frame, Name, needed
from connector.domain.sales import NoSale, Tender
from connector.domain.shop import Shop
from connector.sources.square.records import CardDetails, ExternalDetails, Payment, minor
from connector.sources.square.translate.places import currency_of, local_day

SOURCE_TYPES = frozenset({"CARD", "CASH", "WALLET", "BUY_NOW_PAY_LATER", "BANK_ACCOUNT", "SQUARE_ACCOUNT"})
EXTERNAL_TYPES = frozenset({
    "CHECK", "BANK_TRANSFER", "OTHER_GIFT_CARD", "CRYPTO", "SQUARE_CASH", "SOCIAL", "EXTERNAL", "EMONEY", "CARD",
    "STORED_BALANCE", "FOOD_VOUCHER", "OTHER",
})  # fmt: skip
_NO_MONEY = {
    "APPROVED": "approved, but not captured",
    "PENDING": "still pending",
    "CANCELED": "cancelled",
    "FAILED": "failed",
}


def payment_fact(payment: Payment, shop: Shop) -> Fact:
    """The tender: + money received, tip included, on the local day it was taken (offline: at the till's own clock)."""
    offline = payment.offline_payment_details
    moment = needed(
        (offline.client_created_at if offline else None) or payment.created_at, "payments", payment.id
    )  # fmt: skip
    location, total = payment.location_id or "", payment.total_money or payment.amount_money
    frame = Frame(
        stream="payments",
        source_id=payment.id,
        location=location,
        occurred_at=moment,
        business_day=local_day(shop, location, moment),
        currency=currency_of(shop, location, total.code if total else ""),
    )
    if payment.status != "COMPLETED":
        return _no_money(payment, frame)
    about = Tender(
        tender_id=payment.id,
        sale_id=payment.order_id or "",
        amount=_total(payment),
        refunded=minor(payment.refunded_money),
    )
    kind, code = tender_code(payment.source_type, payment.card_details, payment.external_details)
    name = Name("tender" if kind != UNKNOWN else kind, code)
    return frame.fact(about, [(name, about.amount)], _amount_problems(payment))


def tender_code(source: str | None, card: CardDetails | None, external: ExternalDetails | None) -> tuple[str, str]:
    """How it was paid, as (kind, code): a Square gift card is a card of that brand; an outside tender bears its type.
    The kind is "tender", or "unknown" where Square has a way to pay that we do not know."""
    if source == "CARD" and card and card.card and card.card.card_brand == "SQUARE_GIFT_CARD":
        return "tender", "SQUARE_GIFT_CARD"
    if source == "EXTERNAL":
        kind = (external.type if external else None) or "OTHER"
        return ("tender" if kind in EXTERNAL_TYPES else UNKNOWN), f"EXTERNAL:{kind}"
    return ("tender" if source in SOURCE_TYPES else UNKNOWN), source or "payment type not stated"


def _total(payment: Payment) -> int:
    if payment.total_money:
        return minor(payment.total_money)
    return minor(payment.amount_money) + minor(payment.tip_money)


def _no_money(payment: Payment, frame: Frame) -> Fact:
    reason = _NO_MONEY.get(payment.status or "")
    if reason:
        return frame.fact(NoSale(record_id=payment.id, reason=reason))
    message = f"the payment's status {payment.status or '(none)'} is not known"
    return frame.fact(
        NoSale(record_id=payment.id, reason=message), problems=(Problem(code="unknown_status", message=message),)
    )


def _amount_problems(payment: Payment) -> tuple[Problem, ...]:
    off = _total(payment) - minor(payment.amount_money) - minor(payment.tip_money)
    if not payment.amount_money or not off:
        return ()
    return (Problem(code="S8", message="the payment's total and its amount and tip differ", difference=off),)
