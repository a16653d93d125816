"""Intuit's webhooks → hints; pure. Signed over the body with the verifier token, base64; one delivery may speak of
several companies. Both forms are read: CloudEvents, and the one before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from connector.domain.webhook import Delivery, Hint, Webhook, aware, is_signed, named_by_content
from connector.targets.quickbooks.records import KINDS as RECORDS

SIGNATURE = "intuit-signature"
STREAMS = ("changes",)
KINDS = frozenset(
    {"journalentry", "deposit", "transfer", "account", "payment", "invoice", "salesreceipt", "creditmemo",
     "refundreceipt", "bill", "billpayment", "preferences"}
)  # fmt: skip


class CloudEvent(msgspec.Struct):
    """One event; its type is like qbo.journalentry.updated.v1."""

    id: str
    type: str
    intuitaccountid: str
    time: datetime | None = None


class _Entity(msgspec.Struct, rename="camel"):
    name: str
    id: str
    operation: str = ""
    last_updated: str = ""


class _Change(msgspec.Struct):
    entities: list[_Entity] = []


class _Notification(msgspec.Struct, rename="camel"):
    realm_id: str
    data_change_event: _Change


class _Older(msgspec.Struct, rename="camel"):
    event_notifications: list[_Notification]


def hints(delivery: Delivery) -> tuple[Hint, ...] | None:
    """The news in a delivery; None where Intuit did not sign it."""
    if not is_signed(delivery, delivery.headers.get(SIGNATURE, ""), as_="base64"):
        return None
    try:
        if delivery.body.lstrip()[:1] == b"[":
            return tuple(_of_events(msgspec.json.decode(delivery.body, type=list[CloudEvent])))
        return tuple(_of_older(msgspec.json.decode(delivery.body, type=_Older)))
    except msgspec.DecodeError:
        return ()


def _of_events(events: list[CloudEvent]) -> Iterator[Hint]:
    for each in events:
        kind = [*each.type.split("."), ""][1]
        if kind in KINDS:
            yield Hint(account=each.intuitaccountid, streams=STREAMS, event_id=each.id, occurred_at=aware(each.time))


def _of_older(delivered: _Older) -> Iterator[Hint]:
    for company in delivered.event_notifications:
        for each in company.data_change_event.entities:
            if each.name.lower() in KINDS:
                name = named_by_content(company.realm_id, each.name, each.id, each.operation, each.last_updated)
                yield Hint(account=company.realm_id, streams=STREAMS, event_id=name)


WEBHOOK = Webhook(hints=hints, tells=frozenset(RECORDS))
