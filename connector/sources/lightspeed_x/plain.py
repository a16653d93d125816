"""Sales as the dated API versions write them, amounts left as the digits they are, so that one that was seen before is
looked up and not reckoned again. Only what an ordinary sale needs is read; any other is read in full, by records.py."""

from __future__ import annotations

import msgspec

from connector.domain.remembered import Remembered
from connector.errors import Broken
from connector.sources.lightspeed_x.records import Moment, PaymentMetadata, PaymentType, ProductRef

Amount = object
"""A JSON number, or null: an int, or a decimal's digits as text."""


class Plain(msgspec.Struct, frozen=True, gc=False):
    """A record that is only read."""


class PlainReturn(Plain, frozen=True):
    is_return: bool | None = None


class PlainComponent(Plain, frozen=True):
    rate_id: str | None = None
    total_tax: Amount = None


class PlainPricing(Plain, frozen=True):
    total: Amount = None
    discount_total: Amount = None


class PlainTax(Plain, frozen=True):
    total: Amount = None


class PlainMetadata(Plain, frozen=True):
    tax_components: tuple[PlainComponent, ...] | None = None


class PlainLine(Plain, frozen=True):
    """A line without its id: lines that are alike are equal."""

    status: str | None = None
    product: ProductRef | None = None
    pricing: PlainPricing | None = None
    tax: PlainTax | None = None
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
    """A sale that says its state, as those of API 2.0 do not."""

    id: str
    state: str
    date: Moment
    attributes: tuple[str, ...] | None = None
    deleted_at: str | None = None
    source: PlainPlace | None = None
    totals: PlainTotals | None = None
    line_items: list[PlainLine] | None = None
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


_READER = msgspec.json.Decoder(_Page, float_hook=Remembered(str).__getitem__)
