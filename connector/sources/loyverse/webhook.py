"""Loyverse's webhooks → hints; pure.

Those that an application made are signed with its secret, over the body. Which hash and which spelling is told
differently by everybody who wrote about it (SHA-1 and SHA-256, hex and base64), so each is taken. Those that were made
with a personal token bear no signature: they are taken at an address that nobody can guess."""

from __future__ import annotations

import hmac
from datetime import datetime
from itertools import product

import msgspec

from connector.domain.webhook import Delivery, Hint, Spelling, Webhook, aware, is_signed, named_by_content, secret_part

SIGNATURE = "x-loyverse-signature"
HASHES = ("sha256", "sha1")
SPELLINGS: tuple[Spelling, ...] = ("base64", "hex")
STREAMS = {"receipts.update": ("receipts",), "shifts.create": ("shifts",), "items.update": ("items", "categories")}


class Event(msgspec.Struct):
    """What we read of an event."""

    merchant_id: str
    type: str
    created_at: datetime | None = None


def hints(delivery: Delivery) -> tuple[Hint, ...] | None:
    """The news in a delivery; None where neither signature nor address are right."""
    if not _is_signed(delivery):
        return None
    try:
        event = msgspec.json.decode(delivery.body, type=Event)
    except msgspec.DecodeError:
        return ()
    if event.type not in STREAMS:
        return ()
    streams, name = STREAMS[event.type], named_by_content(delivery.body)
    at = aware(event.created_at)
    return (Hint(account=event.merchant_id, streams=streams, event_id=name, occurred_at=at),)


def _is_signed(delivery: Delivery) -> bool:
    told = delivery.headers.get(SIGNATURE)
    if told is None:
        return _is_at_secret_address(delivery)
    found = False
    for hashed, as_ in product(HASHES, SPELLINGS):
        found |= is_signed(delivery, told, hashed=hashed, as_=as_)
    return found


def _is_at_secret_address(delivery: Delivery) -> bool:
    told, found = delivery.url.rpartition("/")[2], False
    for secret in delivery.secrets:
        found |= hmac.compare_digest(told.encode(), secret_part(secret).encode())
    return found


WEBHOOK = Webhook(hints=hints, signs_with_client_secret=True, has_secret_address=True)
