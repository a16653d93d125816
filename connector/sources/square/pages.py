"""A page as it is kept, and its records again: only what records.py names, spelled anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

import msgspec

from connector.errors import Broken
from connector.sources.contract import Bodies, Page, Received
from connector.sources.spoilt import spoilt
from connector.sources.square.plain import PlainOrder, read_plain
from connector.sources.square.records import Head, read
from connector.sources.square.shapes import Record, read_page, read_record

_Bodies = dict[str, list[msgspec.Raw]]


def kept_page(stream: str, records: Sequence[msgspec.Raw], position: str) -> Page:
    """The page of these records as received. A record whose version alone moved is kept in the same bytes as before:
    a refund re-versions the sale it refunds, and the sale is still the same. One that has another shape than its
    stream is kept by its name, and its day will be held."""
    received = tuple([_kept(stream, record) for record in records])
    body = b",".join(record.body for record in received)
    body = b'{"%s":[%s]}' % (_key(stream).encode(), body)
    return Page(body=body, records=unpack(stream, body), position=position)


def unpack(stream: str, body: bytes) -> tuple[Received, ...]:
    """The records of a kept page, in their order and to the byte."""
    if stream == "orders":
        with suppress(Broken):  # one of them is not plain: each is read in full
            return _read(stream, body, read_plain(body))
    key = _key(stream)
    try:
        records = read_page(stream, body)[key]
    except Broken:  # one of them has another shape, so each is read by itself
        return tuple([_received(stream, each) for each in read(body, _Bodies)[key]])
    return _read(stream, body, records)


def _read(stream: str, body: bytes, records: Iterable[PlainOrder | Record]) -> tuple[Received, ...]:
    bodies = Bodies(body, lambda page: read(page, _Bodies)[_key(stream)])
    return bodies.received(stream, [(record.id, record) for record in records])


def _kept(stream: str, body: msgspec.Raw) -> Received:
    """A record as it is kept: the fields of its shape and no others, so nothing about a customer is ever stored."""
    try:
        record = read_record(stream, body)
    except Broken as error:
        return spoilt(stream, body, ("id",), error)
    return Received(stream=stream, source_id=record.id, spelled=msgspec.json.encode(record), record=record)


def _received(stream: str, body: msgspec.Raw) -> Received:
    """A record kept before its shape was what it is now may not be readable: it is known by its id then."""
    try:
        record = read_record(stream, body)
    except Broken:
        return Received(stream=stream, source_id=read(body, Head).id, spelled=bytes(body))
    return Received(stream=stream, source_id=record.id, spelled=bytes(body), record=record)


def _key(stream: str) -> str:
    return "objects" if stream == "catalog" else stream
