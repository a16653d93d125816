"""Receipts as most of them are: only what an ordinary one needs is read, for there are many. Any other receipt is read
in full, by records.py."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from connector.domain.alike import json_of
from connector.errors import Broken
from connector.sources.loyverse.amounts import Amount, digits
from connector.sources.loyverse.records import UNREADABLE, LineItem, Moment

T = TypeVar("T")


class PlainTax(msgspec.Struct, frozen=True, gc=False):
    id: str | None = None
    name: str | None = None
    money_amount: Amount = None


class PlainPayment(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None
    type: str | None = None
    money_amount: Amount = None


class PlainReceipt(msgspec.Struct, frozen=True, gc=False):
    """A receipt that says when it was made. Its lines are as they are written: most were read before."""

    receipt_number: str
    receipt_date: Moment
    receipt_type: str | None = None
    cancelled_at: str | None = None
    store_id: str | None = None
    pos_device_id: str | None = None
    total_money: Amount = None
    total_tax: Amount = None
    total_discount: Amount = None
    tip: Amount = None
    surcharge: Amount = None
    total_taxes: list[PlainTax] | None = None
    line_items: list[msgspec.Raw] | None = None
    payments: list[PlainPayment] | None = None
    history_before: object = None
    unread: object = None


class _Page(msgspec.Struct, frozen=True, gc=False):
    receipts: list[PlainReceipt]


def read_plain(page: bytes) -> list[PlainReceipt]:
    """The receipts of a page; raises Broken where one of them is not plain."""
    return _read(page, _PAGES).receipts


def read_line(line: bytes) -> LineItem:
    """A line without its id; raises Broken where it is none."""
    return _read(json_of(line), _LINES)


def _read(body: bytes, reader: msgspec.json.Decoder[T]) -> T:
    try:
        return reader.decode(body)
    except UNREADABLE as error:
        raise Broken(f"not what Loyverse mostly writes: {error}") from error


_PAGES = msgspec.json.Decoder(_Page, float_hook=digits)
_LINES = msgspec.json.Decoder(LineItem, float_hook=digits)
