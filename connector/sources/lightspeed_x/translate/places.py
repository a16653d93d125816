"""What every fact says besides its money: where and when, on the outlet's own calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from connector.domain.facts import About, BucketKey, Fact, Movement, Problem, gather
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
                channel=self.channel,
            )
            yield Movement(key=key, amount=amount)


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
