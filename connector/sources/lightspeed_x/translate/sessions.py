"""An open register session → what Lightspeed expects in it. It says nothing that was counted, so it holds no money."""

from __future__ import annotations

from decimal import Decimal

from connector.domain.facts import Fact
from connector.domain.sales import NoSale
from connector.domain.shop import Shop
from connector.sources.lightspeed_x.records import Session
from connector.sources.lightspeed_x.translate.places import Frame, currency_of, local_day, needed
from connector.sources.lightspeed_x.translate.shops import register_name


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
    return frame.fact(NoSale(record_id=session.register_closure_id, reason=_expected(session, shop)))


def _expected(session: Session, shop: Shop) -> str:
    totals = [
        f"{each.payment_type_name or each.payment_type_id or '?'} {each.total or Decimal(0)}"
        for each in session.payments or ()
    ]
    register = register_name(shop, session.register_id or "") or "not named"
    number = session.register_closure_sequence_number or "?"
    return f"register {register}, session {number}, open when last looked at: expected {', '.join(totals) or 'nothing'}"
