"""A page as it is kept, and its records again: only what records.py names, spelled anew."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from connector.errors import Broken
from connector.sources.contract import Bodies, Page, Received
from connector.sources.lightspeed_x.plain import read_plain
from connector.sources.lightspeed_x.records import (
    Answer,
    Head,
    Outlet,
    PaymentTypeListed,
    Product,
    Record,
    Register,
    Session,
    Tax,
    listed,
    name_of,
    read,
    read_kept,
    written,
)
from connector.sources.lightspeed_x.versions import read_sale
from connector.sources.spoilt import spoilt

SHAPES: dict[str, type[Record]] = {
    "outlets": Outlet,
    "registers": Register,
    "payment_types": PaymentTypeListed,
    "taxes": Tax,
    "products": Product,
    "sessions": Session,
}


def kept_page(stream: str, records: Sequence[msgspec.Raw], position: str) -> Page:
    """The page of these records. A record whose version alone moved, or its note or customer, is kept in the same
    bytes as before: it is still the same record."""
    received = tuple([_kept(stream, record) for record in records])
    body = b'{"data":[%s]}' % b",".join(record.body for record in received)
    return Page(body=body, records=unpack(stream, body), position=position)


def kept(stream: str, record: msgspec.Raw) -> bytes:
    """A record as it is kept: the fields we read and no others, so that nothing about a customer is ever stored.

    Raises Broken where it has another shape."""
    return written(_read(stream, record))


def unpack(stream: str, body: bytes) -> tuple[Received, ...]:
    """The records of a kept page, in their order and to the byte."""
    if stream == "sales":
        with suppress(Broken):  # one of them is not plain: each is read by itself
            return _plain(body)
    return tuple([_received(stream, record) for record in listed(read(body, Answer))])


def _plain(body: bytes) -> tuple[Received, ...]:
    bodies = Bodies(body, lambda page: listed(read(page, Answer)))
    return bodies.received("sales", [(sale.id, sale) for sale in read_plain(body)])


def _kept(stream: str, body: msgspec.Raw) -> Received:
    try:
        record = _read(stream, body)
    except Broken as error:
        return spoilt(stream, body, ("id",), error)
    return Received(stream=stream, source_id=name_of(record), spelled=written(record), record=record)


def _received(stream: str, body: msgspec.Raw) -> Received:
    """A record kept before its shape was what it is now may not be readable: it is known by its id then."""
    try:
        record = _read(stream, body)
    except Broken:
        return Received(stream=stream, source_id=read(body, Head).source_id, spelled=bytes(body))
    return Received(stream=stream, source_id=name_of(record), spelled=bytes(body), record=record)


def _read(stream: str, body: msgspec.Raw) -> Record:
    if stream == "sales":
        return read_sale(body)
    return read_kept(body, Session) if stream == "sessions" else read(body, SHAPES[stream])
