"""What every fact says besides its money: where and when, on the store's own calendar, and in which currency."""

from __future__ import annotations

from datetime import datetime

from connector.domain.facts import Problem
from connector.domain.places import NO_AMOUNT, NO_CURRENCY, Frame, Place, needed
from connector.domain.shop import Calendar, Shop
from connector.errors import Unreadable
from connector.sources.loyverse.amounts import Inexact, NoAmount


def framed(stream: str, source_id: str, location: str, moment: datetime | None, shop: Shop) -> Frame:
    """The frame of a record of a store. Raises Broken where it does not say when it happened, Unreadable where the
    store's zone is not known."""
    happened = needed(moment, stream, source_id)
    return Frame(
        stream=stream,
        source_id=source_id,
        location=location,
        occurred_at=happened,
        business_day=_calendar(shop, location).day(happened),
        currency=_currency(shop, location),
    )


def place_of(shop: Shop, location: str) -> Place:
    """The store, of NO_CURRENCY where its currency is not known; raises Unreadable where its zone is not."""
    return Place(location, _currency(shop, location), _calendar(shop, location))


def currency_problems(frame: Frame) -> list[Problem]:
    """Without the merchant's currency amounts are only numbers: they wait."""
    if frame.currency != NO_CURRENCY:
        return []
    message = (
        "Loyverse's receipts and shifts name no currency: give the answer of its merchant endpoint too "
        "(merchant.json), or a file of the shop (--shop)."
    )
    return [Problem(code="currency_unknown", message=message)]


def amount_problems(error: Inexact | NoAmount) -> list[Problem]:
    """An amount that the currency cannot express is not rounded in silence, and what is no number is none: the record
    waits."""
    if isinstance(error, NoAmount):
        return [Problem(code=NO_AMOUNT, message=str(error))]
    return [Problem(code="decimals", message=f"the amount {error}")]


def _calendar(shop: Shop, location: str) -> Calendar:
    try:
        return shop.calendar(location)
    except (KeyError, ValueError):
        name = shop.name_of(location) or "(none named)"
        raise Unreadable(
            f"The time zone of the Loyverse store {name} is not known, and Loyverse does not tell it: say it with "
            f"`connector location NAME {location or 'STORE'} --zone America/New_York`, or in a preview with --zone."
        ) from None


def _currency(shop: Shop, location: str) -> str:
    """The store's currency, else that of any other: a merchant has only one."""
    known = shop.locations.get(location)
    if known and known.currency:
        return known.currency
    return next((place.currency for place in shop.locations.values() if place.currency), NO_CURRENCY)
