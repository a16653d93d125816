"""The answers of the Selling Partner API: the fields we read, typed, and no others."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TypeVar

import msgspec

from connector.errors import Broken

T = TypeVar("T")
DEFERRED, RELEASED = "DEFERRED", "DEFERRED_RELEASED"


class Answer(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The base of what is read; a null is as good as a field left out wherever a field has `| None`."""


class Report(Answer, frozen=True):
    report_id: str
    created_time: datetime
    report_document_id: str | None = None


class Reports(Answer, frozen=True):
    """One page of a listing; the next one is asked for with the token alone."""

    reports: tuple[Report, ...]
    next_token: str | None = None


class Document(Answer, frozen=True):
    """Where the bytes of a report lie, for five minutes."""

    url: str


class Marketplace(Answer, frozen=True):
    name: str
    default_currency_code: str


class Participation(Answer, frozen=True):
    marketplace: Marketplace
    store_name: str = ""


class Participations(Answer, frozen=True):
    payload: tuple[Participation, ...]


class Currency(Answer, frozen=True):
    """An amount in units of the currency, as written."""

    currency_amount: Decimal
    currency_code: str


class Breakdown(Answer, frozen=True):
    """What an amount is made of, and that again, down to the single charge."""

    breakdown_type: str
    breakdown_amount: Currency | None = None
    breakdowns: tuple[Breakdown, ...] | None = None


class Item(Answer, frozen=True):
    breakdowns: tuple[Breakdown, ...] | None = None


class Context(Answer, frozen=True):
    """More about a transaction; of a deferred one, why it is held and until when."""

    deferral_reason: str | None = None
    maturity_date: datetime | None = None


class RelatedIdentifier(Answer, frozen=True):
    related_identifier_name: str | None = None
    related_identifier_value: str | None = None


class MarketplaceDetails(Answer, frozen=True):
    marketplace_name: str | None = None


class Named(Answer, frozen=True):
    """What any transaction is known by, one that cannot be read as well."""

    transaction_id: str


class Transaction(Answer, frozen=True):
    """A financial transaction; what its goods are called and who sold them is not kept."""

    transaction_id: str
    transaction_type: str
    transaction_status: str
    posted_date: datetime
    total_amount: Currency
    marketplace_details: MarketplaceDetails | None = None
    related_identifiers: tuple[RelatedIdentifier, ...] | None = None
    contexts: tuple[Context, ...] | None = None
    breakdowns: tuple[Breakdown, ...] | None = None
    items: tuple[Item, ...] | None = None


class TransactionsPage(Answer, frozen=True):
    """One page, its transactions left as bytes; it may be empty and still have a token.

    The token is sent with the query that gave it."""

    transactions: tuple[msgspec.Raw, ...] | None = None
    next_token: str | None = None


class Transactions(Answer, frozen=True):
    payload: TransactionsPage


class Refusal(Answer, frozen=True):
    code: str = ""
    message: str = ""


class Refusals(Answer, frozen=True):
    errors: tuple[Refusal, ...] = ()


def read(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """One answer or record of that shape; raises Broken where it has another: HTML is not an empty list."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Broken(f"not {shape.__name__} as Amazon writes it: {error}") from error


def written(value: Answer | tuple[Answer, ...]) -> bytes:
    """The same fields again as bytes, amounts as numbers with their own digits."""
    return _ENCODER.encode(value)


_ENCODER = msgspec.json.Encoder(decimal_format="number")
