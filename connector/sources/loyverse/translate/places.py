"""What every fact says besides its money: where and when, on the store's own calendar, and in which currency."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec

from connector.domain.facts import About, Bucket, BucketKey, Fact, Problem, pack
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable

NO_CURRENCY = "XXX"  # ISO 4217 for "no currency": Loyverse names it with the merchant only, and that was not given


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
        keys = _keys_at(self.business_day, self.currency, self.location)
        if len(moved) == len(sums):
            each = zip(numbers, sums, strict=True)
            return tuple([Bucket(key=keys[name], amount=amount, count=1) for name, amount in each]), b""
        buckets = [
            Bucket(key=keys[name], amount=sums[number], count=moved.count(number)) for name, number in numbers.items()
        ]
        return tuple(buckets), pack(moved, len(sums))


class _Keys(dict[Name, BucketKey]):
    """The keys of the buckets of a day and store, made when they are first asked for: its records share them."""

    def __init__(self, day: date, currency: str, location: str) -> None:
        self._period, self._currency, self._location = day.isoformat(), currency, location

    def __missing__(self, name: Name) -> BucketKey:
        key = BucketKey(
            kind=name.kind,
            code=name.code,
            currency=self._currency,
            period=self._period,
            tax_code=name.tax_code,
            parent=name.parent,
            location=self._location,
        )
        self[name] = key
        return key


@lru_cache(maxsize=256)
def _keys_at(day: date, currency: str, location: str) -> _Keys:
    return _Keys(day, currency, location)


def framed(stream: str, source_id: str, location: str, moment: datetime | None, shop: Shop) -> Frame:
    """The frame of a record of a store. Raises Broken where it does not say when it happened, Unreadable where the
    store's zone is not known."""
    if moment is None:
        raise Broken(f"{stream} {source_id} does not say when it happened")
    return Frame(
        stream=stream,
        source_id=source_id,
        location=location,
        occurred_at=moment,
        business_day=_local_day(shop, location, moment),
        currency=_currency(shop, location),
    )


def currency_problems(frame: Frame) -> list[Problem]:
    """Without the merchant's currency amounts are only numbers: they wait."""
    if frame.currency != NO_CURRENCY:
        return []
    message = (
        "Loyverse's receipts and shifts name no currency: give the answer of its merchant endpoint too (merchant.json)."
    )
    return [Problem(code="currency_unknown", message=message)]


def decimals_problems(error: ValueError) -> list[Problem]:
    """An amount that the currency cannot express is not rounded in silence: its record waits."""
    return [Problem(code="decimals", message=f"the amount {error}")]


def _local_day(shop: Shop, location: str, moment: datetime) -> date:
    try:
        return shop.business_day(location, moment)
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
