"""What every fact says besides its money: where and when, on the shop's own calendar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from connector.domain.facts import About, Bucket, BucketKey, Fact, Problem, pack
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable


class Piece(NamedTuple):
    """One piece of money of a record: a movement before it is placed. Pieces of zero are dropped. (A tuple, as there
    are many.)"""

    kind: str
    code: str
    amount: int
    tax_code: str = ""
    parent: str = ""

    @property
    def name(self) -> str:
        """How a tax names what it is charged on."""
        return f"{self.kind}|{self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
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
        numbers: dict[tuple[str, str, str, str], int] = {}
        sums: list[int] = []
        vector: list[int] = []
        for kind, code, amount, tax_code, parent in pieces:
            if not amount:
                continue
            number = numbers.setdefault((kind, code, tax_code, parent), len(sums))
            if number == len(sums):
                sums.append(0)
            sums[number] += amount
            vector.append(number)
        place = self.business_day.isoformat(), self.currency, self.location, self.channel
        buckets = tuple(
            Bucket(key=_bucket_key(name, place), amount=amount, count=vector.count(number))
            for number, (name, amount) in enumerate(zip(numbers, sums, strict=True))
        )
        return buckets, pack(vector, len(sums)) if len(vector) > len(sums) else b""


@lru_cache(maxsize=32768)
def _bucket_key(name: tuple[str, str, str, str], place: tuple[str, str, str, str]) -> BucketKey:
    """The key of a bucket; the receipts of a day share theirs."""
    kind, code, tax_code, parent = name
    period, currency, location, channel = place
    return BucketKey(
        kind=kind,
        code=code,
        currency=currency,
        period=period,
        tax_code=tax_code,
        parent=parent,
        location=location,
        channel=channel,
    )


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
    known = shop.locations.get(location)
    currency = next((code for code in (*codes, known.currency if known else "") if code), "")
    if not currency:
        raise Broken(f"an amount of location {location or '(none named)'} names no currency")
    return currency
