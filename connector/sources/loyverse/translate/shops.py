"""Merchant, stores, catalogue and payment types → what a translator must know of the shop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from connector.domain.shop import Location, Product, Shop
from connector.sources.loyverse.records import SHAPES, Category, Item, Merchant, PaymentType, Store, read
from connector.sources.loyverse.translate.tenders import tender_code

_PAYMENT_TYPE = "payment type "  # Loyverse's ids are UUIDs, so a name with this before it is no product's


def read_shop(records: Iterable[tuple[str, bytes]], zone: str) -> Shop:
    """The shop from (stream, body) of its reference streams; `zone` stands in for stores without one.

    The merchant is a place without an id: it keeps the currency where no store is known."""
    known: dict[str, list[msgspec.Struct]] = {}
    for stream, body in records:
        known.setdefault(stream, []).append(read(body, SHAPES[stream]))
    merchants = [each for each in known.get("merchant", ()) if isinstance(each, Merchant)]
    stores = [each for each in known.get("stores", ()) if isinstance(each, Store)]
    currency = next((currency_of(merchant) for merchant in merchants), "")
    places = {"": Location(source_id="", name="", zone="", currency=currency)} if currency else {}
    places |= {store.id: location(store, currency) for store in stores}
    products = _products(known)
    categories = {key: each.category for key, each in products.items() if each.category}
    return Shop(locations=places, categories=categories | _payment_types(known), products=products, zone=zone)


def location(store: Store, currency: str) -> Location:
    """A store as the house has it; its zone is the owner's to say."""
    return Location(
        source_id=store.id,
        name=store.name or store.id,
        zone=store.zone or "",
        currency=currency,
        closes_at=store.closes_at or 0,
    )


def currency_of(merchant: Merchant) -> str:
    """The one currency of all stores; empty where the merchant does not name it."""
    return (merchant.currency.code if merchant.currency else "") or ""


def payment_code(shop: Shop, payment_type_id: str | None) -> str:
    """The tender code of a payment type by its id; empty where it is not known."""
    return shop.categories.get(_PAYMENT_TYPE + (payment_type_id or ""), "")


def _products(known: Mapping[str, list[msgspec.Struct]]) -> dict[str, Product]:
    names = {each.id: each.name or "" for each in known.get("categories", ()) if isinstance(each, Category)}
    items = [each for each in known.get("items", ()) if isinstance(each, Item)]
    return {item.id: Product(item.item_name or "", names.get(item.category_id or "", "")) for item in items}


def _payment_types(known: Mapping[str, list[msgspec.Struct]]) -> dict[str, str]:
    types = [each for each in known.get("payment_types", ()) if isinstance(each, PaymentType)]
    return {_PAYMENT_TYPE + each.id: tender_code(each.type, each.name) for each in types}
