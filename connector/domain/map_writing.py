"""An account map in its one spelling, and what differs between two: the way back from map_file.

The same decisions are always the same bytes: sections in their order, names sorted, text quoted where YAML could take
it for something else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from connector.domain.account_map import AccountMap, Exchange, Placement
from connector.domain.money import decimal_text


@dataclass(frozen=True, slots=True, kw_only=True)
class MapChange:
    """One decision that differs: where it stands, and what it says before and after (empty: not decided)."""

    place: str
    before: str
    after: str


def written_map(account_map: AccountMap) -> str:
    """The map as YAML; reading it gives the same decisions. An empty map is an empty text."""
    body = {
        "books": {"country": account_map.country} if account_map.country else {},
        "slots": {slot: _placement(account_map.slots[slot]) for slot in sorted(account_map.slots)},
        "codes": [
            {"kind": kind, **({"code": code} if code else {}), **_fields(account_map.codes[kind, code])}
            for kind, code in sorted(account_map.codes)
        ],
        "taxes": {code: account_map.taxes[code] for code in sorted(account_map.taxes)},
        "locations": {place: dict(account_map.locations[place]) for place in sorted(account_map.locations)},
        "exchange": _exchange(account_map.exchange) if account_map.exchange else {},
    }
    said = {section: inner for section, inner in body.items() if inner}
    if not said:
        return ""
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False)


def map_changes(before: AccountMap, after: AccountMap) -> tuple[MapChange, ...]:
    """What another version decides otherwise, in the order of the file."""
    old, new = dict(_decisions(before)), dict(_decisions(after))
    return tuple(
        MapChange(place=place, before=old.get(place, ""), after=new.get(place, ""))
        for place in dict.fromkeys([*new, *old])
        if old.get(place, "") != new.get(place, "")
    )


def _decisions(account_map: AccountMap) -> Iterator[tuple[str, str]]:
    if account_map.country:
        yield "books.country", account_map.country
    for slot in sorted(account_map.slots):
        yield f"slots.{slot}", _words(account_map.slots[slot])
    for kind, code in sorted(account_map.codes):
        yield f"codes.{kind}{f'.{code}' if code else ''}", _words(account_map.codes[kind, code])
    for code in sorted(account_map.taxes):
        yield f"taxes.{code}", account_map.taxes[code]
    for place in sorted(account_map.locations):
        yield f"locations.{place}", ", ".join(": ".join(pair) for pair in account_map.locations[place])
    if account_map.exchange:
        yield from _exchange_decisions(account_map.exchange)


def _exchange_decisions(exchange: Exchange) -> Iterator[tuple[str, str]]:
    yield "exchange.home", exchange.home
    yield "exchange.source", exchange.source
    for currency, day in sorted(exchange.rates):
        yield f"exchange.rates.{currency}.{day.isoformat()}", exchange.rates[currency, day]
    for name in sorted(exchange.deposits):
        yield f"exchange.deposits.{name}", decimal_text(exchange.deposits[name], exchange.home)


def _words(placement: Placement) -> str:
    fields = _fields(placement)
    tracking = fields.pop("tracking", {})
    said = [f"{name} {value}" for name, value in fields.items()]
    if isinstance(tracking, dict):
        said += [f"{category} {option}" for category, option in tracking.items()]
    return ", ".join(said)


def _placement(placement: Placement) -> object:
    fields = _fields(placement)
    return fields["account"] if set(fields) == {"account"} else fields


def _fields(placement: Placement) -> dict[str, object]:
    named: dict[str, object] = {
        "role": placement.role,
        "side": placement.side,
        "account": placement.account,
        "number": placement.number,
        "tax_code": placement.tax_code,
        "tracking": dict(placement.tracking),
    }
    return {name: value for name, value in named.items() if value}


def _exchange(exchange: Exchange) -> dict[str, object]:
    rates: dict[str, dict[str, str]] = {}
    for currency, day in sorted(exchange.rates):
        rates.setdefault(currency, {})[day.isoformat()] = exchange.rates[currency, day]
    deposits = {name: decimal_text(exchange.deposits[name], exchange.home) for name in sorted(exchange.deposits)}
    source = {} if exchange.source == "typed" else {"source": exchange.source}
    named = {"home": exchange.home, **source, "rates": rates, "deposits": deposits}
    return {name: value for name, value in named.items() if value}
