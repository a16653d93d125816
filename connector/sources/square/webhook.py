"""Square's webhooks → hints; pure. Signed over the registered address followed by the body, base64."""

from __future__ import annotations

from datetime import datetime

import msgspec

from connector.domain.webhook import Delivery, Hint, Webhook, aware, is_signed

SIGNATURE = "x-square-hmacsha256-signature"
STREAMS = {  # by the first part of the event's type
    "payment": ("payments", "orders"),
    "refund": ("refunds", "payments", "orders"),
    "order": ("orders",),
    "invoice": ("orders", "payments"),
    "payout": ("payouts", "payout_entries"),
    "dispute": ("disputes",),
    "gift_card": ("gift_card_activities",),
    "location": ("locations",),
    "catalog": ("catalog",),
    "oauth": (),  # access was withdrawn: the next pull finds out
}


class Event(msgspec.Struct):
    """What we read of an event."""

    merchant_id: str
    type: str
    event_id: str
    created_at: datetime | None = None


def hints(delivery: Delivery) -> tuple[Hint, ...] | None:
    """The news in a delivery; None where Square did not sign it."""
    if not is_signed(delivery, delivery.headers.get(SIGNATURE, ""), before=delivery.url.encode(), as_="base64"):
        return None
    try:
        event = msgspec.json.decode(delivery.body, type=Event)
    except msgspec.DecodeError:
        return ()
    subject = event.type.partition(".")[0]
    if subject not in STREAMS:
        return ()
    streams, at = STREAMS[subject], aware(event.created_at)
    return (Hint(account=event.merchant_id, streams=streams, event_id=event.event_id, occurred_at=at),)


WEBHOOK = Webhook(hints=hints)
