"""A page as it is kept, and its records again: only what records.py names, spelled anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from connector.sources.contract import Page, Received
from connector.sources.loyverse.records import Answer, Head, Receipt, Shift, kept, listed, read, written


def kept_page(stream: str, records: Sequence[msgspec.Raw], position: str) -> Page:
    """The page of these records as received. A receipt whose moment of change alone moved is kept in the same bytes as
    before: a refund that names a sale changes nothing of the sale."""
    received = tuple(_received(stream, msgspec.Raw(kept(stream, record))) for record in records)
    body = b",".join(record.body for record in received)
    return Page(body=b'{"%s":[%s]}' % (stream.encode(), body), records=received, position=position)


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
    return tuple(_received(stream, record) for record in listed(read(body, Answer), stream))


def _received(stream: str, record: msgspec.Raw) -> Received:
    return Received(stream=stream, source_id=read(record, Head).name(stream), body=bytes(record))
