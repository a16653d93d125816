"""A small shop for many worlds: two trading days with cards, cash, a refund and a payout; and what changes later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from connector.sandbox.shelf import Shelf
from connector.sandbox.square_acts import add_tip, sell_offline
from connector.sandbox.square_prices import Cart, CartLine, Product
from connector.sandbox.square_shop import Occasion, Sale, Shop
from connector.sandbox.square_weekend import CARD, CASH, LATTE, SANDWICH, WINE, main_street

FIRST, SECOND = date(2026, 3, 10), date(2026, 3, 11)
START = datetime(2026, 3, 14, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """The shop, and the sale that is touched again later."""

    shop: Shop
    tipped_later: Sale


def trade(shelf: Shelf) -> Trade:
    """Fill a fresh shelf with two days of trade."""
    with shelf.transaction():
        shop = main_street(shelf)
        lattes = shop.sell(cart(LATTE, 2), [CARD], _on(FIRST, 13))
        shop.sell(cart(SANDWICH), [CASH], _on(FIRST, 14))
        evening = shop.sell(cart(WINE), [CARD], _on(FIRST, 18))
        sandwich = shop.sell(cart(SANDWICH, 3), [CARD], _on(SECOND, 15))
        refund = shop.refund_amount(lattes, 300, at=_at(SECOND, 16), reason="Cold coffee")
        paid_out = shop.charges(lattes, sandwich) + shop.refunds(refund)
        arrival = date(2026, 3, 12)
        shop.payout(paid_out, at=_at(SECOND, 23), arrival=arrival, settled_at=_at(arrival, 12))
    return Trade(shop=shop, tipped_later=evening)


def change(of: Trade, at: datetime) -> None:
    """A tip typed in late, and a sale of the first day that the till sends only now."""
    add_tip(of.shop, of.tipped_later, 500, at=at)
    sell_offline(of.shop, cart(LATTE, 4), CASH, taken_at=_at(FIRST, 19), arrived_at=at)


def cart(product: Product, quantity: int = 1) -> Cart:
    return Cart(lines=(CartLine(product=product, quantity=Decimal(quantity)),))


def _on(day: date, hour: int) -> Occasion:
    return Occasion(at=_at(day, hour))


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
