"""A page as it is kept, and its records again: only what records.py names, spelled anew."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from connector.sources.contract import Page, Received
from connector.sources.square.records import (
    Answer,
    CatalogObject,
    Head,
    Location,
    Order,
    Payment,
    Payout,
    PayoutEntry,
    Refund,
    listed,
    read,
)
from connector.sources.square.till_records import Dispute, DrawerShift, GiftCardActivity

SHAPES: dict[str, type[msgspec.Struct]] = {
    "locations": Location,
    "catalog": CatalogObject,
    "orders": Order,
    "payments": Payment,
    "refunds": Refund,
    "payouts": Payout,
    "payout_entries": PayoutEntry,
    "cash_drawers": DrawerShift,
    "gift_card_activities": GiftCardActivity,
    "disputes": Dispute,
}


def kept_page(stream: str, records: Sequence[msgspec.Raw], position: str) -> Page:
    """The page of these records as received. A record whose version alone moved is kept in the same bytes as before:
    a refund re-versions the sale it refunds, and the sale is still the same."""
    received = tuple(_received(stream, msgspec.Raw(_kept(stream, record))) for record in records)
    body = b",".join(record.body for record in received)
    return Page(body=b'{"%s":[%s]}' % (_key(stream).encode(), body), records=received, position=position)


def unpack(stream: str, body: bytes) -> tuple[Received, ...]:
    """The records of a kept page, in their order and to the byte."""
    return tuple(_received(stream, record) for record in listed(read(body, Answer), _key(stream)))


def _received(stream: str, record: msgspec.Raw) -> Received:
    return Received(stream=stream, source_id=read(record, Head).id, body=bytes(record))


def _kept(stream: str, body: msgspec.Raw) -> bytes:
    """A record as it is kept: the fields of its shape and no others, so that nothing about a customer is ever stored.

    Raises Broken where it has another shape."""
    return msgspec.json.encode(read(body, SHAPES[stream]))


def _key(stream: str) -> str:
    return "objects" if stream == "catalog" else stream
