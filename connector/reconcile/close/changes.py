"""What changed since a pack was signed off: documents, records, decisions of the map, and matches, with amounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from connector.domain.money import parse_minor
from connector.reconcile.pack.values import DOCUMENTS, MAPS, RECORDS, REPORT
from connector.reconcile.report.written import canonical, read_report

Kind = TypeVar("Kind")
AS_SENT = ("", "as it was sent")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    account: str
    amount: str


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    payload_sha256: str = ""
    read_back: str = ""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    currency: str
    in_books: bool
    date: str = ""
    lines: tuple[Line, ...] = ()
    postings: tuple[Posting, ...] = ()


class Record(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    sha256: str
    version: int = 1
    currency: str = ""
    sums: dict[str, str] = {}


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    sha256: str
    author: str = ""
    reason: str = ""


class Documents(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[Document, ...]


class Records(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[Record, ...]


class Maps(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[Decided, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is not as it was signed off. `amounts` are what it moved since, in minor units: of a document by
    account (debit positive), of a record by kind, of a match what the bank shows."""

    kind: str
    name: str
    told: str
    currency: str = ""
    amounts: tuple[tuple[str, int], ...] = ()


def changes(before: Mapping[str, bytes], now: Mapping[str, object]) -> tuple[Change, ...]:
    """What differs between the members of a pack and what one would tell now."""
    after = {name: canonical(body) for name, body in now.items()}
    return (
        *_documents(_of(before, DOCUMENTS, Documents).rows, _of(after, DOCUMENTS, Documents).rows),
        *_records(_of(before, RECORDS, Records).rows, _of(after, RECORDS, Records).rows),
        *_maps(_of(before, MAPS, Maps).rows, _of(after, MAPS, Maps).rows),
        *_matches(before[REPORT], after[REPORT]),
    )


def _of(members: Mapping[str, bytes], name: str, kind: type[Kind]) -> Kind:
    return msgspec.json.decode(members[name], type=kind)


def _documents(before: tuple[Document, ...], after: tuple[Document, ...]) -> Iterator[Change]:
    old, new = {each.id: each for each in before}, {each.id: each for each in after}
    for name in dict.fromkeys([*old, *new]):
        was, is_ = old.get(name), new.get(name)
        moved = _moved(_booked(was), _booked(is_))
        told = _became(was, is_, bool(moved))
        either = is_ or was
        if told and either:
            yield Change(kind="document", name=name, told=told, currency=either.currency, amounts=moved)


def _became(was: Document | None, is_: Document | None, has_moved: bool) -> str:
    if is_ is None:
        return "is called for no more" if was else ""
    if was is None:
        return f"new, dated {is_.date}"
    if is_.in_books != was.in_books:
        return "is in the books now" if is_.in_books else "is in the books no more"
    edits = [each.read_back for each in is_.postings if each.read_back not in AS_SENT]
    if edits != [each.read_back for each in was.postings if each.read_back not in AS_SENT]:
        return f"in the books: {'; '.join(edits) or 'as it was sent again'}"
    sent = [each.payload_sha256 for each in is_.postings] != [each.payload_sha256 for each in was.postings]
    return "was sent anew" if sent or has_moved else ""


def _booked(document: Document | None) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    if document and document.in_books:
        for line in document.lines:
            found[line.account] += parse_minor(line.amount, document.currency)
    return found


def _records(before: tuple[Record, ...], after: tuple[Record, ...]) -> Iterator[Change]:
    old, new = {each.id: each for each in before}, {each.id: each for each in after}
    for name in dict.fromkeys([*old, *new]):
        was, is_ = old.get(name), new.get(name)
        if was and is_ and was.sha256 == is_.sha256:
            continue
        told = "new" if was is None else "no longer in the period" if is_ is None else f"changed, version {is_.version}"
        either = is_ or was
        if either:
            moved = _moved(_sums(was), _sums(is_))
            yield Change(kind="record", name=name, told=told, currency=either.currency, amounts=moved)


def _sums(record: Record | None) -> dict[str, int]:
    return {kind: parse_minor(text, record.currency) for kind, text in record.sums.items()} if record else {}


def _maps(before: tuple[Decided, ...], after: tuple[Decided, ...]) -> Iterator[Change]:
    known = {each.id for each in before}
    for each in after:
        if each.id not in known:
            why = f": {each.reason}" if each.reason else ""
            yield Change(kind="map", name=each.id, told=f"new version by {each.author or 'nobody named'}{why}")


def _matches(before: bytes, after: bytes) -> Iterator[Change]:
    old = {str(row.cells["match"]): row for row in read_report(before).table("matches").rows}
    for row in read_report(after).table("matches").rows:
        name = str(row.cells["match"])
        was = old.get(name)
        if was and was.cells["state"] == row.cells["state"]:
            continue
        state, by = row.cells["state"], row.cells["by"]
        told = f"{was.cells['state'] if was else 'new'} → {state}" + (f" ({by})" if by else "")
        yield Change(
            kind="match", name=name, told=told, currency=row.currency, amounts=(("bank", row.amount("banked")),)
        )


def _moved(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    names = sorted({*before, *after})
    found = [(name, after.get(name, 0) - before.get(name, 0)) for name in names]
    return tuple((name, amount) for name, amount in found if amount)
