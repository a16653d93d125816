"""Xero's webhooks → hints; pure. Signed over the body with the webhook key, base64.

At set-up Xero sends deliveries without events, some signed wrongly, and wants 200 or 401 for each: the intent to
receive. They are told apart like any other delivery."""

from __future__ import annotations

import msgspec

from connector.domain.webhook import Delivery, Hint, Webhook, is_signed, named_by_content

SIGNATURE = "x-xero-signature"
STREAMS = ("changes",)
KINDS = frozenset({"INVOICE", "CREDITNOTE", "PREPAYMENT", "OVERPAYMENT"})


class Event(msgspec.Struct, rename="camel"):
    """What we read of an event."""

    tenant_id: str
    event_category: str
    resource_id: str = ""
    event_type: str = ""
    event_date_utc: str = ""


class Delivered(msgspec.Struct):
    """A delivery; none of its events is there while Xero asks whether we mean to receive."""

    events: list[Event] | None = None


def hints(delivery: Delivery) -> tuple[Hint, ...] | None:
    """The news in a delivery; None where Xero did not sign it."""
    if not is_signed(delivery, delivery.headers.get(SIGNATURE, ""), as_="base64"):
        return None
    try:
        events = msgspec.json.decode(delivery.body, type=Delivered).events or []
    except msgspec.DecodeError:
        return ()
    return tuple(
        Hint(
            account=each.tenant_id,
            streams=STREAMS,
            event_id=named_by_content(each.tenant_id, each.resource_id, each.event_type, each.event_date_utc),
        )
        for each in events
        if each.event_category in KINDS
    )


WEBHOOK = Webhook(hints=hints, tells=frozenset({"invoice", "credit_note"}))
