"""What every fact says besides its money: where and when, on the shop's own calendar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from connector.domain.places import Frame, Place, calendar_of, needed
from connector.domain.shop import Calendar, Shop
from connector.errors import Unreadable


def framed(stream: str, source_id: str, location: str, moment: datetime | None, shop: Shop) -> Frame:
    """The frame of a record that happened at a moment; raises Broken where it does not say when, Unreadable where the
    shop's zone or currency is not known, saying what to give."""
    happened = needed(moment, stream, source_id)
    return Frame(
        stream=stream,
        source_id=source_id,
        location=location,
        occurred_at=happened,
        business_day=local_day(shop, location, happened),
        currency=currency_of(shop, location),
    )


def place_of(shop: Shop, location: str) -> Place:
    """The shop of this id; raises Unreadable, saying what to give, where its zone or currency is not known."""
    return Place(location, currency_of(shop, location), _calendar(shop, location))


def local_day(shop: Shop, location: str, moment: datetime) -> date:
    """The shop's trading date of a moment; what names no shop takes the zone that most of them keep."""
    return _calendar(shop, location).day(moment)


def _calendar(shop: Shop, location: str) -> Calendar:
    if not location and not shop.zone_of(location):
        shop = Shop(zone=_commonest(place.zone for place in shop.locations.values()))
    return calendar_of(shop, location, "shop", "America/New_York")


def currency_of(shop: Shop, location: str) -> str:
    """The account's currency: no record names one. Raises Unreadable where it is not known."""
    known = shop.locations.get(location)
    code = (known.currency if known else "") or _commonest(place.currency for place in shop.locations.values())
    if not code:
        raise Unreadable(
            f"The currency of shop {location or '(none named)'} is not known: give the saved answer about the account "
            "too (Account.json, with its defaultCurrency)."
        )
    return code


def _commonest(values: Iterable[str]) -> str:
    counts = Counter(value for value in values if value)
    return max(counts, key=lambda value: (counts[value], value), default="")
