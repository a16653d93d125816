"""The fields of Square's records that we read, and no others: nothing about a customer is ever decoded or kept.

Enumerations stay text, for Square adds to them; every field may be absent or null, for in real answers many are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, TypeVar, get_origin

import msgspec

from connector.errors import Broken

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An RFC 3339 moment of any precision: Square mixes whole seconds, hundredths and milliseconds."""


Minor = Annotated[int, msgspec.Meta(ge=-(10**15), le=10**15)]
"""Whole minor units; what is larger is no amount of money."""


class Kept(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """A record. `unread` is ours: it names the parts that have another shape than Square says (sources/mending.py)."""

    unread: tuple[str, ...] = ()


class Money(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Whole minor units. Payouts name the currency `currency_code`, everything else `currency`."""

    amount: Minor | None = None
    currency: str | None = None
    currency_code: str | None = None

    @property
    def code(self) -> str:
        return self.currency or self.currency_code or ""


class Modifier(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    total_price_money: Money | None = None


class AppliedTax(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    tax_uid: str | None = None
    applied_money: Money | None = None


class AppliedDiscount(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    discount_uid: str | None = None
    applied_money: Money | None = None


class AppliedServiceCharge(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    service_charge_uid: str | None = None
    applied_money: Money | None = None


class Tax(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A tax of an order or a return; the lines name it by `uid`."""

    uid: str | None = None
    name: str | None = None
    percentage: str | None = None
    type: str | None = None
    applied_money: Money | None = None


class Discount(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    uid: str | None = None
    name: str | None = None


class ServiceCharge(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A charge of an order or a return. `applied_money` holds inclusive tax, `total_money` additive tax as well."""

    uid: str | None = None
    name: str | None = None
    type: str | None = None
    taxable: bool | None = None
    treatment_type: str | None = None
    calculation_phase: str | None = None
    applied_money: Money | None = None
    total_money: Money | None = None
    total_tax_money: Money | None = None
    applied_taxes: tuple[AppliedTax, ...] | None = None

    @property
    def is_apportioned(self) -> bool:
        """Apportioned charges stand inside the lines' totals."""
        return self.treatment_type == "APPORTIONED_TREATMENT" or (self.calculation_phase or "").startswith(
            "APPORTIONED"
        )


class LineItem(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A line of an order, or a returned one (whose modifiers have a name of their own, and which may name the line
    that came back)."""

    uid: str | None = None
    source_line_item_uid: str | None = None
    name: str | None = None
    item_type: str | None = None
    catalog_object_id: str | None = None
    variation_total_price_money: Money | None = None
    modifiers: tuple[Modifier, ...] | None = None
    return_modifiers: tuple[Modifier, ...] | None = None
    applied_taxes: tuple[AppliedTax, ...] | None = None
    applied_discounts: tuple[AppliedDiscount, ...] | None = None
    applied_service_charges: tuple[AppliedServiceCharge, ...] | None = None
    total_discount_money: Money | None = None
    total_tax_money: Money | None = None
    total_service_charge_money: Money | None = None
    total_money: Money | None = None


class RoundingAdjustment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    amount_money: Money | None = None


class MoneyAmounts(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    total_money: Money | None = None
    tax_money: Money | None = None
    discount_money: Money | None = None
    tip_money: Money | None = None
    service_charge_money: Money | None = None


class ReturnTip(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    applied_money: Money | None = None


class Return(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    source_order_id: str | None = None
    return_line_items: tuple[LineItem, ...] | None = None
    return_service_charges: tuple[ServiceCharge, ...] | None = None
    return_taxes: tuple[Tax, ...] | None = None
    return_discounts: tuple[Discount, ...] | None = None
    return_tips: tuple[ReturnTip, ...] | None = None
    rounding_adjustment: RoundingAdjustment | None = None
    return_amounts: MoneyAmounts | None = None


class HasStatus(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    status: str | None = None


class Tender(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A tender of an order; `amount_money` includes the tip and is the total of its payment."""

    id: str | None = None
    payment_id: str | None = None
    created_at: Moment | None = None
    amount_money: Money | None = None
    card_details: HasStatus | None = None
    bank_account_details: HasStatus | None = None
    buy_now_pay_later_details: HasStatus | None = None
    square_account_details: HasStatus | None = None

    @property
    def status(self) -> str:
        """The status of the payment as far as the tender tells it; empty where it does not."""
        for detail in (
            self.card_details,
            self.bank_account_details,
            self.buy_now_pay_later_details,
            self.square_account_details,
        ):
            if detail and detail.status:
                return detail.status
        return ""


class OrderSource(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    name: str | None = None


class Order(Kept, frozen=True, gc=False, omit_defaults=True):
    id: str
    location_id: str | None = None
    state: str | None = None
    created_at: Moment | None = None
    closed_at: Moment | None = None
    source: OrderSource | None = None
    line_items: tuple[LineItem, ...] | None = None
    taxes: tuple[Tax, ...] | None = None
    discounts: tuple[Discount, ...] | None = None
    service_charges: tuple[ServiceCharge, ...] | None = None
    returns: tuple[Return, ...] | None = None
    return_amounts: MoneyAmounts | None = None
    net_amounts: MoneyAmounts | None = None
    rounding_adjustment: RoundingAdjustment | None = None
    tenders: tuple[Tender, ...] | None = None
    total_money: Money | None = None
    total_tax_money: Money | None = None
    total_discount_money: Money | None = None
    total_tip_money: Money | None = None
    total_service_charge_money: Money | None = None


class Card(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    card_brand: str | None = None


class CardDetails(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    card: Card | None = None


class ExternalDetails(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    type: str | None = None


class OfflineDetails(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    client_created_at: Moment | None = None


class Payment(Kept, frozen=True, gc=False, omit_defaults=True):
    id: str
    location_id: str | None = None
    order_id: str | None = None
    status: str | None = None
    source_type: str | None = None
    created_at: Moment | None = None
    amount_money: Money | None = None
    tip_money: Money | None = None
    total_money: Money | None = None
    refunded_money: Money | None = None
    card_details: CardDetails | None = None
    external_details: ExternalDetails | None = None
    offline_payment_details: OfflineDetails | None = None


class DestinationDetails(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    card_details: CardDetails | None = None
    external_details: ExternalDetails | None = None


class Refund(Kept, frozen=True, gc=False, omit_defaults=True):
    """`order_id` is the return order; the sale is reached through `payment_id`."""

    id: str
    location_id: str | None = None
    order_id: str | None = None
    payment_id: str | None = None
    status: str | None = None
    created_at: Moment | None = None
    amount_money: Money | None = None
    destination_type: str | None = None
    destination_details: DestinationDetails | None = None


class Destination(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Where a payout goes: the kind of account, and Square's own id of it, which is no bank account's number."""

    type: str | None = None
    id: str | None = None


class Payout(Kept, frozen=True, gc=False, omit_defaults=True):
    id: str
    location_id: str | None = None
    status: str | None = None
    type: str | None = None
    created_at: Moment | None = None
    arrival_date: date | None = None
    amount_money: Money | None = None
    destination: Destination | None = None
    end_to_end_id: str | None = None
    version: int | None = None


class EntryDetails(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    payment_id: str | None = None
    refund_id: str | None = None


class PayoutEntry(Kept, frozen=True, gc=False, omit_defaults=True):
    id: str
    payout_id: str | None = None
    type: str | None = None
    effective_at: Moment | None = None
    gross_amount_money: Money | None = None
    fee_amount_money: Money | None = None
    net_amount_money: Money | None = None
    type_charge_details: EntryDetails | None = None
    type_refund_details: EntryDetails | None = None

    @property
    def settles(self) -> str:
        """The payment or refund that the entry pays out; empty where it is about something else."""
        charge, refund = self.type_charge_details, self.type_refund_details
        return (charge.payment_id if charge else refund.refund_id if refund else "") or ""


class Location(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str
    name: str | None = None
    timezone: str | None = None
    currency: str | None = None
    business_name: str | None = None


class TokenStatus(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    merchant_id: str | None = None
    scopes: tuple[str, ...] | None = None


class CategoryRef(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str | None = None


class VariationData(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    item_id: str | None = None


class CategoryData(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    name: str | None = None


class Variation(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str


class ItemData(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    name: str | None = None
    reporting_category: CategoryRef | None = None
    categories: tuple[CategoryRef, ...] | None = None
    category_id: str | None = None
    variations: tuple[Variation, ...] | None = None


class CatalogObject(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str
    type: str | None = None
    item_data: ItemData | None = None
    item_variation_data: VariationData | None = None
    category_data: CategoryData | None = None


class Head(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What names any record, places it, and tells which of two versions is the newer one."""

    id: str
    location_id: str | None = None
    version: int | None = None
    created_at: Moment | None = None
    opened_at: Moment | None = None
    updated_at: Moment | None = None


T = TypeVar("T")
Answer = dict[str, msgspec.Raw]
"""An answer of any endpoint: its lists and its cursor by name, left as bytes."""
UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def read(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """One record or answer of that shape; raises Broken where it has another."""
    try:
        return msgspec.json.decode(body, type=shape)
    except UNREADABLE as error:
        raise not_a(shape, error) from error


def not_a(shape: type, error: Exception) -> Broken:
    named = "an answer" if get_origin(shape) else f"a {shape.__name__}"
    return Broken(f"not {named} as Square writes it: {error}")


def listed(answer: Answer, key: str) -> list[msgspec.Raw]:
    """The records under a key, as bytes; an absent or null list has none, a single record is a list of one."""
    found = answer.get(key)
    if found is None or bytes(found) == b"null":
        return []
    return read(found, list[msgspec.Raw]) if bytes(found).startswith(b"[") else [found]


def cursor(answer: Answer) -> str:
    """Where the next page begins; empty at the true end. A page without records may still have one."""
    found = answer.get("cursor")
    return "" if found is None or bytes(found) == b"null" else read(found, str)


def minor(money: Money | None) -> int:
    """The whole minor units; an absent amount is nothing."""
    return money.amount or 0 if money else 0
