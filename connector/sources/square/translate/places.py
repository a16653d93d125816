"""What every fact says besides its money: where and when, on the shop's own calendar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec

from connector.domain.facts import About, Bucket, BucketKey, Fact, Problem, pack
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable


class Name(NamedTuple):
    """What a piece of money is called. (A tuple, as there are many.)"""

    kind: str
    code: str
    tax_code: str = ""
    parent: str = ""


Piece = tuple[Name, int]
"""One piece of money of a record: a movement before it is placed. Pieces of zero are dropped."""


class Frame(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A record's names, place and time."""

    stream: str
    source_id: str
    location: str
    occurred_at: datetime
    business_day: date
    currency: str
    channel: str = ""

    def fact(self, about: About, pieces: Iterable[Piece] = (), problems: tuple[Problem, ...] = ()) -> Fact:
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
            problems=problems,
        )

    def _buckets(self, pieces: Iterable[Piece]) -> tuple[tuple[Bucket, ...], bytes]:
        """Pieces of one name summed, in one pass: there are many receipts."""
        numbers: dict[Name, int] = {}
        sums: list[int] = []
        moved: list[int] = []
        for name, amount in pieces:
            if amount:
                number = numbers.setdefault(name, len(sums))
                if number == len(sums):
                    sums.append(amount)
                else:
                    sums[number] += amount
                moved.append(number)
        keys = _keys_at(self.business_day, self.currency, self.location, self.channel)
        if len(moved) == len(sums):
            each = zip(numbers, sums, strict=True)
            return tuple([Bucket(key=keys[name], amount=amount, count=1) for name, amount in each]), b""
        buckets = [
            Bucket(key=keys[name], amount=sums[number], count=moved.count(number)) for name, number in numbers.items()
        ]
        return tuple(buckets), pack(moved, len(sums))


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


def local_day(shop: Shop, location: str, moment: datetime) -> date:
    """The location's trading date of a moment; raises Unreadable, saying what to give, where its zone is unknown."""
    try:
        return shop.business_day(location, moment)
    except (KeyError, ValueError):
        raise Unreadable(
            f"The time zone of location {location or '(none named)'} is not known: "
            "give the saved locations too, or name the zone with --zone, such as --zone America/New_York."
        ) from None


def account_day(shop: Shop, moment: datetime) -> date:
    """The local day of something that names no location: in the zone that stands in, else in the one that most of
    the merchant's locations keep; raises Unreadable where there is neither."""
    zones = Counter(location.zone for location in shop.locations.values() if location.zone)
    zone = shop.zone or max(zones, key=lambda name: (zones[name], name), default="")
    return local_day(Shop(zone=zone), "", moment)


def known_day(shop: Shop, location: str, moment: datetime) -> date:
    """The location's trading date; the account's where the record names no location or one without a zone."""
    return local_day(shop, location, moment) if shop.zone_of(location) else account_day(shop, moment)


def needed(moment: datetime | None, stream: str, source_id: str) -> datetime:
    """The moment; raises Broken where the record does not tell it."""
    if moment is None:
        raise Broken(f"{stream} {source_id} does not say when it happened")
    return moment


def currency_of(shop: Shop, location: str, *codes: str) -> str:
    """The currency an amount of the record names, else the location's; raises Broken where there is none."""
    for code in codes:
        if code:
            return code
    known = shop.locations.get(location)
    if known is None or not known.currency:
        raise Broken(f"an amount of location {location or '(none named)'} names no currency")
    return known.currency
