"""Whether what a pack tells follows from what it holds: figures from rows, lines from documents, maps by their hash."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from connector.domain.money import parse_minor
from connector.reconcile.pack.values import DOCUMENTS, MAPS, REPORT, Members
from connector.reconcile.report.footing import unfooted
from connector.reconcile.report.values import Report
from connector.reconcile.report.written import read_report


class Line(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    account: str
    amount: str


class PackedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a document; it holds more."""

    id: str
    feed: str
    currency: str
    map_version: int
    in_books: bool
    lines: tuple[Line, ...]


class PackedMap(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    sha256: str
    body: str


class Documents(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[PackedDocument, ...]


class Maps(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[PackedMap, ...]


def inconsistent(members: Members) -> Iterator[str]:
    """What contradicts itself, each as "member: what"."""
    report = read_report(members[REPORT])
    yield from (f"{REPORT}: {told}" for told in unfooted(report))
    try:
        documents = msgspec.json.decode(members[DOCUMENTS], type=Documents)
        maps = msgspec.json.decode(members[MAPS], type=Maps)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        yield f"{DOCUMENTS}, {MAPS}: {error}"
        return
    for each in maps.rows:
        if hashlib.sha256(each.body.encode()).hexdigest() != each.sha256:
            yield f"{MAPS}: rows[{each.id}].sha256: it is not that of the map's own text"
    known = {each.id for each in maps.rows}
    for document in documents.rows:
        if document.map_version and f"{document.feed} {document.map_version}" not in known:
            yield f"{DOCUMENTS}: rows[{document.id}].map_version: {MAPS} has no such version"
        off = sum(parse_minor(line.amount, document.currency) for line in document.lines)
        if off:
            yield f"{DOCUMENTS}: rows[{document.id}].lines: debits and credits differ"
    yield from _unlike(report, documents)


def _unlike(report: Report, documents: Documents) -> Iterator[str]:
    """Documents of which the report's lines say another amount on an account."""
    told: dict[tuple[str, str], int] = defaultdict(int)
    for row in report.table("lines").rows:
        told[str(row.cells["document"]), str(row.cells["account"])] += row.amount("amount")
    held: dict[tuple[str, str], int] = defaultdict(int)
    for document in documents.rows:
        if document.in_books:
            for line in document.lines:
                held[document.id, line.account] += parse_minor(line.amount, document.currency)
    for mark, account in sorted(told):
        if told[mark, account] != held.get((mark, account), 0):
            yield f"{REPORT}: lines of {mark} on {account}: {DOCUMENTS} holds another amount"
