"""What a translator must know of the shop beside the record: its places, their zones, the catalogue's categories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place that sells. `closes_at` is the hour after midnight until which a sale belongs to the day before."""

    source_id: str
    name: str
    zone: str
    currency: str = ""
    closes_at: int = 0


class Product(NamedTuple):
    """A product of the catalogue: its name, and its category's, empty where it has none. (A tuple: there are many.)"""

    name: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The locations by id, the catalogue's products by the source's ids of them, and the code that the lines of each
    bear: by its category's name as a rule. `apart` are those whose lines bear the product's own name instead, by id.

    `zone` stands in for a location that is not known; empty where there is none to stand in."""

    locations: Mapping[str, Location] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)
    apart: Mapping[str, str] = field(default_factory=dict)
    zone: str = ""

    def telling_apart(self, names: Mapping[str, str]) -> Shop:
        """The same shop, the lines of these products (id → name) told apart."""
        return replace(self, categories={**self.categories, **names}, apart=names) if names else self

    def as_told(self, told: Shop) -> Shop:
        """The same shop; what a person says of its places goes before what the source says, and places that the source
        does not name are there too."""
        places = {name: _said(place, self.locations.get(name)) for name, place in told.locations.items()}
        return replace(self, locations={**self.locations, **places}, zone=told.zone or self.zone)

    def zone_of(self, location: str) -> str:
        """The IANA zone of a location, else the one that stands in, else empty."""
        known = self.locations.get(location)
        return known.zone if known and known.zone else self.zone

    def name_of(self, location: str) -> str:
        known = self.locations.get(location)
        return known.name if known else location

    def business_day(self, location: str, moment: datetime) -> date:
        """The shop's trading date of a moment; raises KeyError where the location's zone is not known."""
        known = self.locations.get(location)
        zone = known.zone if known and known.zone else self.zone
        if not zone:
            raise KeyError(location)
        return local_day(moment, zone, known.closes_at if known else 0)


def _said(told: Location, known: Location | None) -> Location:
    known = known or Location(source_id=told.source_id, name=told.source_id, zone="")
    return replace(
        known,
        name=told.name or known.name,
        zone=told.zone or known.zone,
        currency=told.currency or known.currency,
        closes_at=told.closes_at or known.closes_at,
    )


def local_day(moment: datetime, zone: str, closes_at: int = 0) -> date:
    """The date in a zone of an aware moment; before the closing hour it is still the day before, by the wall clock."""
    turn = _turn(moment.toordinal(), zone, closes_at) if moment.tzinfo is UTC else None
    if turn is None:
        return _local_day(moment, zone, closes_at)
    return turn.before if moment < turn.at else turn.after


class _Turn(NamedTuple):
    """When one trading day follows another, and which two. (A tuple, as it is read for every record.)"""

    at: datetime
    before: date
    after: date


@lru_cache(maxsize=4096)
def _turn(ordinal: int, zone: str, closes_at: int) -> _Turn | None:
    """The one turn of days within a day of UTC; None where the zone's clocks change in it."""
    day = date.fromordinal(ordinal)
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if not 1 < day.year < 9999:
        return None
    offsets = {(begin + timedelta(hours=hour)).astimezone(ZoneInfo(zone)).utcoffset() for hour in range(25)}
    if len(offsets) > 1:
        return None
    at = begin + (timedelta(hours=closes_at) - (offsets.pop() or timedelta())) % timedelta(days=1)
    after = _local_day(at, zone, closes_at)
    return _Turn(at, after - timedelta(days=1), after)


def _local_day(moment: datetime, zone: str, closes_at: int) -> date:
    local = moment.astimezone(ZoneInfo(zone))
    return local.date() - timedelta(days=1) if local.hour < closes_at else local.date()


def day_over_at(day: date, zone: str, closes_at: int = 0) -> datetime:
    """When a trading day of a place ends, in UTC: an hour that the clocks skip moves forward, one that comes twice is
    the first."""
    end = day + timedelta(days=1)
    return datetime(end.year, end.month, end.day, closes_at, tzinfo=ZoneInfo(zone or "UTC")).astimezone(UTC)
