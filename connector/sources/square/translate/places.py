"""What every fact says besides its money: where and when, on the shop's own calendar."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from connector.domain.places import Place, calendar_of
from connector.domain.shop import Calendar, Shop
from connector.errors import Broken


def place_of(shop: Shop, location: str, currency: str) -> Place:
    """The location, selling in this currency; raises Unreadable, saying what to give, where its zone is unknown."""
    return Place(location, currency, _calendar(shop, location))


def local_day(shop: Shop, location: str, moment: datetime) -> date:
    """The location's trading date of a moment; raises Unreadable, saying what to give, where its zone is unknown."""
    return _calendar(shop, location).day(moment)


def account_day(shop: Shop, moment: datetime) -> date:
    """The local day of something that names no location: in the zone that stands in, else in the one that most of
    the merchant's locations keep; raises Unreadable where there is neither."""
    zones = Counter(location.zone for location in shop.locations.values() if location.zone)
    zone = shop.zone or max(zones, key=lambda name: (zones[name], name), default="")
    return local_day(Shop(zone=zone), "", moment)


def known_day(shop: Shop, location: str, moment: datetime) -> date:
    """The location's trading date; the account's where the record names no location or one without a zone."""
    return local_day(shop, location, moment) if shop.zone_of(location) else account_day(shop, moment)


def currency_of(shop: Shop, location: str, *codes: str) -> str:
    """The currency an amount of the record names, else the location's; raises Broken where there is none."""
    for code in codes:
        if code:
            return code
    known = shop.locations.get(location)
    if known is None or not known.currency:
        raise Broken(f"an amount of location {location or '(none named)'} names no currency")
    return known.currency


def _calendar(shop: Shop, location: str) -> Calendar:
    return calendar_of(shop, location, "location", "America/New_York")
