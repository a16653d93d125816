"""The signed pack of a period: the report, and what proves it, under the key of the organisation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connector.domain.facts import sums_by_kind
from connector.domain.money import decimal_text
from connector.reconcile.pack.values import DOCUMENTS, MAPS, RECORDS, REPORT, Manifest
from connector.reconcile.pack.written import packed
from connector.reconcile.report.values import Report
from connector.reconcile.report.written import body_of
from connector.store.database import EVERYTHING, Transaction, hold
from connector.store.evidence import Proof, Received, documents_proved, records_received
from connector.store.feeds import Feed
from connector.store.outbox import GONE, IN_BOOKS
from connector.store.period_rows import map_rows
from connector.store.sign_offs import keep_key, private_key, public_key
from connector.store.tables import LineRow, PostingRow
from connector.sync.house import House
from connector.sync.period_report import feeds_of

Body = dict[str, object]


def make_pack(house: House, report: Report) -> bytes:
    """The pack of a report and what proves it, signed; the key is made where there is none yet."""
    key = _key(house, report.organisation)
    about = Manifest(
        organisation=report.organisation,
        first=report.first,
        last=report.last,
        made_at=report.made_at,
        public_key=key.public_key().public_bytes_raw().hex(),
        members=(),
    )
    return packed(members_of(house, report), about, key.sign)


def members_of(house: House, report: Report) -> dict[str, object]:
    """What a pack of the report tells, by member."""
    days = date.fromisoformat(report.first), date.fromisoformat(report.last)
    feeds = feeds_of(house, report.organisation)
    sources = {feed.source.id: feed.source for feed in feeds}
    with house.database.transaction() as tx:
        documents = [_document(feed, each) for feed in feeds for each in documents_proved(tx, feed.id, days)]
        records = [
            _record(source.name, each) for source in sources.values() for each in records_received(tx, source.id, days)
        ]
        maps = [each for feed in feeds for each in _maps(tx, feed)]
    return {
        REPORT: body_of(report),
        DOCUMENTS: {"rows": documents},
        RECORDS: {"rows": records},
        MAPS: {"rows": maps},
    }


def known_key(house: House, organisation: str) -> bytes:
    """The public key that signs the packs of an organisation; nothing where no pack was made yet."""
    feeds_of(house, organisation)
    with house.database.transaction() as tx:
        return bytes.fromhex(public_key(tx, organisation))


def _key(house: House, organisation: str) -> Ed25519PrivateKey:
    feeds_of(house, organisation)
    with house.database.transaction() as tx:
        hold(tx, EVERYTHING)
        raw = private_key(tx, house.vault, organisation)
        if raw is not None:
            return Ed25519PrivateKey.from_private_bytes(raw)
        made = Ed25519PrivateKey.generate()
        pair = made.private_bytes_raw(), made.public_key().public_bytes_raw()
        keep_key(tx, house.vault, organisation, pair, house.now())
    return made


def _document(feed: Feed, proof: Proof) -> Body:
    row = proof.row
    live = [each for each in proof.postings if each.state not in GONE]
    return {
        "id": row.mark,
        "feed": feed.name,
        "key": row.business_key,
        "version": row.version,
        "kind": row.kind,
        "date": row.date.isoformat(),
        "currency": row.currency,
        "rate": row.rate,
        "rate_source": row.rate_source,
        "narration": row.narration,
        "map_version": row.map_version,
        "builder_version": row.builder_version,
        "is_correction": row.adjusts is not None,
        "prior_period": row.prior_period,
        "in_books": any(each.state in IN_BOOKS for each in live),
        "lines": [_line(line, row.currency) for line in proof.lines],
        "postings": [_posting(each) for each in proof.postings],
    }


def _line(line: LineRow, currency: str) -> Body:
    return {
        "id": str(line.n),
        "role": line.role,
        "account": line.account,
        "number": line.number,
        "amount": decimal_text(line.amount_minor, currency),
        "tax_code": line.tax_code,
        "tax": decimal_text(line.tax_minor, currency),
        "text": line.text,
    }


def _posting(row: PostingRow) -> Body:
    """What was sent, by its hash, and what the books answered when it was read back."""
    return {
        "id": row.part or "document",
        "record": row.target_kind,
        "mark": row.mark,
        "key": row.key,
        "payload_sha256": hashlib.sha256(row.payload).hexdigest(),
        "state": row.state,
        "target_id": row.target_id or "",
        "target_version": row.target_version,
        "receipt": row.receipt,
        "sent_at": _moment(row.last_sent_at),
        "read_back": row.drift or ("as it was sent" if row.state == "verified" else ""),
    }


def _record(source: str, each: Received) -> Body:
    """A record by the hash of its bytes, with what it brings by kind."""
    fact = each.fact
    sums = sorted(sums_by_kind(fact).items())
    return {
        "id": f"{source} {fact.stream} {fact.source_id}",
        "day": fact.business_day.isoformat(),
        "period": each.period,
        "version": each.version,
        "sha256": each.sha256,
        "page_sha256": each.page_sha256,
        "fetched_at": _moment(each.fetched_at),
        "currency": fact.currency,
        "sums": {f"{kind} {period}": decimal_text(amount, fact.currency) for (kind, period), amount in sums},
    }


def _maps(tx: Transaction, feed: Feed) -> Iterable[Body]:
    for row in map_rows(tx, feed.id):
        yield {
            "id": f"{feed.name} {row.number}",
            "sha256": row.digest,
            "author": row.author,
            "reason": row.reason,
            "decided_at": _moment(row.decided_at),
            "valid_from": row.valid_from.isoformat() if row.valid_from else "",
            "body": row.body,
        }


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""
