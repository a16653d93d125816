"""A page as it is kept, and its records again: only what records.py names, spelled anew."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from connector.errors import Broken
from connector.sources.contract import Bodies, Page, Received
from connector.sources.loyverse.plain import read_plain
from connector.sources.loyverse.records import (
    Head,
    Receipt,
    Shift,
    name_of,
    read,
    read_new,
    read_page,
    read_record,
    unpacked,
    written,
)
from connector.sources.spoilt import spoilt


def kept_page(stream: str, records: Sequence[msgspec.Raw], position: str) -> Page:
    """The page of these records as received. A receipt whose moment of change alone moved is kept in the same bytes as
    before: a refund that names a sale changes nothing of the sale."""
    received = tuple([_kept(stream, record) for record in records])
    body = b",".join(record.body for record in received)
    body = b'{"%s":[%s]}' % (stream.encode(), body)
    return Page(body=body, records=unpack(stream, body), position=position)


def history_page(stream: str, before: datetime, position: str) -> Page:
    """A page that holds one record of our own making: what changed before a moment is not served any more."""
    moment = before.astimezone(UTC).replace(microsecond=0)
    name = f"history before {moment:%Y-%m-%d}"
    record: msgspec.Struct
    if stream == "receipts":
        record = Receipt(receipt_number=name, history_before=moment)
    else:
        record = Shift(id=name, history_before=moment)
    return kept_page(stream, [msgspec.Raw(written(record))], position)


def unpack(stream: str, body: bytes) -> tuple[Received, ...]:
    """The records of a kept page, in their order and to the byte."""
    if stream == "receipts":
        with suppress(Broken):  # one of them is not plain: each is read in full
            return _plain(body)
    try:
        records = [(name_of(record), record) for record in read_page(stream, body)]
    except Broken:  # one of them has another shape, so each is read by itself
        return tuple([_received(stream, record) for record in unpacked(body, stream)])
    return Bodies(body, lambda page: unpacked(page, stream)).received(stream, records)


def _plain(body: bytes) -> tuple[Received, ...]:
    bodies = Bodies(body, lambda page: unpacked(page, "receipts"))
    return bodies.received("receipts", [(receipt.receipt_number, receipt) for receipt in read_plain(body)])


def _kept(stream: str, body: msgspec.Raw) -> Received:
    """A record as it is kept: the fields named in records.py and no others."""
    try:
        record = read_new(stream, body)
    except Broken as error:
        return spoilt(stream, body, ("receipt_number", "id") if stream == "receipts" else ("id",), error)
    return Received(stream=stream, source_id=name_of(record), spelled=written(record), record=record)


def _received(stream: str, body: msgspec.Raw) -> Received:
    """A record kept before its shape was what it is now may not be readable: it is known by its name then."""
    try:
        record = read_record(stream, body)
    except Broken:
        return Received(stream=stream, source_id=read(body, Head).name(stream), spelled=bytes(body))
    return Received(stream=stream, source_id=name_of(record), spelled=bytes(body), record=record)
