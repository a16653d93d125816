"""What every fact says besides its money: where and when, on the outlet's own calendar."""

from __future__ import annotations

from datetime import date, datetime

from connector.domain.places import NO_CURRENCY
from connector.domain.shop import Shop
from connector.errors import Unreadable


def local_day(shop: Shop, location: str, moment: datetime) -> date:
    """The outlet's trading date of a moment; raises Unreadable, saying what to give, where its zone is not known."""
    try:
        return shop.business_day(location, moment)
    except (KeyError, ValueError):
        raise Unreadable(
            f"The time zone of outlet {location or '(none named)'} is not known: "
            "give the saved outlets too, or name the zone with --zone, such as --zone Pacific/Auckland."
        ) from None


def currency_of(shop: Shop, location: str) -> str:
    """The outlet's currency, for no amount names its own; NO_CURRENCY where it is not known."""
    known = shop.locations.get(location)
    return (known.currency if known else "") or NO_CURRENCY
