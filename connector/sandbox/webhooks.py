"""Webhooks as the providers send them: a body about something that happened, and the headers that prove it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One delivery, ready to be sent by POST."""

    headers: Mapping[str, str]
    body: bytes


def square(secret: str, url: str, *, merchant: str, kind: str, event: str, at: str) -> Sent:
    """An event of Square's, signed over the address and the body."""
    body = _json({"merchant_id": merchant, "type": kind, "event_id": event, "created_at": at, "data": {"id": "x"}})
    return Sent(headers={**_JSON, "x-square-hmacsha256-signature": _base64(secret, url.encode() + body)}, body=body)


def loyverse(secret: str, *, merchant: str, kind: str, at: str, way: str = "sha1 hex") -> Sent:
    """An event of Loyverse's; with a `way` of "" it bears no signature, as where a personal token made the webhook."""
    body = _json({"merchant_id": merchant, "type": kind, "created_at": at, "receipts": [{"total_money": 1}]})
    hashed, _, spelling = way.partition(" ")
    if not way:
        return Sent(headers=_JSON, body=body)
    digest = hmac.new(secret.encode(), body, getattr(hashlib, hashed)).digest()
    told = digest.hex() if spelling == "hex" else base64.b64encode(digest).decode()
    return Sent(headers={**_JSON, "X-Loyverse-Signature": told}, body=body)


def lightspeed_x(secret: str, *, shop: str, kind: str, version: int) -> Sent:
    """A form of X-Series, signed with the application's secret."""
    fields = {"payload": json.dumps({"id": "s1", "version": version}), "domain_prefix": shop, "type": kind}
    body = urlencode(fields).encode()
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    told = f"signature={digest},algorithm=HMAC-SHA256"
    return Sent(headers={"content-type": "application/x-www-form-urlencoded", "X-Signature": told}, body=body)


def quickbooks(secret: str, *, realms: list[str], kind: str, event: str, at: str) -> Sent:
    """CloudEvents of Intuit's, one for each company."""
    events = [
        {
            "specversion": "1.0", "id": f"{event}-{realm}", "source": "intuit.sandbox", "type": kind, "time": at,
            "intuitentityid": "7", "intuitaccountid": realm, "data": {},
        }
        for realm in realms
    ]  # fmt: skip
    return _quickbooks(secret, events)


def quickbooks_older(secret: str, *, realm: str, name: str, entity: str) -> Sent:
    """The form that Intuit used before."""
    change = {"name": name, "id": entity, "operation": "Update", "lastUpdated": "2026-03-20T10:00:00.000Z"}
    return _quickbooks(secret, {"eventNotifications": [{"realmId": realm, "dataChangeEvent": {"entities": [change]}}]})


def xero(
    secret: str, *, tenants: list[str], category: str = "INVOICE", at: str = "2026-03-20T10:00:00.000", first: int = 1
) -> Sent:
    """Events of Xero's, numbered from `first` on; without a tenant it is the question whether we mean to receive."""
    events = [
        {
            "resourceUrl": "", "resourceId": "r1", "eventDateUtc": at, "eventType": "UPDATE", "tenantId": tenant,
            "eventCategory": category, "tenantType": "ORGANISATION",
        }
        for tenant in tenants
    ]  # fmt: skip
    body = _json(
        {"events": events, "firstEventSequence": first, "lastEventSequence": first + len(events) - 1, "entropy": "S0m3"}
    )
    return Sent(headers={**_JSON, "x-xero-signature": _base64(secret, body)}, body=body)


_JSON = {"content-type": "application/json"}


def _quickbooks(secret: str, value: object) -> Sent:
    body = _json(value)
    return Sent(headers={**_JSON, "intuit-signature": _base64(secret, body)}, body=body)


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


def _base64(secret: str, message: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()
