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
            problems=problems,
        )

    def _movements(self, pieces: Iterable[Piece]) -> Iterator[Movement]:
        period = self.business_day.isoformat()
        keys: dict[tuple[str, str, str, str], BucketKey] = {}
        for kind, code, amount, tax_code, parent in pieces:
            if not amount:
                continue
            name = kind, code, tax_code, parent
            if name not in keys:
                keys[name] = BucketKey(
                    kind=kind,
                    code=code,
                    currency=self.currency,
                    period=period,
                    tax_code=tax_code,
                    parent=parent,
                    location=self.location,
                    channel=self.channel,
                )
            yield Movement(key=keys[name], amount=amount)


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
