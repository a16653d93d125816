"""What every fact says besides its money: where and when, on the shop's own calendar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from connector.domain.facts import About, BucketKey, Fact, Movement, Problem, gather
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A record's names, place and time."""

    stream: str
    source_id: str
    location: str
    occurred_at: datetime
    business_day: date
    currency: str

    def fact(self, about: About, pieces: Iterable[Piece] = (), problems: Iterable[Problem] = ()) -> Fact:
        """The fact about it, with one movement for each piece, in their order."""
        buckets, vector = gather(self._movements(pieces))
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

    def _movements(self, pieces: Iterable[Piece]) -> Iterator[Movement]:
        period = self.business_day.isoformat()
        for kind, code, amount, tax_code, parent in pieces:
            key = BucketKey(
                kind=kind,
                code=code,
                currency=self.currency,
                period=period,
                tax_code=tax_code,
                parent=parent,
                location=self.location,
            )
            yield Movement(key=key, amount=amount)


def framed(stream: str, source_id: str, location: str, moment: datetime | None, shop: Shop) -> Frame:
    """The frame of a record that happened at a moment; raises Broken where it does not say when, Unreadable where the
    shop's zone or currency is not known, saying what to give."""
    if moment is None:
        raise Broken(f"{stream} {source_id} does not say when it happened")
    return Frame(
        stream=stream,
        source_id=source_id,
        location=location,
        occurred_at=moment,
        business_day=local_day(shop, location, moment),
        currency=currency_of(shop, location),
    )


def local_day(shop: Shop, location: str, moment: datetime) -> date:
    """The shop's trading date of a moment; what names no shop takes the zone that most of them keep."""
    try:
        return shop.business_day(location, moment)
    except (KeyError, ValueError):
        zone = "" if location else _commonest(place.zone for place in shop.locations.values())
    if not zone:
        raise Unreadable(
            f"The time zone of shop {location or '(none named)'} is not known: "
            "give the saved shops too, or name the zone with --zone, such as --zone America/New_York."
        )
    return Shop(zone=zone).business_day("", moment)


def currency_of(shop: Shop, location: str) -> str:
    """The account's currency: no record names one. Raises Unreadable where it is not known."""
    known = shop.locations.get(location)
    code = (known.currency if known else "") or _commonest(place.currency for place in shop.locations.values())
    if not code:
        raise Unreadable(
            f"The currency of shop {location or '(none named)'} is not known: give the saved answer about the account "
            "too (Account.json, with its defaultCurrency)."
        )
    return code


def _commonest(values: Iterable[str]) -> str:
    counts = Counter(value for value in values if value)
    return max(counts, key=lambda value: (counts[value], value), default="")
