"""A record's pieces of money, put at a place and a day: what every till's translator does with them in the end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

import msgspec

from connector.domain.facts import About, Bucket, BucketKey, Fact, Problem, pack
from connector.errors import Broken

NO_CURRENCY = "XXX"  # what ISO 4217 has for "none": stands where none is known, and always with a problem


class Name(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """What a piece of money is called. There are few, and each is looked up again and again."""

    kind: str
    code: str
    tax_code: str = ""
    parent: str = ""


Piece = tuple[Name, int]
"""One piece of money of a record in minor units: a movement before it is placed. Pieces of zero are dropped."""


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
        buckets, vector = self._buckets(pieces)
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

    def _buckets(self, pieces: Iterable[Piece]) -> tuple[tuple[Bucket, ...], bytes]:
        """Pieces of one name summed, in one pass: there are many receipts."""
        keys = _keys_at(self.business_day, self.currency, self.location, self.channel)
        moved = [piece for piece in pieces if piece[1]]
        sums = dict(moved)
        if len(sums) == len(moved):
            return tuple([Bucket(key=keys[name], amount=amount, count=1) for name, amount in moved]), b""
        numbers = {name: number for number, name in enumerate(sums)}
        vector = [numbers[name] for name, _ in moved]
        sums = dict.fromkeys(sums, 0)
        for name, amount in moved:
            sums[name] += amount
        buckets = [
            Bucket(key=keys[name], amount=sums[name], count=vector.count(number)) for name, number in numbers.items()
        ]
        return tuple(buckets), pack(vector, len(sums))


class _Keys(dict[Name, BucketKey]):
    """The keys of the buckets of a day and place, made when they are first asked for: its records share them."""

    def __init__(self, day: date, currency: str, location: str, channel: str) -> None:
        self._period, self._currency, self._location, self._channel = day.isoformat(), currency, location, channel

    def __missing__(self, name: Name) -> BucketKey:
        key = BucketKey(
            kind=name.kind,
            code=name.code,
            currency=self._currency,
            period=self._period,
            tax_code=name.tax_code,
            parent=name.parent,
            location=self._location,
            channel=self._channel,
        )
        self[name] = key
        return key


@lru_cache(maxsize=256)
def _keys_at(day: date, currency: str, location: str, channel: str) -> _Keys:
    return _Keys(day, currency, location, channel)


def needed(moment: datetime | None, stream: str, source_id: str) -> datetime:
    """The moment; raises Broken where the record does not tell it."""
    if moment is None:
        raise Broken(f"{stream} {source_id} does not say when it happened")
    return moment
