"""The fields of Loyverse's records that we read, and no others: nothing about a customer is ever decoded or kept.

Amounts are JSON numbers and become Decimal, digit by digit; enumerations stay text, for Loyverse adds to them; every
field may be absent or null."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, TypeVar

import msgspec

from connector.domain.money import exponent
from connector.errors import Broken

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An RFC 3339 moment; Loyverse writes UTC with milliseconds."""


class Tax(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A tax of a line or of the whole receipt; `type` is INCLUDED (in the price) or ADDED (to it)."""

    id: str | None = None
    type: str | None = None
    name: str | None = None
    rate: Decimal | None = None
    money_amount: Decimal | None = None


class Discount(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A discount of a line or of the whole receipt; amounts are positive."""

    type: str | None = None
    name: str | None = None
    money_amount: Decimal | None = None


class Modifier(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    price: Decimal | None = None


class LineItem(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A line. `price` is of one unit without modifiers, `gross_total_money` holds modifiers and no discount."""

    item_id: str | None = None
    item_name: str | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    gross_total_money: Decimal | None = None
    total_money: Decimal | None = None
    total_discount: Decimal | None = None
    line_taxes: tuple[Tax, ...] | None = None
    line_discounts: tuple[Discount, ...] | None = None
    line_modifiers: tuple[Modifier, ...] | None = None


class Payment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A tender; `name` is what the payment type was called when the receipt was made."""

    payment_type_id: str | None = None
    name: str | None = None
    type: str | None = None
    money_amount: Decimal | None = None


class Receipt(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A sale or a refund; the amounts of a refund are positive, its type says that they went back.

    `history_before` is our own: it stands in the place of receipts that Loyverse does not serve any more."""

    receipt_number: str
    receipt_type: str | None = None
    receipt_date: Moment | None = None
    cancelled_at: str | None = None
    store_id: str | None = None
    total_money: Decimal | None = None
    total_tax: Decimal | None = None
    total_discount: Decimal | None = None
    tip: Decimal | None = None
    surcharge: Decimal | None = None
    total_taxes: tuple[Tax, ...] | None = None
    total_discounts: tuple[Discount, ...] | None = None
    line_items: tuple[LineItem, ...] | None = None
    payments: tuple[Payment, ...] | None = None
    history_before: Moment | None = None


class CashMovement(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Money put into the drawer or taken out of it; the amount is positive either way."""

    type: str | None = None
    money_amount: Decimal | None = None


class ShiftPayment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    payment_type_id: str | None = None
    money_amount: Decimal | None = None


class Shift(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A drawer opened, and closed with a count once `closed_at` is there."""

    id: str
    store_id: str | None = None
    opened_at: Moment | None = None
    closed_at: Moment | None = None
    starting_cash: Decimal | None = None
    cash_payments: Decimal | None = None
    cash_refunds: Decimal | None = None
    paid_in: Decimal | None = None
    paid_out: Decimal | None = None
    expected_cash: Decimal | None = None
    actual_cash: Decimal | None = None
    gross_sales: Decimal | None = None
    refunds: Decimal | None = None
    discounts: Decimal | None = None
    net_sales: Decimal | None = None
    payments: tuple[ShiftPayment, ...] | None = None
    cash_movements: tuple[CashMovement, ...] | None = None
    history_before: Moment | None = None


class Currency(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    code: str | None = None


class Merchant(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str
    business_name: str | None = None
    currency: Currency | None = None
    created_at: Moment | None = None


class Store(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A shop. `zone` and `closes_at` are not Loyverse's: the owner may write them into a saved answer."""

    id: str
    name: str | None = None
    zone: str | None = None
    closes_at: int | None = None


class PaymentType(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str
    name: str | None = None
    type: str | None = None


class Item(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str
    category_id: str | None = None


class Category(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str
    name: str | None = None


SHAPES: dict[str, type[msgspec.Struct]] = {
    "merchant": Merchant,
    "stores": Store,
    "payment_types": PaymentType,
    "categories": Category,
    "items": Item,
    "receipts": Receipt,
    "shifts": Shift,
}


class Head(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What names any record, and tells when it last changed."""

    id: str | None = None
    receipt_number: str | None = None
    updated_at: Moment | None = None
    closed_at: Moment | None = None
    opened_at: Moment | None = None
    created_at: Moment | None = None

    @property
    def changed_at(self) -> datetime | None:
        """The latest moment the record itself tells."""
        moments = (self.updated_at, self.closed_at, self.opened_at, self.created_at)
        return max((moment for moment in moments if moment), default=None)

    def name(self, stream: str) -> str:
        """The record's id within its stream; raises Broken where it has none."""
        found = self.receipt_number if stream == "receipts" else self.id
        if not found:
            raise Broken(f"a record of Loyverse's {stream} has no id")
        return found


T = TypeVar("T")
Answer = dict[str, msgspec.Raw]
"""An answer of any endpoint: its list and its cursor by name, left as bytes."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def read(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """One record or answer of that shape; raises Broken where it has another."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Broken(f"not a {getattr(shape, '__name__', 'list')} as Loyverse writes it: {error}") from error


def listed(answer: Answer, key: str) -> list[msgspec.Raw]:
    """The records under a key, as bytes; an absent or null list has none, a single record is a list of one."""
    found = answer.get(key)
    if found is None or bytes(found) == b"null":
        return []
    return read(found, list[msgspec.Raw]) if bytes(found).startswith(b"[") else [found]


def cursor(answer: Answer) -> str:
    """Where the next page begins; empty at the true end."""
    found = answer.get("cursor")
    return "" if found is None or bytes(found) == b"null" else read(found, str)


def written(record: msgspec.Struct) -> bytes:
    """A record as it is kept: fields that say nothing are left out, amounts keep their digits."""
    return _ENCODER.encode(record)


def kept(stream: str, body: msgspec.Raw) -> bytes:
    """A record as it is kept: the fields named here and no others. Raises Broken where it has another shape."""
    return written(read(body, SHAPES[stream]))


class Inexact(ValueError):
    """An amount has more decimals than its currency knows."""


def minor(amount: Decimal | None, currency: str) -> int:
    """The amount in whole minor units; an absent one is nothing. Raises Inexact where the currency has no such unit."""
    if not amount:
        return 0
    exact = amount * _unit(currency)
    whole = int(exact)
    if whole != exact:
        raise Inexact(f"{amount} has more decimals than {currency} knows")
    return whole


def rounded(amount: Decimal | None, currency: str) -> int:
    """The nearest number of minor units, halves to even."""
    return round(amount * _unit(currency)) if amount else 0


@cache
def _unit(currency: str) -> int:
    return int(10 ** exponent(currency))
