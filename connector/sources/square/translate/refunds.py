"""A refund → money given back. What was returned is in the return order; here is only how the money went back."""

from __future__ import annotations

from connector.domain.facts import UNKNOWN, Fact, Problem
from connector.domain.places import Frame, Name, Piece, needed
from connector.domain.sales import NoSale
from connector.domain.sales import Refund as RefundMade
from connector.domain.shop import Shop
from connector.sources.square.records import DestinationDetails, Refund, minor
from connector.sources.square.translate.payments import tender_code
from connector.sources.square.translate.places import currency_of, local_day

_NO_MONEY = {"PENDING": "still pending", "FAILED": "failed", "REJECTED": "rejected"}


def refund_fact(refund: Refund, shop: Shop) -> Fact:
    """The refund tender: − money given back, on the local day of the refund, under where the money went."""
    moment = needed(refund.created_at, "refunds", refund.id)
    location = refund.location_id or ""
    frame = Frame(
        stream="refunds",
        source_id=refund.id,
        location=location,
        occurred_at=moment,
        business_day=local_day(shop, location, moment),
        currency=currency_of(shop, location, refund.amount_money.code if refund.amount_money else ""),
    )
    if refund.status != "COMPLETED":
        return _no_money(refund, frame)
    about = RefundMade(
        refund_id=refund.id,
        sale_id=refund.order_id or "",
        tender_id=refund.payment_id or "",
        amount=minor(refund.amount_money),
    )
    return frame.fact(about, [_given_back(refund)])


def _given_back(refund: Refund) -> Piece:
    details = refund.destination_details or DestinationDetails()
    kind, code = tender_code(refund.destination_type, details.card_details, details.external_details)
    if not refund.destination_type:
        code = "refund destination not stated"
    return Name("refund_tender" if kind != UNKNOWN else kind, code), -minor(refund.amount_money)


def _no_money(refund: Refund, frame: Frame) -> Fact:
    reason = _NO_MONEY.get(refund.status or "")
    if reason:
        return frame.fact(NoSale(record_id=refund.id, reason=reason))
    message = f"the refund's status {refund.status or '(none)'} is not known"
    return frame.fact(
        NoSale(record_id=refund.id, reason=message), problems=(Problem(code="unknown_status", message=message),)
    )
