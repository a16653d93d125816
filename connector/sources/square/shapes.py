"""Which shape the records of a stream have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from connector.errors import Broken
from connector.sources.mending import mended
from connector.sources.square.records import (
    UNREADABLE,
    CatalogObject,
    Kept,
    Location,
    Order,
    Payment,
    Payout,
    PayoutEntry,
    Refund,
    not_a,
)
from connector.sources.square.till_records import Dispute, DrawerShift, GiftCardActivity

Record = (
    Location
    | CatalogObject
    | Order
    | Payment
    | Refund
    | Payout
    | PayoutEntry
    | DrawerShift
    | GiftCardActivity
    | Dispute
)
SHAPES: Mapping[str, type[Record]] = {
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
_RECORDS = {stream: msgspec.json.Decoder(shape) for stream, shape in SHAPES.items()}
_PAGES = {stream: msgspec.json.Decoder(dict[str, list[shape]]) for stream, shape in SHAPES.items()}  # type: ignore[valid-type]


def read_record(stream: str, body: bytes | msgspec.Raw) -> Record:
    """A record of the stream, which names what of it has another shape; raises Broken where all of it has, or Square no
    such stream."""
    shape = SHAPES.get(stream)
    if shape is None:
        raise Broken(f"Square has no stream {stream!r}")
    try:
        return _RECORDS[stream].decode(body)
    except UNREADABLE as error:
        if issubclass(shape, Kept):
            return mended(body, shape, json=msgspec.json.decode)
        raise not_a(shape, error) from error


def read_page(stream: str, body: bytes) -> Mapping[str, Sequence[Record]]:
    """The records of a page of the stream, by the name of their list; raises Broken where one has another shape."""
    try:
        return _PAGES[stream].decode(body)
    except UNREADABLE as error:
        raise not_a(SHAPES[stream], error) from error
