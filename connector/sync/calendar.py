"""The completeness calendar: one square a day, and a payout, of each place; what should have come and did not is an
alarm, for silence is never success."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from statistics import median_low
from typing import Literal

from connector.domain.finding import Finding
from connector.domain.shop import Location, local_day
from connector.store.account_maps import books
from connector.store.calendar import PaidOut, Standing, days_that_came, payouts_that_came, standings
from connector.store.feeds import Feed, locations
from connector.store.findings import keep_findings
from connector.store.schedules import schedule_of
from connector.sync.house import House

WEEKS = 4  # to both sides, from which it is seen on which weekdays a place is open
FEWEST = 3  # weeks seen, before a weekday has a pattern
NEAR = 7  # days to both sides that decide until then, if all of them were open
PAYOUTS_LATER = timedelta(days=1)
LONGEST = timedelta(days=400)

STATION_CODES = ("day_missing", "payout_missing")
FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)

What = Literal["day", "payout"]
NOTHING = Standing(posted=False, held=False, matched=False, amount=0, currency="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """A trading day of a place, or a payout: whether it was to be expected, whether it came, and how far it has got."""

    location: str
    place: str
    what: What
    day: date
    name: str
    expected: bool
    pulled: bool
    standing: Standing
    locked: bool

    @property
    def is_missing(self) -> bool:
        return self.expected and not self.pulled

    @property
    def state(self) -> str:
        """One word: missing, closed (nothing came and nothing was to be expected), held, locked, matched, posted, or
        pulled."""
        if not self.pulled:
            return "missing" if self.expected else "closed"
        if self.standing.held:
            return "held"
        reached = (("locked", self.locked), ("matched", self.standing.matched))
        return next((word for word, is_so in reached if is_so and self.standing.posted), self._at_least)

    @property
    def _at_least(self) -> str:
        return "posted" if self.standing.posted else "pulled"


def calendar(house: House, feed: Feed) -> list[Square]:
    """The squares of a feed, from its start (or the first day that came) to the last day that is over and quiet."""
    with house.database.transaction() as tx:
        schedule = schedule_of(tx, feed.id)
        places = {place.source_id: place for place in locations(tx, feed.source.id)}
        came, paid = days_that_came(tx, feed.source.id), payouts_that_came(tx, feed.source.id)
        reached = standings(tx, feed.id, feed.target.id)
        known = books(tx, feed.target.id)
    by_day: dict[tuple[str, str], list[Standing]] = {}
    for name, standing in reached.items():
        if name.startswith("day|"):
            location, day, _ = name.removeprefix("day|").rsplit("|", 2)
            by_day.setdefault((location, day), []).append(standing)
    locked_until = known[0].locked_until if known else None
    quiet, squares = house.source(feed.source).quiet, []
    for location in sorted({location for location, _ in came} | {each.location for each in paid}):
        place = places.get(location) or Location(source_id=location, name=location, zone="")
        zone = place.zone or (schedule.zone if schedule else "UTC")
        last = local_day(house.now() - quiet, zone, place.closes_at) - timedelta(days=1)
        span = _Span(place=place, begin=schedule.starts_on if schedule else None, last=last)
        squares += _days(span, {day for at, day in came if at == location}, by_day)
        squares += _payouts(span, [each for each in paid if each.location == location], reached)
    return [replace(each, locked=locked_until is not None and each.day <= locked_until) for each in squares]


def alarms(feed: Feed, squares: Sequence[Square]) -> list[Finding]:
    """A finding for each square that should be there and is not, with what such a day brings as a rule."""
    return [_alarm(feed, square, squares) for square in squares if square.is_missing]


def look_over(house: House, feed: Feed) -> list[Square]:
    """The calendar of a feed, its alarms kept as findings: new ones open, those whose day came are closed."""
    squares = calendar(house, feed)
    with house.database.transaction() as tx:
        keep_findings(tx, feed.id, alarms(feed, squares), house.now(), "calendar")
    return squares


def is_expected(open_days: Set[date], day: date, first: date, last: date) -> bool:
    """Whether a place is open on a day as a rule: on most of the same weekdays around it, or, where too few weeks are
    known, on all days near it."""
    same = _known((day + timedelta(weeks=n) for n in range(-WEEKS, WEEKS + 1) if n), first, last)
    if len(same) >= FEWEST:
        return 2 * sum(each in open_days for each in same) > len(same)
    near = _known((day + timedelta(days=n) for n in range(-NEAR, NEAR + 1) if n), first, last)
    return len(near) >= NEAR - 1 and all(each in open_days for each in near)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A square as it was seen, without how far it has got; of a payout the name of its period."""

    what: What
    day: date
    expected: bool
    pulled: bool
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A place, and the days that are looked at."""

    place: Location
    begin: date | None
    last: date

    def first(self, came: Iterable[date]) -> date:
        earliest = min(came, default=self.last)
        return max(self.begin or earliest, self.last - LONGEST)


def _days(span: _Span, came: Set[date], by_day: Mapping[tuple[str, str], Sequence[Standing]]) -> list[Square]:
    first, squares = span.first(came), []
    seen = min(came, default=first)
    for n in range((span.last - first).days + 1):
        day = first + timedelta(days=n)
        of = by_day.get((span.place.source_id, str(day)), ())
        expected = is_expected(came, day, min(seen, first), span.last)
        squares.append(_square(span, _Seen(what="day", day=day, expected=expected, pulled=day in came), of))
    return squares


def _payouts(span: _Span, paid: Sequence[PaidOut], reached: dict[str, Standing]) -> list[Square]:
    """The payouts that came or of which entries came, and days without one that have one as a rule."""
    there = {each.day for each in paid if each.is_there}
    squares = [
        _square(
            span,
            _Seen(what="payout", day=each.day, name=each.period, expected=True, pulled=each.is_there),
            [reached.get(each.period, NOTHING)],
        )
        for each in paid
        if span.begin is None or each.day >= span.begin
    ]
    if not there:
        return squares
    first, last = span.first(there), span.last - PAYOUTS_LATER
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    told = {each.day for each in paid}
    return squares + [
        _square(span, _Seen(what="payout", day=day, expected=True, pulled=False), [])
        for day in days
        if day not in told and is_expected(there, day, first, last)
    ]


def _square(span: _Span, seen: _Seen, of: Sequence[Standing]) -> Square:
    standing = Standing(
        posted=bool(of) and all(each.posted for each in of),
        held=any(each.held for each in of),
        matched=any(each.matched for each in of),
        amount=sum(each.amount for each in of),
        currency=next((each.currency for each in of), ""),
    )
    return Square(
        location=span.place.source_id,
        place=span.place.name,
        what=seen.what,
        day=seen.day,
        name=seen.name or str(seen.day),
        expected=seen.expected,
        pulled=seen.pulled,
        standing=standing,
        locked=False,
    )


def _alarm(feed: Feed, square: Square, squares: Sequence[Square]) -> Finding:
    alike = [
        each.standing
        for each in squares
        if (each.location, each.what) == (square.location, square.what)
        and each.day.weekday() == square.day.weekday()
        and each.standing.amount
    ]
    said = (
        f"{square.place}: nothing came for {square.day:%A} {square.day}, when it is open as a rule."
        if square.what == "day"
        else f"{square.place}: the payout of {square.day:%A} {square.day} ({square.name}) did not come."
    )
    return Finding(
        code=f"{square.what}_missing",
        subject=f"{square.location}|{square.name}",
        severity="warning",
        message=said,
        fix=f"connector backfill {feed.name} --from {square.day}; if there was none, connector calendar {feed.name} "
        f"--closed {square.day} --because WHY.",
        amount=median_low([each.amount for each in alike]) if alike else 0,
        currency=alike[0].currency if alike else "",
        blocked=(square.name,),
    )


def _known(days: Iterable[date], first: date, last: date) -> list[date]:
    return [day for day in days if first <= day <= last]
