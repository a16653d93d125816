"""What a translator must know of the shop beside the record: its places, their zones, the catalogue's categories."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

from connector.domain.remembered import Remembered

V = TypeVar("V")
MOST_DAYS = 1 << 12  # of a calendar that are kept in mind
MOST_PLACES = 1 << 10  # of a shop


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
    _reckoned: dict[object, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    def at(self, location: str, make: Callable[[Shop, str], V]) -> V:
        """What `make`, which is pure, makes of this shop and one of its locations, made when it is first asked for: it
        is asked for every record. It is given the shop anew, so that the two do not keep each other."""
        found = self._reckoned.get((make, location))
        if found is None:
            if len(self._reckoned) >= MOST_PLACES:
                self._reckoned.clear()
            found = self._reckoned[make, location] = make(replace(self), location)
        return cast(V, found)

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
        return self.calendar(location).day(moment)

    def calendar(self, location: str) -> Calendar:
        """The trading days of a location; raises KeyError where its zone is not known."""
        known = self.locations.get(location)
        zone = known.zone if known and known.zone else self.zone
        if not zone:
            raise KeyError(location)
        return _calendar(zone, known.closes_at if known else 0)


def _said(told: Location, known: Location | None) -> Location:
    known = known or Location(source_id=told.source_id, name=told.source_id, zone="")
    return replace(
        known,
        name=told.name or known.name,
        zone=told.zone or known.zone,
        currency=told.currency or known.currency,
        closes_at=told.closes_at or known.closes_at,
    )


def is_zone(name: str) -> bool:
    """Whether there is a time zone of that name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def local_day(moment: datetime, zone: str, closes_at: int = 0) -> date:
    """The date in a zone of an aware moment; before the closing hour it is still the day before, by the wall clock."""
    return _calendar(zone, closes_at).day(moment)


class _Turn(NamedTuple):
    """When one trading day follows another, and which two. (A tuple, as it is read for every record.)"""

    at: datetime
    before: date
    after: date


class Calendar:
    """The trading days of a zone; raises KeyError or ValueError where there is no such zone."""

    def __init__(self, zone: str, closes_at: int = 0) -> None:
        self._zone, self._closes_at = ZoneInfo(zone), closes_at
        self._turns: Remembered[int, _Turn | None] = Remembered(self._turn, MOST_DAYS)

    def day(self, moment: datetime) -> date:
        """The trading date of an aware moment."""
        turn = self._turns[moment.toordinal()] if moment.tzinfo is UTC else None
        if turn is None:
            return self._local_day(moment)
        return turn.before if moment < turn.at else turn.after

    def _turn(self, ordinal: int) -> _Turn | None:
        """The one turn of days within a day of UTC; None where the zone's clocks change in it."""
        day = date.fromordinal(ordinal)
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        if not 1 < day.year < 9999:
            return None
        offsets = {(begin + timedelta(hours=hour)).astimezone(self._zone).utcoffset() for hour in range(25)}
        if len(offsets) > 1:
            return None
        at = begin + (timedelta(hours=self._closes_at) - (offsets.pop() or timedelta())) % timedelta(days=1)
        after = self._local_day(at)
        return _Turn(at, after - timedelta(days=1), after)

    def _local_day(self, moment: datetime) -> date:
        local = moment.astimezone(self._zone)
        return local.date() - timedelta(days=1) if local.hour < self._closes_at else local.date()


@lru_cache(maxsize=1024)
def _calendar(zone: str, closes_at: int) -> Calendar:
    return Calendar(zone, closes_at)


def day_over_at(day: date, zone: str, closes_at: int = 0) -> datetime:
    """When a trading day of a place ends, in UTC: an hour that the clocks skip moves forward, one that comes twice is
    the first."""
    end = day + timedelta(days=1)
    return datetime(end.year, end.month, end.day, closes_at, tzinfo=ZoneInfo(zone or "UTC")).astimezone(UTC)
