"""One Square record → one fact."""

from __future__ import annotations

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.errors import Broken
from connector.sources.square.records import Order, Payment, Payout, PayoutEntry, Refund, read
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
    match stream:
        case "orders":
            return order_fact(read(body, Order), shop)
        case "payments":
            return payment_fact(read(body, Payment), shop)
        case "refunds":
            return refund_fact(read(body, Refund), shop)
        case "payouts":
            return payout_fact(read(body, Payout), shop)
        case "payout_entries":
            return payout_entry_fact(read(body, PayoutEntry), shop)
        case "cash_drawers":
            return drawer_fact(read(body, DrawerShift), shop)
        case "gift_card_activities":
            return gift_card_fact(read(body, GiftCardActivity), shop)
        case "disputes":
            return dispute_fact(read(body, Dispute), shop)
    raise Broken(f"Square has no stream {stream!r} that holds money (record {source_id})")
