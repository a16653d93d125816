"""One Loyverse record → one fact."""

from __future__ import annotations

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.loyverse.records import Receipt, Shift, read
from connector.sources.loyverse.translate.receipts import receipt_fact
from connector.sources.loyverse.translate.shifts import shift_fact


def translate(stream: str, source_id: str, body: bytes, shop: Shop) -> Fact:
    """The fact of a record; amounts in the seller's view, minor units.

    Raises Broken where the record has an impossible shape, Unreadable where its store's zone is not known."""
    match stream:
        case "receipts":
            return receipt_fact(read(body, Receipt), shop)
        case "shifts":
            return shift_fact(read(body, Shift), shop)
    raise Broken(f"Loyverse has no stream {stream!r} that holds money (record {source_id})")
