"""What every fact says besides its money: where and when, on the outlet's own calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec

from connector.domain.facts import About, Bucket, BucketKey, Fact, Problem, pack
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable

NO_CURRENCY = "XXX"  # what ISO 4217 has for "none": stands where the outlet's is not known, and always with a problem


class Piece(NamedTuple):
    """One piece of money of a record in minor units: a movement before it is placed. (A tuple, as there are many.)"""

    kind: str
    code: str
    amount: int
    tax_code: str = ""
    parent: str = ""


Name = tuple[str, str, str, str]
"""What a piece is called: its kind, code, tax code and parent."""


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
        """The fact about it, with one movement for each piece, in their order."""
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
        numbers: dict[Name, int] = {}
        sums: list[int] = []
        moved: list[int] = []
        for kind, code, amount, tax_code, parent in pieces:
            if amount:
                number = numbers.setdefault((kind, code, tax_code, parent), len(sums))
                if number == len(sums):
                    sums.append(amount)
                else:
                    sums[number] += amount
                moved.append(number)
        keys = _keys_at(self.business_day, self.currency, self.location, self.channel)
        buckets = [
            Bucket(key=keys[name], amount=sums[number], count=moved.count(number)) for name, number in numbers.items()
        ]
        return tuple(buckets), pack(moved, len(sums)) if len(moved) > len(sums) else b""


class _Keys(dict[Name, BucketKey]):
    """The keys of the buckets of a day and place, made when they are first asked for: its records share them."""

    def __init__(self, day: date, currency: str, location: str, channel: str) -> None:
        self._period, self._currency, self._location = day.isoformat(), currency, location
        self._channel = channel

    def __missing__(self, name: Name) -> BucketKey:
        kind, code, tax_code, parent = name
        key = BucketKey(
            kind=kind,
            code=code,
            currency=self._currency,
            period=self._period,
            tax_code=tax_code,
            parent=parent,
            location=self._location,
            channel=self._channel,
        )
        self[name] = key
        return key


@lru_cache(maxsize=256)
def _keys_at(day: date, currency: str, location: str, channel: str) -> _Keys:
    return _Keys(day, currency, location, channel)


def local_day(shop: Shop, location: str, moment: datetime) -> date:
    """The outlet's trading date of a moment; raises Unreadable, saying what to give, where its zone is not known."""
    try:
        return shop.business_day(location, moment)
    except (KeyError, ValueError):
        raise Unreadable(
            f"The time zone of outlet {location or '(none named)'} is not known: "
            "give the saved outlets too, or name the zone with --zone, such as --zone Pacific/Auckland."
        ) from None


def needed(moment: datetime | None, stream: str, source_id: str) -> datetime:
    """The moment; raises Broken where the record does not tell it."""
    if moment is None:
        raise Broken(f"{stream} {source_id} does not say when it happened")
    return moment


def currency_of(shop: Shop, location: str) -> str:
    """The outlet's currency, for no amount names its own; NO_CURRENCY where it is not known."""
    known = shop.locations.get(location)
    return (known.currency if known else "") or NO_CURRENCY
