"""Which decision wins: product, then its category, then the location or channel, then the kind, then the slot.

Each comes with the words that tell it, so that a bookkeeper can see why a line stands where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from connector.domain.account_map import AccountMap, Placement
from connector.domain.defaults import SourceDefaults
from connector.domain.facts import BucketKey
from connector.mapping.rules import Rules

Decision = tuple[Placement, str]


def decisions(key: BucketKey, rules: Rules) -> Iterator[Decision]:
    """Every decision about a bucket by kind and code, the narrowest first, with the words for it. One that names no
    account may still decide tax code and tracking."""
    decided = rules.account_map
    for code, told in _names(key, rules):
        if decided.places:
            yield from _at_places(key, code, told, rules)
        placement = decided.codes.get((key.kind, code))
        if placement:
            yield placement, f"the map decides {told}"


def _names(key: BucketKey, rules: Rules) -> Iterator[tuple[str, str]]:
    """What a bucket may be called in the map, the narrowest name first; the empty one stands for its whole kind."""
    if key.code:
        yield key.code, f"{key.kind} {key.code!r}"
        category = rules.categories.get(key.code, "")
        if category and category != key.code:
            yield category, f"{key.kind} {category!r}, the category of {key.code!r}"
    yield "", f"every {key.kind}"


def _at_places(key: BucketKey, code: str, told: str, rules: Rules) -> Iterator[Decision]:
    location, channel = key.location, key.channel
    at, by = f"at {rules.place_name(location)}", f"by {channel}"
    spots = ((location, channel, f"{at} {by}"), (location, "", at), ("", channel, by))
    for spot_location, spot_channel, where in spots:
        if spot_location or spot_channel:
            placement = rules.account_map.places.get((key.kind, code, spot_location, spot_channel))
            if placement:
                yield placement, f"the map decides {told} {where}"


def slot_decision(slot: str, rules: Rules) -> Decision | None:
    """The decision about a slot, else about the family it belongs to."""
    found = decided_slot(slot, rules.account_map, rules.defaults)
    if found is None:
        return None
    name, placement = found
    of = "" if name == slot else f", to which {slot} belongs"
    return placement, f"the map decides the slot {name}{of}"


def decided_slot(slot: str, decided: AccountMap, defaults: SourceDefaults | None) -> tuple[str, Placement] | None:
    """What the map decides about a slot, with the name that decides: `clearing.card` falls back to `clearing`. A slot
    that asks first is decided under its own name only, so that `refunds` says nothing of refunds of unknown sales."""
    proposed = defaults.account(slot) if defaults else None
    names = (slot,) if proposed and proposed.asks else (slot, slot.partition(".")[0])
    return next(((name, decided.slots[name]) for name in names if name in decided.slots), None)
