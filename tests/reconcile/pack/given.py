"""A small pack: the month of the report's tests, with two documents, a record and a map."""

from __future__ import annotations

import hashlib

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connector.domain.money import decimal_text
from connector.reconcile.pack.values import DOCUMENTS, MAPS, RECORDS, REPORT, Manifest
from connector.reconcile.pack.written import archive, packed
from connector.reconcile.report.build import built
from connector.reconcile.report.written import body_of, canonical
from tests.reconcile.report.given import FEED, MADE, month

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TEXT = "slots: {bank: Checking}\n"


def told() -> dict[str, object]:
    """What the members tell."""
    report = built(month())
    marks = dict.fromkeys(each.mark for each in month().lines)
    documents = [
        {
            "id": mark, "feed": FEED, "currency": "USD", "map_version": 1, "in_books": True,
            "lines": [
                {"id": str(number), "account": line.account, "amount": decimal_text(line.amount, "USD")}
                for number, line in enumerate(line for line in month().lines if line.mark == mark)
            ],
            "postings": [{"id": "document", "payload_sha256": "ab", "state": "verified"}],
        }
        for mark in marks
    ]  # fmt: skip
    return {
        REPORT: body_of(report),
        DOCUMENTS: {"rows": documents},
        RECORDS: {
            "rows": [
                {"id": "square orders 1", "version": 1, "sha256": "cd", "currency": "USD", "sums": {"sale": "100.00"}}
            ]
        },
        MAPS: {"rows": [{"id": f"{FEED} 1", "sha256": hashlib.sha256(TEXT.encode()).hexdigest(), "body": TEXT}]},
    }


def manifest(key: Ed25519PrivateKey = KEY) -> Manifest:
    return Manifest(
        organisation="Main Street",
        first="2026-03-01",
        last="2026-03-31",
        made_at=MADE.isoformat(),
        public_key=key.public_key().public_bytes_raw().hex(),
        members=(),
    )


def small_pack(body: dict[str, object] | None = None, key: Ed25519PrivateKey = KEY) -> bytes:
    return packed(body or told(), manifest(key), key.sign)


def replaced(members: dict[str, bytes], name: str, body: object) -> bytes:
    """The pack with one member that says something else, all others as they were."""
    return archive({**members, name: canonical(body)})


def plain(body: bytes) -> object:
    return msgspec.json.decode(body)
