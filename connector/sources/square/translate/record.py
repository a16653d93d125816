"""One Square record → one fact."""

from __future__ import annotations

from connector.domain.facts import Fact
from connector.domain.places import held_for
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.square.records import Kept, Order, Payment, Payout, PayoutEntry, Refund
from connector.sources.square.shapes import read_record
from connector.sources.square.till_records import Dispute, DrawerShift, GiftCardActivity
from connector.sources.square.translate.disputes import dispute_fact
from connector.sources.square.translate.drawers import drawer_fact
from connector.sources.square.translate.gift_cards import gift_card_fact
from connector.sources.square.translate.orders import order_fact
from connector.sources.square.translate.payments import payment_fact
from connector.sources.square.translate.payouts import payout_entry_fact, payout_fact
from connector.sources.square.translate.refunds import refund_fact


def translate(stream: str, source_id: str, body: bytes, shop: Shop) -> Fact:
    """The fact of a record; amounts in the seller's view, minor units.

    Raises Broken where the record has an impossible shape, Unreadable where its location's zone is not known."""
    return fact_of(read_record(stream, body), shop)


def fact_of(record: object, shop: Shop) -> Fact:
    """The fact of a record that is read, held where a part of it could not be; raises as `translate` does."""
    fact = _fact_of(record, shop)
    return held_for(fact, record.unread) if isinstance(record, Kept) and record.unread else fact


def _fact_of(record: object, shop: Shop) -> Fact:
    match record:
        case Order():
            return order_fact(record, shop)
        case Payment():
            return payment_fact(record, shop)
        case Refund():
            return refund_fact(record, shop)
        case Payout():
            return payout_fact(record, shop)
        case PayoutEntry():
            return payout_entry_fact(record, shop)
        case DrawerShift():
            return drawer_fact(record, shop)
        case GiftCardActivity():
            return gift_card_fact(record, shop)
        case Dispute():
            return dispute_fact(record, shop)
    raise Broken(f"Square's records of the kind {type(record).__name__} hold no money")
