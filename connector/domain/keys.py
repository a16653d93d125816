"""The names that make repeats harmless: business keys, marks and posting keys. Their forms never change."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from base64 import b32encode
from datetime import date

from connector.errors import Broken

MARK_LENGTH = 21  # QuickBooks' DocNumber holds no more


def business_key(*, source: str, account: str, location: str, kind: str, period: str) -> str:
    """What a document stands for, in words: `square|ML1|L7Q4|sales|2026-11-20`. It never says "2 of 3"."""
    parts = (source, account, location, kind, period)
    if any("|" in part for part in parts):
        raise Broken(f"a part of the business key {parts} holds the sign that parts them")
    return "|".join(parts)


def contact_name(source_or_key: str) -> str:
    """The contact that documents of a source name, where books want one: "Lightspeed X" for lightspeed_x."""
    return source_or_key.partition("|")[0].replace("_", " ").title()


def mark(*, prefix: str, day: date, organisation: str, connection: str, key: str, version: int) -> str:
    """The visible name in the books, stable over attempts: `SQ-20261119-7F3K2Q`."""
    named = _hash([organisation, connection, key, version])
    return f"{prefix}-{day:%Y%m%d}-{b32encode(named)[:6].decode('ascii')}"


def part_mark(document_mark: str, part: str) -> str:
    """The mark of one record of a document that needs several, such as `SQ-20261119-7F3K2Q-P1`."""
    marked = f"{document_mark}-{part}" if part else document_mark
    if len(marked) > MARK_LENGTH:
        raise Broken(f"the mark {marked} is longer than {MARK_LENGTH} characters")
    return marked


def posting_key(*, organisation: str, connection: str, key: str, version: int, digest: str, epoch: int) -> str:
    """The idempotency key of one exact payload: `p1` and 40 hexadecimal digits; another payload has another key."""
    return "p1" + _hash([organisation, connection, key, version, digest, epoch]).hex()[:40]


def canonical(payload: object) -> bytes:
    """The payload's one spelling: sorted keys, integers, NFC text. Raises Broken on a binary fraction."""
    return json.dumps(_plain(payload), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(canonical_payload: bytes) -> str:
    """SHA-256 of the canonical payload, in hexadecimal digits."""
    return hashlib.sha256(canonical_payload).hexdigest()


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", str(name)): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    raise Broken(f"a payload holds text, integers, lists and maps, not {type(value).__name__}")


def _hash(parts: list[object]) -> bytes:
    return hashlib.sha256(canonical(parts)).digest()
