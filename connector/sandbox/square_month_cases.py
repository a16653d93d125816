"""What is special about single days of the month: each case is an act on a trading day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.sandbox.body import Body
from connector.sandbox.square_acts import (
    add_tip,
    change_card,
    count_drawer,
    dispute,
    instant_payout,
    keep_as_balance,
    pay_the_rest,
    refund_in_cash,
    sell_offline,
    take_deposit,
    void,
)
from connector.sandbox.square_payments import Pay
from connector.sandbox.square_payouts import Entry
from connector.sandbox.square_prices import Cart, CartLine, Product
from connector.sandbox.square_shop import Occasion, Sale, Shop
from connector.sandbox.square_till import Activity, Drawer

CARD, CASH = Pay(kind="CARD"), Pay(kind="CASH")


@dataclass(slots=True, kw_only=True)
class Trade:
    """A trading day under way: what was sold by card and refunded so far goes into its payout."""

    shop: Shop
    day: date
    zone: ZoneInfo
    cards: list[Sale] = field(default_factory=list)
    refunds: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    afterwards: list["Case"] = field(default_factory=list)
    payout_id: str = ""

    def at(self, hour: int, minute: int = 0, *, fold: int = 0) -> datetime:
        """A moment by the clock on the wall; one that the clocks skipped comes out an hour later."""
        return datetime(self.day.year, self.day.month, self.day.day, hour, minute, tzinfo=self.zone, fold=fold)

    def holds(self, moment: str) -> bool:
        return datetime.fromisoformat(moment).astimezone(self.zone).date() == self.day

    def sell(self, cart: Cart, pays: Sequence[Pay], on: Occasion) -> Sale:
        sale = self.shop.sell(cart, pays, on)
        self.cards.append(sale)
        return sale

    def count_drawer(self, drawer: Drawer, off: int) -> None:
        """The drawer with what is counted in it: what was expected, and so much off."""
        count_drawer(self.shop, replace(drawer, counted=drawer.expected + off))


Case = Callable[[Trade], None]


def _refund_to_another_tender(trade: Trade) -> None:
    sale = trade.sell(_cart(trade, 2000), [CARD], Occasion(at=trade.at(14)))
    back = trade.shop.coming_back(sale, {"line-1": Decimal(1)})
    refund_in_cash(trade.shop, sale, back, at=trade.at(16), reason="Wrong size")


def _part_refund_to_the_card(trade: Trade) -> None:
    sale = trade.sell(_cart(trade, 1000, quantity=3), [CARD], Occasion(at=trade.at(14, 20)))
    back = trade.shop.coming_back(sale, {"line-1": Decimal(1)})
    trade.refunds.append(trade.shop.refund(sale, back, at=trade.at(16, 20), reason="Cold"))


def _split_tender(trade: Trade) -> None:
    pays = [Pay(kind="CARD", amount=1000), Pay(kind="CASH")]
    trade.sell(_cart(trade, 3000), pays, Occasion(at=trade.at(15)))


def _tip_later(trade: Trade) -> None:
    sale = trade.shop.sell(_cart(trade, 4000), [CARD], Occasion(at=trade.at(20)))
    trade.cards.append(add_tip(trade.shop, sale, 700, at=trade.at(20) + timedelta(hours=13)))


def _void_after_closing(trade: Trade) -> None:
    sale = trade.shop.sell(_cart(trade, 1800), [CASH], Occasion(at=trade.at(21)))
    order = trade.shop.get("order", sale.order_id)
    void(trade.shop, order, at=trade.at(21) + timedelta(hours=15))


def _offline(trade: Trade) -> None:
    """Taken 26 hours ago, arrived now: it belongs to the day before."""
    arrived = trade.at(22)
    sale = sell_offline(
        trade.shop, _cart(trade, 2600), CARD, taken_at=arrived - timedelta(hours=26), arrived_at=arrived
    )
    trade.cards.append(sale)


def _gift_card_sold(trade: Trade) -> None:
    sale = trade.shop.gift_card(5000, [CASH], Occasion(at=trade.at(11)))
    details: Body = {"order_id": sale.order_id, "line_item_uid": "line-1"}
    change_card(trade.shop, _activity(trade, "ACTIVATE", 5000, amount=5000, details=details))


def _gift_card_used(trade: Trade) -> None:
    pays = [Pay(kind="SQUARE_GIFT_CARD", amount=2500), Pay(kind="CASH")]
    sale = trade.sell(_cart(trade, 3000), pays, Occasion(at=trade.at(11)))
    details: Body = {"payment_id": sale.paid[0].payment_id, "status": "COMPLETED"}
    change_card(trade.shop, _activity(trade, "REDEEM", 2500, amount=2500, details=details))


def _gift_card_goodwill(trade: Trade) -> None:
    details: Body = {"reason": "COMPLIMENTARY"}
    change_card(trade.shop, _activity(trade, "ADJUST_INCREMENT", 3500, amount=1000, details=details))


def _gift_card_corrected(trade: Trade) -> None:
    details: Body = {"reason": "SUPPORT_ISSUE"}
    change_card(trade.shop, _activity(trade, "ADJUST_DECREMENT", 3000, amount=500, details=details))


def _gift_card_moved(trade: Trade) -> None:
    there: Body = {"transfer_to_gift_card_id": "gftc:7004"}
    here: Body = {"transfer_from_gift_card_id": "gftc:7003"}
    change_card(trade.shop, _activity(trade, "TRANSFER_BALANCE_FROM", 2200, amount=800, details=there))
    change_card(trade.shop, _activity(trade, "TRANSFER_BALANCE_TO", 800, amount=800, details=here, card="7004"))


def _gift_card_cleared(trade: Trade) -> None:
    change_card(trade.shop, _activity(trade, "CLEAR_BALANCE", 0, details={"reason": "REUSE_GIFTCARD"}, card="7004"))


def _gift_card_taken_over(trade: Trade) -> None:
    change_card(trade.shop, _activity(trade, "IMPORT", 1500, amount=1500, card="7005"))


def _gift_card_blocked(trade: Trade) -> None:
    change_card(trade.shop, _activity(trade, "BLOCK", 1500, details={"reason": "CHARGEBACK_BLOCK"}, card="7005"))


def _reserve_held(trade: Trade) -> None:
    trade.entries.append(Entry(type="RESERVE_HOLD", effective_at=trade.at(23), gross=-1500, details={}))


def _reserve_released(trade: Trade) -> None:
    trade.entries.append(Entry(type="RESERVE_RELEASE", effective_at=trade.at(23), gross=1500, details={}))


def _entry_that_nobody_knows(trade: Trade) -> None:
    trade.entries.append(Entry(type="SPARKLE_CREDIT", effective_at=trade.at(23), gross=123, details={}))


def _tender_that_nobody_knows(trade: Trade) -> None:
    pay = Pay(kind="EXTERNAL", external_type="CARRIER_PIGEON")
    trade.sell(_cart(trade, 900), [pay], Occasion(at=trade.at(17)))


def _dispute_lost(trade: Trade) -> None:
    trade.entries += dispute(trade.shop, trade.cards[0], amount=600, at=trade.at(22), state="LOST")


def _dispute_won(trade: Trade) -> None:
    """Taken with this payout and given back with it too: the bank decided before the payout was made."""
    trade.entries += dispute(trade.shop, trade.cards[0], amount=400, at=trade.at(22), state="WON")


def _instant_payout(trade: Trade) -> None:
    trade.entries += instant_payout(trade.shop, 1000, at=trade.at(19), arrival=trade.day)


def _kept_as_balance(trade: Trade) -> None:
    trade.afterwards.append(lambda after: keep_as_balance(after.shop, after.payout_id))


def _deposit(trade: Trade) -> None:
    """Half of a party is paid today, the rest four days later."""
    sale = take_deposit(
        trade.shop, _cart(trade, 20_000), Pay(kind="CARD", amount=8000), Occasion(at=trade.at(13))
    )  # fmt: skip
    trade.cards.append(sale)
    pay_the_rest(trade.shop, sale, CASH, at=trade.at(13) + timedelta(days=4))


def _left_open(trade: Trade) -> None:
    """A deposit for April: the order is still open when the month ends."""
    trade.cards.append(
        take_deposit(trade.shop, _cart(trade, 12_000), Pay(kind="CARD", amount=3000), Occasion(at=trade.at(13, 10)))
    )


def _the_hour_that_was_there_twice(trade: Trade) -> None:
    trade.sell(_cart(trade, 700), [CARD], Occasion(at=trade.at(1, 30, fold=1)))


def _cart(trade: Trade, price: int, *, quantity: int = 1) -> Cart:
    product = Product(variation_id=None, name="Tasting box", category=None, price=price)
    return Cart(lines=(CartLine(product=product, quantity=Decimal(quantity)),))


def _activity(
    trade: Trade, kind: str, balance: int, *, amount: int | None = None, details: Body | None = None, card: str = "7003"
) -> Activity:
    return Activity(
        card=card, type=kind, at=trade.at(11, 1), balance=balance, amount=amount, details=details or {}
    )  # fmt: skip


def _march(cases: Mapping[int, tuple[Case, ...]]) -> dict[date, tuple[Case, ...]]:
    return {date(2026, 3, day): of_day for day, of_day in cases.items()}


OF_NEW_YORK = _march({
    2: (_refund_to_another_tender,),
    3: (_gift_card_sold,),
    4: (_split_tender,),
    5: (_tip_later,),
    6: (_gift_card_used,),
    7: (_part_refund_to_the_card,),
    8: (_split_tender,),
    10: (_gift_card_goodwill,),
    11: (_gift_card_corrected,),
    12: (_gift_card_moved, _reserve_held),
    13: (_void_after_closing,),
    15: (_offline,),
    16: (_instant_payout,),
    17: (_deposit,),
    18: (_dispute_lost,),
    20: (_gift_card_cleared, _reserve_released),
    23: (_entry_that_nobody_knows,),
    24: (_gift_card_taken_over,),
    25: (_dispute_won,),
    27: (_gift_card_blocked,),
    28: (_tender_that_nobody_knows,),
    30: (_left_open,),
}) | {date(2025, 11, 2): (_the_hour_that_was_there_twice,)}  # fmt: skip
OF_LONDON = _march({
    6: (_part_refund_to_the_card,), 10: (_refund_to_another_tender,), 14: (_kept_as_balance,), 20: (_split_tender,),
})  # fmt: skip
OF_TOKYO = _march({4: (_split_tender,), 9: (_part_refund_to_the_card,), 21: (_void_after_closing,)})
