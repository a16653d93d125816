"""One Loyverse record → one fact."""

from __future__ import annotations

from connector.domain.facts import Fact
from connector.domain.places import held_for
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.loyverse.records import Receipt, Shift, read_record
from connector.sources.loyverse.translate.receipts import receipt_fact
from connector.sources.loyverse.translate.shifts import shift_fact


def translate(stream: str, source_id: str, body: bytes, shop: Shop) -> Fact:
    """The fact of a record; amounts in the seller's view, minor units.

    Raises Broken where the record has an impossible shape, Unreadable where its store's zone is not known."""
    if stream not in ("receipts", "shifts"):
        raise Broken(f"Loyverse has no stream {stream!r} that holds money (record {source_id})")
    return fact_of(read_record(stream, body), shop)


def fact_of(record: object, shop: Shop) -> Fact:
    """The fact of a record that is read, held where a part of it could not be; raises as `translate` does."""
    if isinstance(record, Receipt | Shift):
        fact = receipt_fact(record, shop) if isinstance(record, Receipt) else shift_fact(record, shop)
        return held_for(fact, record.unread) if record.unread else fact
    raise Broken(f"a {type(record).__name__} of Loyverse holds no money")
