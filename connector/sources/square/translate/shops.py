"""Locations and catalogue → what a translator must know of the shop."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.shop import Location, Product, Shop
from connector.sources.square.records import CatalogObject, ItemData, read
from connector.sources.square.records import Location as Place

_NO_PRODUCT = Product("", "")


def read_shop(records: Iterable[tuple[str, bytes]], zone: str) -> Shop:
    """The shop from (stream, body) of its locations and catalogue; `zone` stands in for unknown locations."""
    places: list[Place] = []
    objects: list[CatalogObject] = []
    for stream, body in records:
        if stream == "locations":
            places.append(read(body, Place))
        elif stream == "catalog":
            objects.append(read(body, CatalogObject))
    products = _products(objects)
    return Shop(
        locations={place.id: location(place) for place in places},
        categories={key: each.category for key, each in products.items() if each.category},
        products=products,
        zone=zone,
    )


def location(place: Place) -> Location:
    """A location as the house has it."""
    return Location(
        source_id=place.id, name=place.name or place.id, zone=place.timezone or "", currency=place.currency or ""
    )


def _products(objects: Iterable[CatalogObject]) -> dict[str, Product]:
    """Every product by the id of its item and of each variation; its category is the reporting one, else the first."""
    known = list(objects)
    names = {each.id: each.category_data.name or "" for each in known if each.category_data}
    items = {
        each.id: Product(each.item_data.name or "", _category(each.item_data, names))
        for each in known
        if each.item_data
    }
    nested = {
        variation.id: items[each.id]
        for each in known
        if each.item_data
        for variation in each.item_data.variations or ()
    }
    alone = {
        each.id: items.get(each.item_variation_data.item_id or "", _NO_PRODUCT)
        for each in known
        if each.item_variation_data
    }
    return items | alone | nested


def _category(item: ItemData, names: dict[str, str]) -> str:
    wanted = [item.reporting_category.id] if item.reporting_category else []
    wanted += [each.id for each in item.categories or ()] + [item.category_id]
    return next((names[key] for key in wanted if key and names.get(key)), "")
