"""Which Amazon site a settlement belongs to, and the zone in which its months are cut where nobody says another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from connector.domain.defaults import table
from connector.domain.shop import Location
from connector.sources.amazon.answers import Participation


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An Amazon site by its title ("Amazon.ca"), with its currency and its zone."""

    title: str
    currency: str
    zone: str


def is_site(name: str) -> bool:
    """Whether a marketplace-name is an Amazon site; "Non-Amazon CA" is not."""
    return name.casefold().startswith("amazon.")


def site_of(names: Iterable[str], currency: str) -> Site:
    """The first Amazon site among the names, else the site of the currency; of an unknown currency: "Amazon", UTC."""
    for name in names:
        if is_site(name):
            return _by_title().get(name.casefold()) or _stranger(name, currency)
    return _by_currency().get(currency) or Site(title="Amazon", currency=currency, zone="UTC")


def places(found: Iterable[Participation]) -> tuple[Location, ...]:
    """The Amazon sites among the marketplaces, by the name that settlements have them under."""
    sites = [
        site_of([each.marketplace.name], each.marketplace.default_currency_code)
        for each in found
        if is_site(each.marketplace.name)
    ]
    return tuple(
        Location(source_id=site.title, name=site.title, zone=site.zone, currency=site.currency) for site in sites
    )


def _stranger(name: str, currency: str) -> Site:
    known = _by_currency().get(currency)
    title = "Amazon." + name.casefold().removeprefix("amazon.")
    return Site(title=title, currency=currency, zone=known.zone if known else "UTC")


@lru_cache(maxsize=1)
def _sites() -> tuple[Site, ...]:
    rows = table(__package__ or "", "marketplaces.csv")
    return tuple(Site(title=row["site"], currency=row["currency"], zone=row["zone"]) for row in rows)


@lru_cache(maxsize=1)
def _by_title() -> dict[str, Site]:
    return {site.title.casefold(): site for site in _sites()}


@lru_cache(maxsize=1)
def _by_currency() -> dict[str, Site]:
    """The first site of each currency in the table; for the euro that is Germany, whose clock most of them share."""
    return {site.currency: site for site in reversed(_sites())}
