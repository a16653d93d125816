"""QuickBooks' JSON: money as integer minor units on our side, as exact numbers on theirs; a float nowhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal

import msgspec

from connector.domain.money import decimal_text, parse_minor
from connector.errors import Broken

MONEY = frozenset({"Amount", "TaxAmount", "TotalAmt", "UnitPrice", "TotalTax", "NetAmountTaxable"})
RATES = frozenset({"ExchangeRate", "TaxPercent"})
_RATE = re.compile(r"\d{1,9}(\.\d{1,12})?\Z")

Link = tuple[str, str]  # the kind of a record, and its mark


def wire(payload: dict[str, object]) -> str:
    """The JSON text that goes out: amounts as numbers with the currency's own decimals, never a float on the way.

    Raises Broken where an amount is not an integer or a rate not a plain decimal."""
    return msgspec.json.encode(_numbered(payload, currency_of(payload))).decode()


def currency_of(payload: dict[str, object]) -> str:
    return text_in(payload, "CurrencyRef", "value")


def text_in(payload: object, *path: str) -> str:
    """The text at the end of a path through maps; empty where there is none."""
    for name in path:
        payload = payload.get(name) if isinstance(payload, dict) else None
    return payload if isinstance(payload, str) else ""


def minor(amount: Decimal | None, currency: str) -> int:
    """An amount as read, in minor units; raises Broken where it has more decimals than the currency."""
    try:
        return parse_minor(f"{amount or Decimal(0):f}", currency)
    except ValueError as error:
        raise Broken(f"QuickBooks says an amount that cannot be: {error}") from error


def links(payload: Mapping[str, object]) -> list[Link]:
    """The records of ours that a payload names by their marks, for their ids are not known when it is made."""
    named = [(text_in(link, "TxnType"), text_in(link, "Mark")) for link in _link_maps(payload)]
    return list(dict.fromkeys(named))


def linked(payload: Mapping[str, object], ids: Mapping[Link, str]) -> dict[str, object]:
    """The payload with ids in place of marks; a mark without an id stays, and QuickBooks would refuse it."""
    return {name: _with_ids(inner, ids) for name, inner in payload.items()}


def _link_maps(value: object) -> list[dict[str, object]]:
    if isinstance(value, dict) and "Mark" in value:
        return [value]
    inner: Collection[object] = value.values() if isinstance(value, Mapping) else ()
    if isinstance(value, list | tuple):
        inner = value
    return [found for each in inner for found in _link_maps(each)]


def _with_ids(value: object, ids: Mapping[Link, str]) -> object:
    if isinstance(value, list | tuple):
        return [_with_ids(inner, ids) for inner in value]
    if not isinstance(value, dict):
        return value
    found = ids.get((text_in(value, "TxnType"), text_in(value, "Mark")))
    if found:
        return {"TxnId": found, "TxnType": value["TxnType"]}
    return {name: _with_ids(inner, ids) for name, inner in value.items()}


def _numbered(value: object, currency: str) -> object:
    if isinstance(value, dict):
        return {name: _number(name, inner, currency) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_numbered(inner, currency) for inner in value]
    return value


def _number(name: str, value: object, currency: str) -> object:
    if name in MONEY:
        if type(value) is not int or not currency:
            raise Broken(f"{name} is an integer number of minor units of a known currency, not {value!r}")
        return msgspec.Raw(decimal_text(value, currency).encode())
    if name in RATES:
        if not isinstance(value, str) or not _RATE.match(value):
            raise Broken(f"{name} is a plain decimal in text, not {value!r}")
        return msgspec.Raw(value.encode())
    return _numbered(value, currency)
