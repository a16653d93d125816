"""Orders as most of them are: only what an ordinary sale needs is read, for there are many. Any other order is read in
full, by records.py."""

from __future__ import annotations

import msgspec

from connector.errors import Broken
from connector.sources.square.records import UNREADABLE, Discount, Minor, Money, MoneyAmounts, OrderSource, Tax, Tender


class PlainMoney(msgspec.Struct, frozen=True, gc=False):
    """Whole minor units, in the currency of the order's total."""

    amount: Minor = 0


NOTHING = PlainMoney()


class PlainModifier(msgspec.Struct, frozen=True, gc=False):
    total_price_money: PlainMoney = NOTHING


class PlainAppliedTax(msgspec.Struct, frozen=True, gc=False):
    tax_uid: str = ""
    applied_money: PlainMoney | None = None


class PlainAppliedDiscount(msgspec.Struct, frozen=True, gc=False):
    discount_uid: str = ""
    applied_money: PlainMoney = NOTHING


class PlainLine(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None
    item_type: str | None = None
    catalog_object_id: str | None = None
    variation_total_price_money: PlainMoney = NOTHING
    modifiers: tuple[PlainModifier, ...] = ()
    return_modifiers: object = None
    applied_taxes: tuple[PlainAppliedTax, ...] = ()
    applied_discounts: tuple[PlainAppliedDiscount, ...] = ()
    applied_service_charges: object = None
    total_discount_money: PlainMoney = NOTHING
    total_tax_money: PlainMoney = NOTHING
    total_service_charge_money: PlainMoney = NOTHING
    total_money: PlainMoney = NOTHING


class PlainOrder(msgspec.Struct, frozen=True, gc=False):
    id: str
    location_id: str = ""
    state: str = ""
    source: OrderSource | None = None
    line_items: tuple[PlainLine, ...] = ()
    taxes: tuple[Tax, ...] = ()
    discounts: tuple[Discount, ...] = ()
    service_charges: object = None
    returns: object = None
    return_amounts: object = None
    net_amounts: MoneyAmounts | None = None
    rounding_adjustment: object = None
    tenders: tuple[Tender, ...] = ()
    total_money: Money | None = None
    total_tax_money: PlainMoney = NOTHING
    total_discount_money: PlainMoney = NOTHING
    total_tip_money: PlainMoney = NOTHING
    total_service_charge_money: PlainMoney = NOTHING
    unread: object = None


class _Page(msgspec.Struct, frozen=True, gc=False):
    orders: list[PlainOrder]


def read_plain(page: bytes) -> list[PlainOrder]:
    """The orders of a page; raises Broken where one of them is not plain."""
    try:
        return _READER.decode(page).orders
    except UNREADABLE as error:
        raise Broken(f"not orders as Square mostly writes them: {error}") from error


_READER = msgspec.json.Decoder(_Page)
