"""A record's pieces of money, put at a place and a day: what every till's translator does with them in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

import msgspec

from connector.domain.facts import About, Bucket, BucketKey, Fact, Problem, pack
from connector.domain.remembered import Remembered
from connector.errors import Broken

NO_CURRENCY = "XXX"  # what ISO 4217 has for "none": stands where none is known, and always with a problem
MOST_NAMES = 1 << 12  # of a day and place that are kept in mind
NO_AMOUNT = "no_amount"  # the problem of a record with a part that cannot be read


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
        buckets, vector = self._buckets(pieces if isinstance(pieces, list) else list(pieces))
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

    def _buckets(self, pieces: Sequence[Piece]) -> tuple[tuple[Bucket, ...], bytes]:
        """Pieces of one name summed; most records have one of each name."""
        keys = _keys(self.business_day, self.currency, self.location, self.channel)
        if len(dict(pieces)) == len(pieces):
            return tuple([Bucket(key=keys[name], amount=amount, count=1) for name, amount in pieces if amount]), b""
        return _summed([piece for piece in pieces if piece[1]], keys)


@lru_cache(maxsize=64)
def _keys(day: date, currency: str, location: str, channel: str) -> Remembered[Name, BucketKey]:
    """The keys of the buckets of a day and place, each made when it is first asked for."""
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


def _summed(pieces: Sequence[Piece], keys: Mapping[Name, BucketKey]) -> tuple[tuple[Bucket, ...], bytes]:
    """Buckets and vector of pieces some of which bear one name."""
    numbers: dict[Name, int] = {}
    buckets: list[Bucket] = []
    vector: list[int] = []
    for name, amount in pieces:
        number = numbers.setdefault(name, len(buckets))
        vector.append(number)
        if number == len(buckets):
            buckets.append(Bucket(key=keys[name], amount=amount, count=1))
        else:
            known = buckets[number]
            buckets[number] = Bucket(key=known.key, amount=known.amount + amount, count=known.count + 1)
    return tuple(buckets), pack(vector, len(buckets)) if len(vector) > len(buckets) else b""


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
