"""An account map in its one spelling, and what differs between two: the way back from map_file.

The same decisions are always the same bytes: sections in their order, names sorted, text quoted where YAML could take
it for something else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from connector.domain.account_map import AccountMap, Coverage, Exchange, Placement, Spot
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
        "codes": [{**_spelled(spot), **_fields(to)} for spot, to in _coded(account_map)],
        "taxes": {code: account_map.taxes[code] for code in sorted(account_map.taxes)},
        "locations": {place: dict(account_map.locations[place]) for place in sorted(account_map.locations)},
        "coverage": {slot: _covered(account_map.coverage[slot]) for slot in sorted(account_map.coverage)},
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
    for spot, to in _coded(account_map):
        kind, code, location, channel = spot
        where = "".join(f" {word} {name}" for word, name in (("at", location), ("by", channel)) if name)
        yield f"codes.{kind}{f'.{code}' if code else ''}{where}", _words(to)
    for code in sorted(account_map.taxes):
        yield f"taxes.{code}", account_map.taxes[code]
    for place in sorted(account_map.locations):
        yield f"locations.{place}", ", ".join(": ".join(pair) for pair in account_map.locations[place])
    for slot in sorted(account_map.coverage):
        covered = _covered(account_map.coverage[slot])
        told = covered if isinstance(covered, str) else ", ".join(" ".join(pair) for pair in covered.items())
        yield f"coverage.{slot}", told
    if account_map.exchange:
        yield from _exchange_decisions(account_map.exchange)


def _exchange_decisions(exchange: Exchange) -> Iterator[tuple[str, str]]:
    yield "exchange.home", exchange.home
    yield "exchange.clearing", exchange.clearing
    yield "exchange.source", exchange.source
    for currency, day in sorted(exchange.rates):
        yield f"exchange.rates.{currency}.{day.isoformat()}", exchange.rates[currency, day]
    for name in sorted(exchange.deposits):
        yield f"exchange.deposits.{name}", decimal_text(exchange.deposits[name], exchange.home)


def _coded(account_map: AccountMap) -> list[tuple[Spot, Placement]]:
    """Decisions by kind and code, with those for one place, in the order of the file."""
    everywhere = {(kind, code, "", ""): to for (kind, code), to in account_map.codes.items()}
    return sorted({**everywhere, **account_map.places}.items(), key=lambda entry: entry[0])


def _spelled(spot: Spot) -> dict[str, object]:
    return {name: word for name, word in zip(("kind", "code", "location", "channel"), spot, strict=True) if word}


def _covered(coverage: Coverage) -> str | dict[str, str]:
    if coverage.policy != "fall back":
        return coverage.policy
    named = {"account": coverage.account, "number": coverage.number, "tax_code": coverage.tax_code}
    return {name: word for name, word in named.items() if word}


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
    kept = {} if exchange.clearing == "home" else {"clearing": exchange.clearing}
    named = {"home": exchange.home, **kept, **source, "rates": rates, "deposits": deposits}
    return {name: value for name, value in named.items() if value}
