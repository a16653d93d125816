"""Sales as the dated API versions write them, amounts left as the digits they are, so that one that was seen before is
looked up and not reckoned again. Only what an ordinary sale needs is read; any other is read in full, by records.py."""

from __future__ import annotations

import msgspec

from connector.domain.alike import json_of
from connector.domain.remembered import Remembered
from connector.errors import Broken
from connector.sources.lightspeed_x.records import Line, Moment, PaymentMetadata, PaymentType, read

Amount = object
"""A JSON number, or null: an int, or a decimal's digits as text."""


class Plain(msgspec.Struct, frozen=True, gc=False):
    """A record that is only read."""


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
    try:
        return _READER.decode(page).data
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Broken(f"not sales as Lightspeed mostly writes them: {error}") from error


def read_line(line: bytes) -> Line:
    """A line without its id; raises Broken where it is none."""
    return read(json_of(line), Line)


_READER = msgspec.json.Decoder(_Page, float_hook=Remembered(str).__getitem__)
