"""Locations → what a translator must know of the shop: its places, and which delivery providers it works with."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.shop import Location, Shop
from connector.sources.dash.records import Place, Summary
from connector.sources.dash.translate.tenders import DELIVERY

# Shop has no field for the delivery providers; they lie among its names by key, under a key no product has.
_PROVIDER = "delivery provider|"


def read_shop(places: Iterable[Place], zone: str, summaries: Iterable[Summary] = ()) -> Shop:
    """The shop of these locations, with the delivery providers of the locations and of the summaries at hand."""
    known = list(places)
    names = {name for place in known for name in place.delivery_providers or ()}
    names |= {name for summary in summaries for name in _named(summary)}
    return Shop(
        locations={place.id: location(place) for place in known},
        categories={f"{_PROVIDER}{name}": name for name in sorted(names)},
        zone=zone,
    )


def location(place: Place) -> Location:
    """A location as the house has it."""
    return Location(
        source_id=place.id, name=place.name or place.id, zone=place.timezone or "", currency=place.currency or ""
    )


def providers(summary: Summary, shop: Shop) -> frozenset[str]:
    """The delivery providers that the shop or the summary names."""
    of_shop = (name for key, name in shop.categories.items() if key.startswith(_PROVIDER))
    return frozenset({*of_shop, *_named(summary)})


def _named(summary: Summary) -> set[str]:
    rows = {each.provider for each in summary.delivery_providers or ()}
    return rows | {each.provider for each in summary.payments if each.method == DELIVERY and each.provider}
