"""Xero's JSON: amounts as exact numbers both ways, dates as dates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import msgspec

from connector.domain.money import decimal_text, parse_minor
from connector.errors import Broken
from connector.targets.xero.records import OrganisationRead, Written

_MONEY = frozenset({"UnitAmount", "TaxAmount", "LineAmount", "Amount"})
_MILLISECONDS = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)

T = TypeVar("T")


def wire(collection: str, payloads: Sequence[Mapping[str, object]]) -> bytes:
    """The records of some payloads as the JSON body of one call; amounts are numbers with their currency's decimals."""
    return _ENCODER.encode({collection: [_numbers(item["record"], str(item["currency"])) for item in payloads]})


def alone(payload: Mapping[str, object]) -> bytes:
    """The record of a payload as a body of its own, without a collection around it."""
    return _ENCODER.encode(_numbers(payload["record"], str(payload["currency"])))


def encode(record: Written) -> bytes:
    """A record without money as a JSON body."""
    return _ENCODER.encode(record)


def decode(content: bytes) -> dict[str, object]:
    """The JSON object of an answer, decimals exact, null fields left out; raises ValueError where it is none."""
    body = _DECODER.decode(content)
    if not isinstance(body, dict):
        raise ValueError("the answer is not a JSON object")
    return {str(name): _without_nulls(inner) for name, inner in body.items() if inner is not None}


def items(body: Mapping[str, object], collection: str, kind: type[T]) -> list[T]:
    """The records of an answer; raises Broken where one has an impossible shape."""
    found = body.get(collection, [])
    if not isinstance(found, list):
        raise Broken(f"Xero answered {collection} that are no list")
    try:
        return [msgspec.convert(item, kind, strict=False) for item in found]
    except msgspec.ValidationError as error:
        raise Broken(f"Xero answered {collection} in a shape that cannot be read: {error}") from error


def day(text: str) -> str:
    """The ISO date of `/Date(1552262400000+0000)/` or of a plain one. It is a date, not a moment: never shifted."""
    found = moment(text)
    return found.date().isoformat() if found else text[:10]


def moment(text: str) -> datetime | None:
    """The moment that `/Date(1552262400000+0000)/` is; None where the text is written otherwise."""
    found = _MILLISECONDS.match(text)
    return _EPOCH + timedelta(milliseconds=int(found.group(1))) if found else None


def lock_date(organisation: OrganisationRead) -> date | None:
    """The later of the two lock dates; None where the books are open."""
    texts = [day(text) for text in (organisation.period_lock_date, organisation.end_of_year_lock_date) if text]
    return max(map(date.fromisoformat, texts), default=None)


def minor(amount: Decimal, currency: str) -> int:
    """An amount as read, in minor units; raises ValueError where it has more decimals than its currency."""
    return parse_minor(f"{amount:f}", currency)


def _numbers(value: object, currency: str) -> object:
    if isinstance(value, list):
        return [_numbers(inner, currency) for inner in value]
    if not isinstance(value, dict):
        return value
    return {name: _number(name, inner, currency) for name, inner in value.items()}


def _number(name: str, value: object, currency: str) -> object:
    if name in _MONEY and isinstance(value, int):
        return Decimal(decimal_text(value, currency))
    if name == "CurrencyRate":
        return Decimal(str(value))
    return _numbers(value, currency)


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value if inner is not None]
    return value
