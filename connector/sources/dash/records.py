"""The fields of the contract `dash-daily-summary/1` that we read, and no others. The contract is defined by this
project, not by Dash: docs/dash-contract.md.

Money is a decimal in quotes, so it is never a float on its way. What may be absent may be null as well."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

import msgspec

from connector.domain.money import parse_minor
from connector.errors import Broken
from connector.sources.mending import mended

CONTRACT = "dash-daily-summary/1"
CURRENCIES = ("USD", "CAD")

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Amount = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,9})?$")]
"""A plain decimal in quotes, such as "-12.50"."""
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """A location, as a summary names it or as the list of locations has it."""

    id: Key
    name: str | None = None
    timezone: str | None = None
    currency: str | None = None
    delivery_providers: tuple[str, ...] | None = None


class Product(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was sold of a product: gross − discount − refunded = net, all without tax.

    `tax_ids` says by which taxes, `provider` through which delivery provider; both may be left out."""

    net: Amount
    product_id: str | None = None
    product: str | None = None
    category: str | None = None
    gross: Amount | None = None
    discount: Amount | None = None
    refunded: Amount | None = None
    tax_ids: tuple[str, ...] | None = None
    provider: str | None = None

    @property
    def code(self) -> str:
        """What its sales are grouped by."""
        return self.category or self.product or self.product_id or "Uncategorised"


class Tax(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tax of the sales at the till, after what was refunded of it. `rate` is a fraction: "0.13" is 13 %."""

    tax_id: Key
    amount: Amount
    name: str | None = None
    rate: Amount | None = None
    taxable: Amount | None = None
    refunded: Amount | None = None

    @property
    def title(self) -> str:
        """Name and percentage: "HST 13%"."""
        name, percent = self.name or self.tax_id, _percent(self.rate)
        return name if not percent or name.endswith(percent) else f"{name} {percent}"


class Payment(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was taken by a method, after what was refunded by it."""

    method: Key
    amount: Amount
    provider: str | None = None
    refunded: Amount | None = None


class GiftCards(msgspec.Struct, frozen=True, omit_defaults=True):
    sold: Amount | None = None
    redeemed: Amount | None = None


class DeliveryProvider(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came through one provider: `net_sales` and `tips` are among those of the day, `tax` is told here alone.

    `tax_remitted_by` is provider or merchant; where it is missing the tax waits for a person."""

    provider: Key
    net_sales: Amount
    tax: Amount | None = None
    tax_remitted_by: str | None = None
    tax_id: str | None = None
    tips: Amount | None = None
    commission: Amount | None = None


class Fee(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody kept; `deducted` says whether a payment's amount is told without it."""

    amount: Amount
    fee_id: str | None = None
    name: str | None = None
    deducted: bool | None = None


class PaidOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Cash taken out of the till to pay something; `deducted` says whether the cash is told without it."""

    amount: Amount
    paid_out_id: str | None = None
    name: str | None = None
    deducted: bool | None = None


class Summary(msgspec.Struct, frozen=True, omit_defaults=True):
    """One business day of one location. Where `superseded_by` is more than 0, a higher revision is known, and
    `unread` names the parts that have another shape (sources/mending.py); only we write both."""

    contract: str
    location: Place
    business_date: date
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    revision: Annotated[int, msgspec.Meta(ge=1)]
    closed: bool
    products: tuple[Product, ...]
    taxes: tuple[Tax, ...]
    payments: tuple[Payment, ...]
    closed_at: Moment | None = None
    gift_cards: GiftCards | None = None
    tips: Amount | None = None
    service_charges: Amount | None = None
    rounding: Amount | None = None
    fees: tuple[Fee, ...] | None = None
    paid_out: Amount | None = None
    paid_outs: tuple[PaidOut, ...] | None = None
    delivery_providers: tuple[DeliveryProvider, ...] | None = None
    superseded_by: int = 0
    unread: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Location and day: what a higher revision of has the same."""
        return f"{self.location.id}/{self.business_date.isoformat()}"

    @property
    def source_id(self) -> str:
        """The name; a superseded revision is a record beside it."""
        return f"{self.name}#{self.revision}" if self.superseded_by else self.name


class Stamp(msgspec.Struct, frozen=True):
    """When an answer's record was changed last; it is not kept, for it is no part of the day."""

    updated_at: Moment | None = None


class Told(msgspec.Struct, frozen=True):
    """Which day a summary tells that cannot be read otherwise."""

    business_date: date | None = None


class Merchant(msgspec.Struct, frozen=True):
    id: str = ""
    name: str = ""


class Answer(msgspec.Struct, frozen=True):
    """A page of either list; its records are left as bytes."""

    data: tuple[msgspec.Raw, ...] = ()
    next_cursor: str | None = None
    merchant: Merchant | None = None


T = TypeVar("T")


def read(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """One record or answer of that shape; raises Broken where it has another."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Broken(f"not a {shape.__name__} of the contract {CONTRACT}: {error}") from error


def read_summary(body: bytes | msgspec.Raw) -> Summary:
    """A summary, which names what of it has another shape; raises Broken where all of it has."""
    try:
        return read(body, Summary)
    except Broken:
        return mended(body, Summary, json=msgspec.json.decode)


def minor(text: str | None, currency: str) -> int:
    """The whole minor units; an absent amount is nothing. Raises Broken for a fraction of a cent."""
    try:
        return parse_minor(text, currency) if text else 0
    except ValueError as error:
        raise Broken(f"{error}") from error


def _percent(rate: str | None) -> str:
    if not rate or not Decimal(rate):
        return ""
    text = f"{Decimal(rate) * 100:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"
