"""What every fact says besides its money: where and when, on the outlet's own calendar."""

from __future__ import annotations

from datetime import date, datetime

from connector.domain.places import NO_CURRENCY, Place, calendar_of
from connector.domain.shop import Calendar, Shop


def local_day(shop: Shop, location: str, moment: datetime) -> date:
    """The outlet's trading date of a moment; raises Unreadable, saying what to give, where its zone is not known."""
    return _calendar(shop, location).day(moment)


def place_of(shop: Shop, location: str) -> Place:
    """The outlet, of NO_CURRENCY where its currency is not known; raises Unreadable where its zone is not."""
    return Place(location, currency_of(shop, location), _calendar(shop, location))


def currency_of(shop: Shop, location: str) -> str:
    """The outlet's currency, for no amount names its own; NO_CURRENCY where it is not known."""
    known = shop.locations.get(location)
    return (known.currency if known else "") or NO_CURRENCY


def _calendar(shop: Shop, location: str) -> Calendar:
    return calendar_of(shop, location, "outlet", "Pacific/Auckland")
