"""Which decision wins: product, then its category, then the location or channel, then the kind, then the slot.

Each comes with the words that tell it, so that a bookkeeper can see why a line stands where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from connector.domain.account_map import Placement
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
    family = slot.partition(".")[0]
    for name in dict.fromkeys((slot, family)):
        placement = rules.account_map.slots.get(name)
        if placement:
            of = "" if name == slot else f", to which {slot} belongs"
            return placement, f"the map decides the slot {name}{of}"
    return None
