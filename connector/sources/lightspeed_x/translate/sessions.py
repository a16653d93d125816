"""An open register session → what Lightspeed expects in it. It says nothing that was counted, so it holds no money;
but what was taken in it until it was looked at is what it expects."""

from __future__ import annotations

from decimal import Decimal

from connector.domain.facts import Fact
from connector.domain.money import exponent
from connector.domain.places import Frame, needed
from connector.domain.sales import NoSale, TillCount
from connector.domain.shop import Shop
from connector.sources.lightspeed_x.records import PaymentType, Session, in_minor_units
from connector.sources.lightspeed_x.translate.places import currency_of, local_day
from connector.sources.lightspeed_x.translate.rounding import whole
from connector.sources.lightspeed_x.translate.shops import register_name
from connector.sources.lightspeed_x.translate.tenders import tender_code


def session_fact(session: Session, shop: Shop) -> Fact:
    """The expected totals of a session when it was last looked at, as a reason that a person can read, on the local
    day it was opened."""
    moment = needed(session.register_open_time, "sessions", session.register_closure_id)
    location = session.outlet_id or ""
    frame = Frame(
        stream="sessions",
        source_id=session.register_closure_id,
        location=location,
        occurred_at=moment,
        business_day=local_day(shop, location, moment),
        currency=currency_of(shop, location),
    )
    till = _till(session, frame.currency, shop)
    return frame.fact(NoSale(record_id=session.register_closure_id, reason=_expected(session, shop), till=till))


def _till(session: Session, currency: str, shop: Shop) -> TillCount | None:
    """The totals by payment type, refunds taken off; None where it is not told when they were looked at."""
    if session.looked_at is None or session.register_open_time is None:
        return None
    totals = []
    for each in session.payments or ():
        type_ = PaymentType(config_id=each.payment_type_id, name=each.payment_type_name)
        known, code = tender_code(type_, shop)
        if known:
            totals.append(("tender+refund_tender", code, whole(in_minor_units(each.total, exponent(currency)))))
    return TillCount(
        report="register session",
        register=session.register_closure_id,
        opened_at=session.register_open_time,
        closed_at=session.looked_at,
        totals=tuple(totals),
    )


def _expected(session: Session, shop: Shop) -> str:
    totals = [
        f"{each.payment_type_name or each.payment_type_id or '?'} {each.total or Decimal(0)}"
        for each in session.payments or ()
    ]
    register = register_name(shop, session.register_id or "") or "not named"
    number = session.register_closure_sequence_number or "?"
    return f"register {register}, session {number}, open when last looked at: expected {', '.join(totals) or 'nothing'}"
