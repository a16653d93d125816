"""The shop of a source connection, as its reference streams describe it and its maps tell its products apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from connector.domain.account_map import AccountMap
from connector.domain.shop import Location, Product, Shop
from connector.mapping.products import decided_goods, told_apart
from connector.sources.contract import Received, Source
from connector.store import facts as stored
from connector.store.account_maps import dated_maps
from connector.store.database import Transaction
from connector.store.feeds import Connection, feeds_from, locations
from connector.store.pages import open_page
from connector.store.products import products_apart


def shop_of(tx: Transaction, source: Source, connection: Connection) -> Shop:
    """The shop with the owner's own closing hours, and with the products told apart that a map decides."""
    return seen_shop(tx, source, connection)[0]


def seen_shop(tx: Transaction, source: Source, connection: Connection) -> tuple[Shop, bool]:
    """The same, and whether a place is told otherwise in it than it is known here."""
    described = source.shop(_reference_records(tx, source, connection), "") if source.shop else Shop()
    kept = {place.source_id: place for place in locations(tx, connection.id)}
    is_other = any(
        place.source_id and _told(place) != _told(kept.get(place.source_id), place)
        for place in described.locations.values()
    )
    shop = replace(described, locations={**described.locations, **kept})
    apart = apart_in(tx, source, connection, shop)
    return shop.telling_apart({number: each.name for number, each in apart.items()}), is_other


def _told(place: Location | None, by: Location | None = None) -> tuple[str, str, str] | None:
    """Name, zone and currency of a place, as far as the source tells them."""
    if place is None:
        return None
    told = by or place
    return place.name, place.zone if told.zone else "", place.currency if told.currency else ""


def apart_in(tx: Transaction, source: Source, connection: Connection, shop: Shop) -> dict[str, Product]:
    """The products of a shop that the maps of its feeds tell apart, by the source's id."""
    decided = decided_here(tx, source, connection) if shop.products else frozenset()
    return told_apart(shop.products, decided, products_apart(tx, connection.id).categories) if decided else {}


def decided_here(tx: Transaction, source: Source, connection: Connection) -> frozenset[str]:
    """Every code of goods that a map in force decides, of any feed of the connection."""
    return decided_goods(_maps(tx, connection), source.defaults)


def _maps(tx: Transaction, connection: Connection) -> Iterator[AccountMap]:
    for feed in feeds_from(tx, connection.id):
        newest, earlier = dated_maps(tx, feed.id)
        yield newest
        yield from (each for _, each in earlier)


def _reference_records(tx: Transaction, source: Source, connection: Connection) -> list[Received]:
    records: list[Received] = []
    for stream in source.streams:
        if stream.is_reference:
            records += _records_of(tx, source, connection, stream.name)
    return records


def _records_of(tx: Transaction, source: Source, connection: Connection, stream: str) -> list[Received]:
    assert source.unpack is not None  # a source that is pulled can unpack its pages
    pages: dict[int, tuple[Received, ...]] = {}
    found = []
    for place in stored.current_records(tx, connection.id, stream):
        if place.page_id not in pages:
            with open_page(tx, place.page_id) as body:
                pages[place.page_id] = source.unpack(stream, body.read())
        found.append(pages[place.page_id][place.ordinal])
    return [record for record in found if not record.spoilt]
