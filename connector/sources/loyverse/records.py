"""The fields of Loyverse's records that we read, and no others: nothing about a customer is ever decoded or kept.

Amounts stay as they are written until `minor` makes integers of them (amounts.py); enumerations stay text, for
Loyverse adds to them; every field may be absent or null."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec

from connector.errors import Broken
from connector.sources.loyverse.amounts import Amount, digits, number
from connector.sources.mending import mended

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An RFC 3339 moment; Loyverse writes UTC with milliseconds."""


class Tax(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A tax of a line or of the whole receipt; `type` is INCLUDED (in the price) or ADDED (to it)."""

    id: str | None = None
    type: str | None = None
    name: str | None = None
    rate: Amount = None
    money_amount: Amount = None


class Discount(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A discount of a line or of the whole receipt; amounts are positive."""

    type: str | None = None
    name: str | None = None
    money_amount: Amount = None


class Modifier(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    price: Amount = None


class LineItem(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A line. `price` is of one unit without modifiers, `gross_total_money` holds modifiers and no discount."""

    item_id: str | None = None
    item_name: str | None = None
    quantity: Amount = None
    price: Amount = None
    gross_total_money: Amount = None
    total_money: Amount = None
    total_discount: Amount = None
    line_taxes: tuple[Tax, ...] | None = None
    line_discounts: tuple[Discount, ...] | None = None
    line_modifiers: tuple[Modifier, ...] | None = None


class Payment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A tender; `name` is what the payment type was called when the receipt was made."""

    payment_type_id: str | None = None
    name: str | None = None
    type: str | None = None
    money_amount: Amount = None


class Kept(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """A record. `unread` is ours: it names the parts that have another shape than Loyverse says (sources/mending.py);
    an amount that is no number is found when it is translated."""

    unread: tuple[str, ...] = ()


class Receipt(Kept, frozen=True, gc=False, omit_defaults=True):
    """A sale or a refund; the amounts of a refund are positive, its type says that they went back.

    `history_before` is our own: it stands in the place of receipts that Loyverse does not serve any more."""

    receipt_number: str
    receipt_type: str | None = None
    receipt_date: Moment | None = None
    cancelled_at: str | None = None
    store_id: str | None = None
    pos_device_id: str | None = None
    total_money: Amount = None
    total_tax: Amount = None
    total_discount: Amount = None
    tip: Amount = None
    surcharge: Amount = None
    total_taxes: tuple[Tax, ...] | None = None
    total_discounts: tuple[Discount, ...] | None = None
    line_items: tuple[LineItem, ...] | None = None
    payments: tuple[Payment, ...] | None = None
    history_before: Moment | None = None


class CashMovement(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Money put into the drawer or taken out of it; the amount is positive either way."""

    type: str | None = None
    money_amount: Amount = None


class ShiftPayment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    payment_type_id: str | None = None
    money_amount: Amount = None


class Shift(Kept, frozen=True, gc=False, omit_defaults=True):
    """A drawer opened, and closed with a count once `closed_at` is there."""

    id: str
    store_id: str | None = None
    pos_device_id: str | None = None
    opened_at: Moment | None = None
    closed_at: Moment | None = None
    starting_cash: Amount = None
    cash_payments: Amount = None
    cash_refunds: Amount = None
    paid_in: Amount = None
    paid_out: Amount = None
    expected_cash: Amount = None
    actual_cash: Amount = None
    gross_sales: Amount = None
    refunds: Amount = None
    discounts: Amount = None
    net_sales: Amount = None
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
    item_name: str | None = None
    category_id: str | None = None


class Category(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    id: str
    name: str | None = None


Record = Merchant | Store | PaymentType | Category | Item | Receipt | Shift
SHAPES: dict[str, type[Record]] = {
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

_LISTS = dict[str, list[msgspec.Raw] | str | None]
_RECORDS = {stream: msgspec.json.Decoder(shape, float_hook=digits) for stream, shape in SHAPES.items()}
_PAGES = {
    stream: msgspec.json.Decoder(dict[str, list[shape] | str | None], float_hook=digits)  # type: ignore[valid-type]
    for stream, shape in SHAPES.items()
}
_FLAG = re.compile(rb"true|false")
_ANY = msgspec.json.Decoder(float_hook=digits)
_ENCODER = msgspec.json.Encoder(enc_hook=number)
UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def read(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """One record or answer of that shape; raises Broken where it has another."""
    try:
        return msgspec.json.Decoder(shape, float_hook=digits).decode(body)
    except UNREADABLE as error:
        raise _not_a(shape, error) from error


def read_record(stream: str, body: bytes | msgspec.Raw) -> Record:
    """A record of the stream, which names what of it has another shape; raises Broken where all of it has."""
    try:
        return _RECORDS[stream].decode(body)
    except UNREADABLE as error:
        if stream in ("receipts", "shifts"):
            return mended(body, SHAPES[stream], json=_without_flags)
        raise _not_a(SHAPES[stream], error) from error


def read_new(stream: str, body: bytes | msgspec.Raw) -> Record:
    """A record as it came. True and false, which would be taken for 1 and 0, can only stand in the place of an amount:
    they are kept as words. Raises Broken where all of it has another shape."""
    record = read_record(stream, body)
    return mended(written(record), type(record), json=_without_flags) if _FLAG.search(written(record)) else record


def _without_flags(body: bytes | msgspec.Raw) -> object:
    return _worded(_ANY.decode(body))


def _worded(told: object) -> object:
    if isinstance(told, dict):
        return {name: _worded(each) for name, each in told.items()}
    if isinstance(told, list):
        return [_worded(each) for each in told]
    return str(told) if isinstance(told, bool) else told


def read_page(stream: str, body: bytes) -> Sequence[Record]:
    """The records of a page of the stream; raises Broken where one has another shape, or they are no list."""
    try:
        found = _PAGES[stream].decode(body).get(stream)
    except UNREADABLE as error:
        raise _not_a(SHAPES[stream], error) from error
    if not isinstance(found, list):
        raise Broken(f"a page of Loyverse's {stream} holds no list of them")
    return found


def name_of(record: Record) -> str:
    """The record's id within its stream; raises Broken where it is empty."""
    found = record.receipt_number if isinstance(record, Receipt) else record.id
    if not found:
        raise Broken(f"a {type(record).__name__} of Loyverse has no id")
    return found


def listed(answer: Answer, key: str) -> list[msgspec.Raw]:
    """The records under a key, as bytes; an absent or null list has none, a single record is a list of one."""
    found = answer.get(key)
    if found is None or bytes(found) == b"null":
        return []
    return read(found, list[msgspec.Raw]) if bytes(found).startswith(b"[") else [found]


def unpacked(body: bytes, key: str) -> list[msgspec.Raw]:
    """The records under a key of a page, as bytes; those of a list are found in one pass."""
    try:
        found = read(body, _LISTS).get(key)
    except Broken:
        found = None
    return found if isinstance(found, list) else listed(read(body, Answer), key)


def cursor(answer: Answer) -> str:
    """Where the next page begins; empty at the true end."""
    found = answer.get("cursor")
    return "" if found is None or bytes(found) == b"null" else read(found, str)


def written(record: msgspec.Struct) -> bytes:
    """A record as it is kept: fields that say nothing are left out, amounts keep their digits."""
    return _ENCODER.encode(record)


def _not_a(shape: type, error: Exception) -> Broken:
    return Broken(f"not a {getattr(shape, '__name__', 'list')} as Loyverse writes it: {error}")
