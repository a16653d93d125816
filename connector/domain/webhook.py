"""Webhooks as values: what a provider delivers, and the hint that is all we take from it; pure.

A hint says that an account has news in some streams. Whatever else a delivery holds is neither believed nor kept."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

Spelling = Literal["base64", "hex"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery: header names in lower case, the body as it came, the secrets that may have signed it (two while a
    secret is changed), and the address it was sent to as the provider knows it."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """News of an account, by the provider's id of it. No streams means: look at all. The same news bears the same
    `event_id` however often it is delivered."""

    account: str
    streams: tuple[str, ...]
    event_id: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """How a provider's deliveries are read. `hints` gives None where the signature is not one of ours, and nothing
    where a signed delivery says nothing that concerns us. `signs_with_client_secret`: the application's secret signs
    where none is set for webhooks. `has_secret_address`: its address ends with a part that nobody can guess. `tells`
    are the kinds of records of which books send news, also of those that we write."""

    hints: Callable[[Delivery], tuple[Hint, ...] | None]
    signs_with_client_secret: bool = False
    has_secret_address: bool = False
    tells: frozenset[str] = frozenset()


def is_signed(delivery: Delivery, told: str, *, before: bytes = b"", hashed: str = "sha256", as_: Spelling) -> bool:
    """Whether one of the secrets gives this HMAC of `before` and the body. Constant time, for all secrets alike."""
    found = False
    for secret in delivery.secrets:
        digest = hmac.digest(secret.encode(), before + delivery.body, hashed)
        right = base64.b64encode(digest).decode() if as_ == "base64" else digest.hex()
        found |= hmac.compare_digest(told.encode(), right.encode())
    return found and bool(told)


def secret_part(secret: str) -> str:
    """The last part of an address that only the provider and we know; it tells nothing about the secret."""
    return hmac.digest(secret.encode(), b"webhook address", "sha256").hex()[:32]


def aware(moment: datetime | None) -> datetime | None:
    """A moment that is told with its zone; None for any other, which cannot be compared."""
    return moment if moment is not None and moment.tzinfo else None


def named_by_content(*parts: object) -> str:
    """An event id for deliveries that bear none: the same content is the same event."""
    return "sha256:" + sha256("\n".join(map(str, parts)).encode()).hexdigest()
