"""What every fact says besides its money: where and when, on the store's own calendar, and in which currency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from connector.domain.facts import About, BucketKey, Fact, Movement, Problem, gather
from connector.domain.shop import Shop
from connector.errors import Broken, Unreadable

NO_CURRENCY = "XXX"  # ISO 4217 for "no currency": Loyverse names it with the merchant only, and that was not given


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
        keys: dict[tuple[str, str, str, str], BucketKey] = {}
        for kind, code, amount, tax_code, parent in pieces:
            if not amount:
                continue
            name = kind, code, tax_code, parent
            if name not in keys:
                keys[name] = self._key(*name)
            yield Movement(key=keys[name], amount=amount)

    def _key(self, kind: str, code: str, tax_code: str, parent: str) -> BucketKey:
        return BucketKey(
            kind=kind,
            code=code,
            currency=self.currency,
            period=self.business_day.isoformat(),
            tax_code=tax_code,
            parent=parent,
            location=self.location,
        )


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
