"""A record that cannot be read stops neither its stream nor any other day: it is kept as it came, and holds the day
that its own moments name until its source sends it in a shape that can be read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime

from connector.domain.facts import Fact, Problem
from connector.domain.sales import Sale
from connector.domain.shop import Shop
from connector.sources.contract import Received

UNREAD = "record_unread"
MOST_SEARCHED = 100_000  # bytes of a record

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})")
_CURRENCY = re.compile(r'"currency(?:_code)?"\s*:\s*"([A-Z]{3})"')


def held_fact(record: Received, shop: Shop, reason: str, now: datetime) -> Fact:
    """A fact without money that holds the day of a record: its place is the one whose id it names, its moment the
    earliest that is written in it, else now."""
    text = record.body[:MOST_SEARCHED].decode("utf-8", "replace")
    location = next((each for each in shop.locations if f'"{each}"' in text), "")
    moment = min((each for each in _moments(text) if each <= now), default=now)
    return Fact(
        stream=record.stream,
        source_id=record.source_id,
        about=Sale(sale_id=record.source_id, total=0),
        location=location,
        occurred_at=moment,
        business_day=_day(shop, location, moment),
        currency=_currency(shop, location, text),
        problems=(Problem(code=UNREAD, message=f"{record.stream}/{record.source_id} cannot be read: {reason}"),),
    )


def is_unread(fact: Fact) -> bool:
    """Whether a fact stands for a record that could not be read."""
    return any(problem.code == UNREAD for problem in fact.problems)


def _moments(text: str) -> Iterable[datetime]:
    for each in _MOMENT.findall(text):
        with suppress(ValueError):
            yield datetime.fromisoformat(each).astimezone(UTC)


def _day(shop: Shop, location: str, moment: datetime) -> date:
    try:
        return shop.business_day(location, moment)
    except KeyError:
        return moment.date()


def _currency(shop: Shop, location: str, text: str) -> str:
    known = shop.locations.get(location)
    if known and known.currency:
        return known.currency
    said = _CURRENCY.search(text)
    return said.group(1) if said else next((each.currency for each in shop.locations.values() if each.currency), "")
