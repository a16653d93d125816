"""What of a feed that runs by itself may be journalized by now: from its start on, and trading days that are over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from connector.domain.document import Document, Held, Ignored, shares_of
from connector.domain.facts import Fact
from connector.domain.sales import RegisterClosure
from connector.domain.shop import Location, day_over_at
from connector.store.schedules import Schedule
from connector.sync.planning import Period

OPEN, EARLY = "day_open", "before_start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The start of a feed; when a trading day of a place is over and quiet; the days of places whose tills were closed
    after the last sale, which count as over."""

    now: datetime
    starts_on: date | None
    zone: str
    quiet: timedelta
    places: Mapping[str, Location]
    closed: frozenset[tuple[str, date]] = frozenset()

    def over_at(self, location: str, day: date) -> datetime:
        """When a day may be journalized."""
        if (location, day) in self.closed:
            return self.now
        place = self.places.get(location)
        zone, closes_at = (place.zone or self.zone, place.closes_at) if place else (self.zone, 0)
        return day_over_at(day, zone, closes_at) + self.quiet


def limits_of(
    schedule: Schedule, places: Sequence[Location], facts: Iterable[Fact], now: datetime, quiet: timedelta
) -> Limits:
    """The limits of a feed that has a schedule."""
    return Limits(
        now=now,
        starts_on=schedule.starts_on,
        zone=schedule.zone,
        quiet=quiet,
        places={place.source_id: place for place in places},
        closed=_closed(facts) if schedule.kind == "closure" else frozenset(),
    )


def in_time(wanted: Mapping[str, Period], limits: Limits) -> tuple[dict[str, Period], datetime | None]:
    """The periods as they may be journalized: what lies before the start is ignored, and a day that is not over is
    held. Also the moment at which the first of those days is over."""
    found, waking = {}, []
    for name, period in wanted.items():
        begun = _from_start(name, period, limits.starts_on)
        over = _over_at(name, limits)
        if over is not None and over > limits.now and begun.documents:
            begun = _open(begun, over)
            waking.append(over)
        found[name] = begun
    return found, min(waking, default=None)


def _over_at(name: str, limits: Limits) -> datetime | None:
    """When the trading day of a period is over; None where it is no day."""
    if not name.startswith("day|"):
        return None
    return limits.over_at(*_day(name))


def _day(name: str) -> tuple[str, date]:
    """The place and the day of a period that is one."""
    location, day, _ = name.removeprefix("day|").rsplit("|", 2)
    return location, date.fromisoformat(day)


def _from_start(name: str, period: Period, starts_on: date | None) -> Period:
    """What lies before the start is ignored, also where it could not be journalized."""
    if starts_on is None:
        return period
    is_early = name.startswith("day|") and _day(name)[1] < starts_on
    early = [document for document in period.documents if is_early or document.date < starts_on]
    reason = f"It lies before {starts_on}, the first day of the feed."
    moved = [(each.key, each.currency, shares_of(each.lines)) for each in early]
    moved += [(each.key, each.currency, each.shares) for each in period.held if is_early]
    ignored = (Ignored(key=key, reason=reason, currency=money, shares=shares) for key, money, shares in moved)
    return replace(
        period,
        documents=tuple(document for document in period.documents if document not in early),
        held=() if is_early else period.held,
        ignored=(*period.ignored, *ignored),
    )


def _open(period: Period, over: datetime) -> Period:
    held = tuple(_held(document, over) for document in period.documents)
    return replace(period, documents=(), held=(*period.held, *held))


def _held(document: Document, over: datetime) -> Held:
    return Held(
        key=document.key,
        code=OPEN,
        reason=f"The day is not over: it is journalized from {over:%Y-%m-%d %H:%M} UTC on.",
        currency=document.currency,
        shares=shares_of(document.lines),
        period=document.period,
    )


def _closed(facts: Iterable[Fact]) -> frozenset[tuple[str, date]]:
    last_sale: dict[tuple[str, date], datetime] = {}
    last_closure: dict[tuple[str, date], datetime] = {}
    for fact in facts:
        of = last_closure if isinstance(fact.about, RegisterClosure) else last_sale
        key = (fact.location, fact.business_day)
        of[key] = max(fact.occurred_at, of.get(key, fact.occurred_at))
    return frozenset(key for key, at in last_closure.items() if at >= last_sale.get(key, at))
