"""Sales of the older API 2.0, brought into the shape of the dated versions: one reading for both."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from connector.sources.lightspeed_x.records import (
    GIFT_CARD_SOLD,
    Adjustment,
    Line,
    LineMetadata,
    LineTax,
    Moment,
    OnlineCharge,
    Payment,
    PaymentType,
    Place,
    Pricing,
    ProductRef,
    Return,
    Sale,
    SaleTax,
    TaxComponent,
    Totals,
    read_kept,
)

STATES = {  # status of 2.0 → state and attributes of the dated versions
    "SAVED": ("parked", ()),
    "CLOSED": ("closed", ()),
    "ONACCOUNT": ("pending", ("onaccount",)),
    "LAYBY": ("pending", ("layby",)),
    "ONACCOUNT_CLOSED": ("closed", ("onaccount",)),
    "LAYBY_CLOSED": ("closed", ("layby",)),
    "AWAITING_DISPATCH": ("pending", ("fulfilment",)),
    "AWAITING_PICKUP": ("pending", ("fulfilment",)),
    "DISPATCHED_CLOSED": ("closed", ("fulfilment",)),
    "PICKED_UP_CLOSED": ("closed", ("fulfilment",)),
    "VOIDED": ("voided", ()),
    "SERVICE": ("pending", ("service",)),
    "SERVICE_CLOSED": ("closed", ("service",)),
}  # fmt: skip


class _Line(msgspec.Struct, frozen=True):
    id: str | None = None
    quantity: Decimal | None = None
    status: str | None = None
    product_id: str | None = None
    price_total: Decimal | None = None
    total_price: Decimal | None = None
    discount_total: Decimal | None = None
    total_discount: Decimal | None = None
    tax_id: str | None = None
    tax_total: Decimal | None = None
    total_tax: Decimal | None = None
    tax_components: tuple[TaxComponent, ...] | None = None
    gift_card_number: str | None = None
    is_return: bool | None = None


class _Payment(msgspec.Struct, frozen=True):
    id: str | None = None
    register_id: str | None = None
    outlet_id: str | None = None
    retailer_payment_type_id: str | None = None
    payment_type_id: str | int | None = None
    name: str | None = None
    amount: Decimal | None = None
    payment_date: Moment | None = None
    deleted_at: str | None = None


class _Tax(msgspec.Struct, frozen=True):
    id: str | None = None
    amount: Decimal | None = None


class _Adjustment(msgspec.Struct, frozen=True):
    """The published examples name the kind `type`, the published shape `adjustment_type`."""

    adjustment_type: str | None = None
    type: str | None = None
    name: str | None = None
    value: Decimal | None = None
    total: Decimal | None = None
    tax_components: tuple[TaxComponent, ...] | None = None


class _Charges(msgspec.Struct, frozen=True):
    charges: tuple[OnlineCharge, ...] | None = None


class _Sale(msgspec.Struct, frozen=True):
    id: str
    status: str | None = None
    outlet_id: str | None = None
    register_id: str | None = None
    source: str | None = None
    return_for: str | None = None
    receipt_number: str | None = None
    total_price: Decimal | None = None
    total_tax: Decimal | None = None
    sale_date: Moment | None = None
    created_at: Moment | None = None
    deleted_at: str | None = None
    line_items: tuple[_Line, ...] | None = None
    payments: tuple[_Payment, ...] | None = None
    taxes: tuple[_Tax, ...] | None = None
    adjustments: tuple[_Adjustment, ...] | None = None
    ecom_custom_charges: _Charges | None = None
    unread: tuple[str, ...] = ()


class _Shape(msgspec.Struct, frozen=True):
    status: str | None = None
    unread: tuple[str, ...] = ()


def read_sale(body: bytes | msgspec.Raw) -> Sale:
    """A sale in the shape of the dated versions, whichever of the two it came in; the number of a gift card that was
    sold is taken out. Raises Broken where it has neither shape."""
    sale = read_kept(body, Sale)
    if sale.state is None and read_kept(body, _Shape).status is not None:
        return _dated(read_kept(body, _Sale))
    if sale.line_items is not None and all(line.gift_card_number is None for line in sale.line_items):
        return sale
    lines = tuple(msgspec.structs.replace(each, gift_card_number=_masked(each)) for each in sale.line_items or ())
    return msgspec.structs.replace(sale, line_items=lines)


def _dated(sale: _Sale) -> Sale:
    state, attributes = STATES.get(sale.status or "", (sale.status, ()))
    price, tax = sale.total_price, sale.total_tax
    return Sale(
        id=sale.id,
        state=state,
        attributes=attributes,
        date=sale.sale_date,
        created_at=sale.created_at,
        deleted_at=sale.deleted_at,
        receipt_number=sale.receipt_number,
        source=Place(type=sale.source, outlet_id=sale.outlet_id, register_id=sale.register_id),
        totals=Totals(price=price, tax=tax),
        line_items=tuple(_line(each) for each in sale.line_items or ()),
        payments=tuple(_payment(each) for each in sale.payments or ()),
        taxes=tuple(SaleTax(id=each.id, tax=each.amount) for each in sale.taxes or ()),
        adjustments=tuple(_adjustment(each) for each in sale.adjustments or ()),
        ecom_custom_charges=sale.ecom_custom_charges.charges if sale.ecom_custom_charges else None,
        return_=Return(is_return=bool(sale.return_for), original_sale_id=sale.return_for),
        unread=sale.unread,
    )


def _line(line: _Line) -> Line:
    return Line(
        id=line.id,
        quantity=line.quantity,
        status=line.status,
        product=ProductRef(id=line.product_id),
        pricing=Pricing(
            total=_first(line.price_total, line.total_price),
            discount_total=_first(line.discount_total, line.total_discount),
        ),
        tax=LineTax(id=line.tax_id, total=_first(line.tax_total, line.total_tax)),
        gift_card_number=_masked(line),
        return_=Return(is_return=line.is_return),
        metadata=LineMetadata(tax_components=line.tax_components),
    )


def _payment(payment: _Payment) -> Payment:
    return Payment(
        id=payment.id,
        amount=payment.amount,
        date=payment.payment_date,
        deleted_at=payment.deleted_at,
        type=PaymentType(config_id=payment.retailer_payment_type_id, id=payment.payment_type_id, name=payment.name),
        source=Place(outlet_id=payment.outlet_id, register_id=payment.register_id),
    )


def _adjustment(each: _Adjustment) -> Adjustment:
    return Adjustment(
        adjustment_type=each.adjustment_type or each.type,
        name=each.name,
        total=_first(each.value, each.total),
        tax_components=each.tax_components,
    )


def _masked(line: Line | _Line) -> str | None:
    return GIFT_CARD_SOLD if line.gift_card_number else None


def _first(*amounts: Decimal | None) -> Decimal | None:
    return next((amount for amount in amounts if amount is not None), None)
