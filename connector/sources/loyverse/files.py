"""Saved answers of Loyverse's API → facts, for a preview without a connection; pure but for reading the files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable
from connector.sources.loyverse.records import SHAPES, Answer, Head, listed, read
from connector.sources.loyverse.translate.record import translate
from connector.sources.loyverse.translate.shops import read_shop
from connector.sources.saved import SavedRecord, content_of, facts_of, gathered, sound, stream_named, zone_problem

_KEYS = {**dict.fromkeys(SHAPES, ""), "receipt": "receipts", "shift": "shifts", "store": "stores", "item": "items"}
_NAMES = (  # the first that the letters of a file's name contain
    ("paymenttype", "payment_types"), ("receipt", "receipts"), ("shift", "shifts"), ("store", "stores"),
    ("merchant", "merchant"), ("categor", "categories"), ("item", "items"),
)  # fmt: skip
_OWN_KEYS = (("receipt_number", "receipts"), ("expected_cash", "shifts"), ("business_name", "merchant"))
_MONEY = ("receipts", "shifts")
_NEVER = datetime.min.replace(tzinfo=UTC)


def saved(paths: Sequence[Path], told: Shop) -> Iterator[Fact | Unreadable]:
    """A fact for each receipt and shift of the files and folders, ordered by stream and name, whatever order they are
    read in; an Unreadable for each file and record that cannot be read. Of equal names the newest counts.

    `told` is what a person says of the shop; its zone stands in for stores without one of their own. A stream without
    files is empty."""
    if wrong_zone := zone_problem(told.zone):
        yield wrong_zone
        return
    records, wrong = gathered(paths, _records)
    yield from wrong
    described = [record for record in records if record.stream not in _MONEY]
    good, wrong = sound(described, lambda record: read_shop([(record.stream, record.body)], told.zone))
    yield from wrong
    shop = read_shop(good, told.zone).as_told(told)
    money = [record for record in records if record.stream in _MONEY]
    yield from facts_of(money, lambda record: translate(record.stream, record.source_id, record.body, shop))


def _records(file: Path) -> Iterator[SavedRecord | Unreadable]:
    """The records of a file: one answer, a list of answers, or bare records."""
    content = content_of(file)
    pages = read(content, list[msgspec.Raw]) if content.startswith(b"[") else [msgspec.Raw(content)]
    for stream, body in [found for page in pages for found in _page(file, page)]:
        yield _record(file, stream, body)


def _record(file: Path, stream: str, body: msgspec.Raw) -> SavedRecord | Unreadable:
    try:
        head = read(body, Head)
        name = head.name(stream)
    except Broken as error:
        return Unreadable(f"{file}: a record of {stream} cannot be read: {error}")
    rank = (head.changed_at or _NEVER, bytes(body))
    return SavedRecord(stream=stream, source_id=name, body=bytes(body), file=file, rank=rank)


def _page(file: Path, page: msgspec.Raw) -> Iterator[tuple[str, msgspec.Raw]]:
    answer = read(page, Answer)
    if "id" in answer or "receipt_number" in answer:
        yield _stream_of(file, answer), page
        return
    known = [key for key in answer if key in _KEYS]
    if not known and answer.keys() - {"cursor", "errors"}:
        raise Unreadable(f"none of its parts is a list of Loyverse records: {', '.join(sorted(answer))[:200]}.")
    if not known and listed(answer, "errors"):
        raise Unreadable("it holds an error that Loyverse answered, and no records.")
    for key in known:
        for record in listed(answer, key):
            yield _KEYS[key] or key, record


def _stream_of(file: Path, answer: Answer) -> str:
    """The stream of a bare record, by what only such a record has, else by the name of its file."""
    own = next((stream for key, stream in _OWN_KEYS if key in answer), "")
    stream = own or stream_named(file, _NAMES)
    if not stream:
        raise Unreadable(
            "its records do not say what they are: name the file after its kind, such as stores.json or items.json."
        )
    return stream
