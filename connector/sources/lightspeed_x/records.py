"""The fields of X-Series records that we read, and no others: nothing about a customer is ever decoded or kept.

Sales come in the shape of the dated API versions; versions.py brings the older 2.0 shape into it. Enumerations stay
text, for Lightspeed adds to them; every field may be absent or null. Amounts are decimals of the main unit."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, TypeVar

import msgspec

from connector.errors import Broken
from connector.sources.mending import mended, without_no_numbers

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An RFC 3339 moment with its offset; sales are in UTC."""

GIFT_CARD_SOLD = "kept private"  # stands in a kept record for the number of the card, which is as good as money


class TaxComponent(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The part of a line's tax that one rate makes; positive on returns too."""

    rate_id: str | None = None
    total_tax: Decimal | None = None


class ProductRef(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str | None = None


class Pricing(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """`total` is without tax and after the discount; up to five decimals."""

    total: Decimal | None = None
    discount_total: Decimal | None = None


class LineTax(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str | None = None
    total: Decimal | None = None


class Return(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    is_return: bool | None = None
    original_sale_id: str | None = None


class LineMetadata(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    tax_components: tuple[TaxComponent, ...] | None = None


class Line(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str | None = None
    quantity: Decimal | None = None
    status: str | None = None
    product: ProductRef | None = None
    pricing: Pricing | None = None
    tax: LineTax | None = None
    gift_card_number: str | None = None
    return_: Return | None = msgspec.field(name="return", default=None)
    metadata: LineMetadata | None = msgspec.field(name="_metadata", default=None)


class PaymentType(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """`config_id` is the retailer's payment type, `id` the global kind, `name` as it was when paid."""

    config_id: str | None = None
    id: str | int | None = None
    name: str | None = None


class Place(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    type: str | None = None
    outlet_id: str | None = None
    register_id: str | None = None


class PaymentMetadata(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    register_open_sequence_id: str | None = None


class Payment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Money received (+) or given back (−); one that was deleted never counted."""

    id: str | None = None
    amount: Decimal | None = None
    date: Moment | None = None
    deleted_at: str | None = None
    type: PaymentType | None = None
    source: Place | None = None
    metadata: PaymentMetadata | None = msgspec.field(name="_metadata", default=None)


class SaleTax(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The tax of a sale by rate: `id` is the rate's, `tax` its amount."""

    id: str | None = None
    tax: Decimal | None = None


class Adjustment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    adjustment_type: str | None = None
    name: str | None = None
    total: Decimal | None = None
    tax_components: tuple[TaxComponent, ...] | None = None


class OnlineCharge(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    name: str | None = None
    total: Decimal | None = None
    total_tax: Decimal | None = None


class Totals(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """`price` is without tax."""

    price: Decimal | None = None
    tax: Decimal | None = None
    price_incl_tax: Decimal | None = None
    surcharge: Decimal | None = None


class Sale(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A sale as the dated API versions write it. `unread` is ours: it names the parts that have another shape than
    Lightspeed says (sources/mending.py)."""

    id: str
    state: str | None = None
    attributes: tuple[str, ...] | None = None
    date: Moment | None = None
    created_at: Moment | None = None
    deleted_at: str | None = None
    receipt_number: str | None = None
    source: Place | None = None
    totals: Totals | None = None
    line_items: tuple[Line, ...] | None = None
    payments: tuple[Payment, ...] | None = None
    taxes: tuple[SaleTax, ...] | None = None
    adjustments: tuple[Adjustment, ...] | None = None
    ecom_custom_charges: tuple[OnlineCharge, ...] | None = None
    return_: Return | None = msgspec.field(name="return", default=None)
    unread: tuple[str, ...] = ()

    @property
    def outlet(self) -> str:
        return (self.source.outlet_id if self.source else "") or ""

    @property
    def name(self) -> str:
        """What the owner calls it: the number on the receipt, else the id."""
        return self.receipt_number or self.id

    @property
    def taken(self) -> tuple[Payment, ...]:
        """The payments that count."""
        return tuple(payment for payment in self.payments or () if not payment.deleted_at)


class Outlet(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str
    name: str | None = None
    time_zone: str | None = None
    currency: str | None = None


class Register(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str
    name: str | None = None
    outlet_id: str | None = None
    is_open: bool | None = None
    register_open_sequence_id: str | None = None


class PaymentTypeListed(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str
    name: str | None = None
    type_id: int | str | None = None


class TaxRate(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """`rate` is a fraction: 0.15 is 15 %."""

    id: str
    name: str | None = None
    rate: Decimal | None = None


class Tax(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str
    name: str | None = None
    rates: tuple[TaxRate, ...] | None = None


class Named(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    name: str | None = None


class Product(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """`type` is what newer pages call the product category; `categories` are tags."""

    id: str
    name: str | None = None
    type: Named | None = None
    categories: tuple[Named, ...] | None = None


class SessionPayment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    payment_type_id: str | None = None
    payment_type_name: str | None = None
    total: Decimal | None = None


class Session(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What Lightspeed expects in a register that is open now, by payment type. Register, outlet and the moment of
    looking are put there by the client: the answer itself does not name them."""

    register_closure_id: str
    register_id: str | None = None
    outlet_id: str | None = None
    register_open_time: Moment | None = None
    looked_at: Moment | None = None
    register_closure_sequence_number: int | None = None
    payments: tuple[SessionPayment, ...] | None = None
    unread: tuple[str, ...] = ()


Record = Outlet | Register | PaymentTypeListed | Tax | Product | Session | Sale


class Retailer(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str | None = None
    name: str | None = None
    domain_prefix: str | None = None


class Head(msgspec.Struct, frozen=True):
    """What names any record and tells which of two versions is the newer one."""

    id: str | None = None
    register_closure_id: str | None = None
    version: int | None = None
    metadata: Versioned | None = msgspec.field(name="_metadata", default=None)
    updated_at: str | None = None

    @property
    def number(self) -> int:
        return self.version or (self.metadata.version if self.metadata else None) or 0

    @property
    def source_id(self) -> str:
        found = self.id or self.register_closure_id
        if not found:
            raise Broken("a record without an id")
        return found


class Versioned(msgspec.Struct, frozen=True):
    version: int | None = None


class Answer(msgspec.Struct, frozen=True):
    """An answer of any endpoint: its records, left as bytes."""

    data: msgspec.Raw = msgspec.Raw(b"null")


T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)
_ANY = msgspec.json.Decoder(float_hook=Decimal)
_NO_NUMBER = re.compile(rb"NaN|Infinity|\dE|[:.]-?\d{16}")
_WRITER = msgspec.json.Encoder(decimal_format="number")
_MOST_DIGITS = 15  # an amount of more is no amount, and would cost a computer dearly


def read(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """One record or answer of that shape; raises Broken where it has another."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ArithmeticError) as error:
        raise Broken(f"not a {shape.__name__} as Lightspeed writes it: {error}") from error


def read_kept(body: bytes | msgspec.Raw, shape: type[S]) -> S:
    """A sale or session, which names what of it has another shape or is no amount; raises Broken where all has."""
    try:
        record = read(body, shape)
        if not _NO_NUMBER.search(written(record)):
            return record
    except Broken:
        pass
    return mended(body, shape, json=lambda told: without_no_numbers(_ANY.decode(told)))


def name_of(record: Record) -> str:
    """The record's id within its stream; raises Broken where it is empty."""
    found = record.register_closure_id if isinstance(record, Session) else record.id
    if not found:
        raise Broken("a record without an id")
    return found


def listed(answer: Answer) -> list[msgspec.Raw]:
    """The records of an answer; a single one is a list of one, null has none."""
    body = bytes(answer.data).strip()
    if body == b"null":
        return []
    return read(body, list[msgspec.Raw]) if body.startswith(b"[") else [answer.data]


def written(record: msgspec.Struct) -> bytes:
    """A record spelled anew, decimals as the numbers they were."""
    return _WRITER.encode(record)


@lru_cache(maxsize=1 << 16)
def in_minor_units(amount: Decimal | None, places: int) -> Decimal:
    """An amount in minor units of a currency with so many decimals, fractions kept; an absent one is nothing.

    Raises Broken for what is no amount of money (not finite, or beyond fifteen digits either way)."""
    if amount is None:
        return Decimal(0)
    if not amount.is_finite() or abs(amount.adjusted()) > _MOST_DIGITS:
        raise Broken(f"{amount} is no amount of money")
    return amount.scaleb(places)
