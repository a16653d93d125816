"""Sales as the dated API versions write them, amounts left as the digits they are, so that one that was seen before is
looked up and not reckoned again. Only what an ordinary sale needs is read; any other is read in full, by records.py."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from connector.domain.alike import json_of
from connector.domain.remembered import Remembered
from connector.errors import Broken
from connector.sources.lightspeed_x.records import Moment, PaymentMetadata, PaymentType

T = TypeVar("T")
Amount = object
"""A JSON number, or null: an int, or a decimal's digits as text."""


class Plain(msgspec.Struct, frozen=True, gc=False):
    """A record that is only read."""


class PlainProduct(Plain, frozen=True):
    id: str | None = None


class PlainPricing(Plain, frozen=True):
    total: Amount = None
    discount_total: Amount = None


class PlainLineTax(Plain, frozen=True):
    total: Amount = None


class PlainReturn(Plain, frozen=True):
    is_return: bool | None = None


class PlainComponent(Plain, frozen=True):
    rate_id: str | None = None
    total_tax: Amount = None


class PlainMetadata(Plain, frozen=True):
    tax_components: list[PlainComponent] | None = None


class PlainLine(Plain, frozen=True):
    status: str | None = None
    product: PlainProduct | None = None
    pricing: PlainPricing | None = None
    tax: PlainLineTax | None = None
    gift_card_number: str | None = None
    return_: PlainReturn | None = msgspec.field(name="return", default=None)
    metadata: PlainMetadata | None = msgspec.field(name="_metadata", default=None)


class PlainPlace(Plain, frozen=True):
    type: str | None = None
    outlet_id: str | None = None


class PlainPayment(Plain, frozen=True):
    amount: Amount = None
    date: Moment | None = None
    deleted_at: str | None = None
    type: PaymentType | None = None
    source: PlainPlace | None = None
    metadata: PaymentMetadata | None = msgspec.field(name="_metadata", default=None)


class PlainSaleTax(Plain, frozen=True):
    id: str | None = None
    tax: Amount = None


class PlainTotals(Plain, frozen=True):
    price: Amount = None
    tax: Amount = None
    price_incl_tax: Amount = None
    surcharge: Amount = None


class PlainSale(Plain, frozen=True):
    """A sale that says its state, as those of API 2.0 do not. Its lines are as they are written: most were read
    before."""

    id: str
    state: str
    date: Moment
    attributes: tuple[str, ...] | None = None
    deleted_at: str | None = None
    source: PlainPlace | None = None
    totals: PlainTotals | None = None
    line_items: list[msgspec.Raw] | None = None
    payments: list[PlainPayment] | None = None
    taxes: list[PlainSaleTax] | None = None
    adjustments: tuple[Amount, ...] | None = None
    ecom_custom_charges: tuple[Amount, ...] | None = None
    unread: object = None


class _Page(msgspec.Struct, frozen=True, gc=False):
    data: list[PlainSale]


def read_plain(page: bytes) -> list[PlainSale]:
    """The sales of a page; raises Broken where one of them is not plain."""
    return _read(page, _PAGES).data


def read_line(line: bytes) -> PlainLine:
    """A line without its id; raises Broken where it is not plain."""
    return _read(json_of(line), _LINES)


def _read(body: bytes, reader: msgspec.json.Decoder[T]) -> T:
    try:
        return reader.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Broken(f"not what Lightspeed mostly writes: {error}") from error


_digits = Remembered(str).__getitem__
_PAGES = msgspec.json.Decoder(_Page, float_hook=_digits)
_LINES = msgspec.json.Decoder(PlainLine, float_hook=_digits)
