"""A record's pieces of money, put at a place and a day: what every till's translator does with them in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from itertools import chain

import msgspec

from connector.domain.facts import About, Bucket, BucketKey, Fact, Problem, pack
from connector.domain.remembered import Remembered
from connector.domain.shop import Calendar, Shop
from connector.errors import Broken, Unreadable

NO_CURRENCY = "XXX"  # what ISO 4217 has for "none": stands where none is known, and always with a problem
MOST_NAMES = 1 << 12  # of a day and place that are kept in mind
MOST_DAYS = 64  # of a place
NO_AMOUNT = "no_amount"  # the problem of a record with a part that cannot be read


class Name(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """What a piece of money is called. There are few, and each is looked up again and again."""

    kind: str
    code: str
    tax_code: str = ""
    parent: str = ""


def interned(name: Name) -> Name:
    """The one object of names that are equal: looked up by itself, it need not be compared."""
    return _INTERNED[name]


_INTERNED: Remembered[Name, Name] = Remembered(lambda name: name, MOST_NAMES)

Piece = tuple[Name, int]
"""One piece of money of a record in minor units: a movement before it is placed. Pieces of zero are dropped."""

Groups = Sequence[dict[Name, int]]
"""The pieces of a record, in their order: such as those of each line, in which no two bear one name."""


class Frame(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A record's names, place and time."""

    stream: str
    source_id: str
    location: str
    occurred_at: datetime
    business_day: date
    currency: str
    channel: str = ""

    def fact(self, about: About, pieces: Iterable[Piece] = (), problems: Iterable[Problem] = ()) -> Fact:
        """The fact about it, with one movement for each piece that is not nothing, in their order."""
        keys = _keys(self.location, self.currency, (self.business_day, self.channel))
        buckets, vector = _summed(pieces, keys)
        return Fact(
            stream=self.stream,
            source_id=self.source_id,
            about=about,
            location=self.location,
            occurred_at=self.occurred_at,
            business_day=self.business_day,
            currency=self.currency,
            buckets=buckets,
            vector=vector,
            problems=tuple(problems),
        )


class Place:
    """A location with its currency and its days: what the records made there have in common. It gives the same facts as
    a frame does, with less work for each."""

    def __init__(self, location: str, currency: str, calendar: Calendar) -> None:
        self.location, self.currency, self.calendar = location, currency, calendar
        self._keys = Remembered(partial(_keys, location, currency), MOST_DAYS)

    def fact(
        self, stream: str, source_id: str, moment: datetime, about: About, pieces: Groups, channel: str = ""
    ) -> Fact:
        """The fact of a sound record that happened here at a moment, as `Frame.fact` gives it."""
        day = self.calendar.day(moment)
        buckets, vector = _bucketed(pieces, self._keys[day, channel])
        return Fact(
            stream=stream,
            source_id=source_id,
            about=about,
            location=self.location,
            occurred_at=moment,
            business_day=day,
            currency=self.currency,
            buckets=buckets,
            vector=vector,
        )


def _bucketed(groups: Groups, keys: Mapping[Name, BucketKey]) -> tuple[tuple[Bucket, ...], bytes]:
    """Pieces of one name summed; most records have one of each name."""
    named = groups[0]
    if len(groups) > 1:
        named = {}
        count = 0
        for group in groups:
            named |= group
            count += len(group)
        if count > len(named):
            return _summed(chain.from_iterable([group.items() for group in groups]), keys)
    return tuple([Bucket(key=keys[name], amount=amount, count=1) for name, amount in named.items() if amount]), b""


@lru_cache(maxsize=64)
def _keys(location: str, currency: str, of: tuple[date, str]) -> Remembered[Name, BucketKey]:
    """The keys of the buckets of a place, on a day and through a channel, each made when it is first asked for."""
    day, channel = of
    period = day.isoformat()

    def key(name: Name) -> BucketKey:
        return BucketKey(
            kind=name.kind,
            code=name.code,
            currency=currency,
            period=period,
            tax_code=name.tax_code,
            parent=name.parent,
            location=location,
            channel=channel,
        )

    return Remembered(key, MOST_NAMES)


def _summed(pieces: Iterable[Piece], keys: Mapping[Name, BucketKey]) -> tuple[tuple[Bucket, ...], bytes]:
    """Buckets and vector of pieces some of which bear one name."""
    numbers: dict[Name, int] = {}
    sums: list[int] = []
    counts: list[int] = []
    vector: list[int] = []
    for name, amount in pieces:
        if not amount:
            continue
        number = numbers.get(name)
        if number is None:
            number = numbers[name] = len(sums)
            sums.append(amount)
            counts.append(1)
        else:
            sums[number] += amount
            counts[number] += 1
        vector.append(number)
    found = zip(numbers, sums, counts, strict=True)
    buckets = tuple([Bucket(key=keys[name], amount=amount, count=count) for name, amount, count in found])
    return buckets, pack(vector, len(buckets)) if len(vector) > len(buckets) else b""


class Unusual(ValueError):
    """Not an ordinary record: what reads only those leaves it to the full reading."""


def calendar_of(shop: Shop, location: str, kind: str, example: str) -> Calendar:
    """The trading days of a location, which the source calls a `kind`; raises Unreadable, saying what to give, where
    its zone is not known."""
    try:
        return shop.calendar(location)
    except (KeyError, ValueError):
        raise Unreadable(
            f"The time zone of {kind} {location or '(none named)'} is not known: "
            f"give the saved {kind}s too, or name the zone with --zone, such as --zone {example}."
        ) from None


def needed(moment: datetime | None, stream: str, source_id: str) -> datetime:
    """The moment; raises Broken where the record does not tell it."""
    if moment is None:
        raise Broken(f"{stream} {source_id} does not say when it happened")
    return moment


def held_for(fact: Fact, unread: Iterable[str]) -> Fact:
    """The fact, held because these parts of its record could not be read."""
    named = [f"{part} of the record is not what it should be, and was not read" for part in unread]
    wrong = tuple([Problem(code=NO_AMOUNT, message=message) for message in named])
    return msgspec.structs.replace(fact, problems=(*fact.problems, *wrong))
