"""A dispute → a line to read and no money: what it takes and gives back stands in the payout entries."""

from __future__ import annotations

from connector.domain.facts import Fact, Problem
from connector.domain.money import decimal_text
from connector.domain.places import Frame, needed
from connector.domain.sales import NoSale
from connector.domain.shop import Shop
from connector.sources.square.records import minor
from connector.sources.square.till_records import Dispute
from connector.sources.square.translate.places import currency_of, known_day

_STATES = {
    "INQUIRY_EVIDENCE_REQUIRED": "asked about; evidence is wanted",
    "INQUIRY_PROCESSING": "asked about; the bank is looking into it",
    "INQUIRY_CLOSED": "asked about and closed",
    "EVIDENCE_REQUIRED": "open; evidence is wanted",
    "PROCESSING": "open; the bank is looking into it",
    "WON": "won",
    "LOST": "lost",
    "ACCEPTED": "accepted, so lost",
}


def dispute_fact(dispute: Dispute, shop: Shop) -> Fact:
    """State, amount and payment of the dispute as the reason why the record holds no money."""
    moment, location = needed(dispute.created_at, "disputes", dispute.id), dispute.location_id or ""
    currency = currency_of(shop, location, dispute.amount_money.code if dispute.amount_money else "")
    frame = Frame(
        stream="disputes",
        source_id=dispute.id,
        location=location,
        occurred_at=moment,
        business_day=known_day(shop, location, moment),
        currency=currency,
    )
    state = _STATES.get(dispute.state or "")
    payment = (dispute.disputed_payment.payment_id if dispute.disputed_payment else "") or "(not named)"
    amount = f"{decimal_text(minor(dispute.amount_money), currency)} {currency}"
    reason = f"dispute of {amount} of payment {payment}: {state or dispute.state}; its money is in the payout entries"
    problem = Problem(code="unknown_state", message=f"the dispute's state {dispute.state or '(none)'} is not known")
    return frame.fact(NoSale(record_id=dispute.id, reason=reason), problems=() if state else (problem,))
