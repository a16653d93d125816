"""Outlets, registers, payment types, taxes and products → what a translator must know of the shop.

A Shop knows places and categories. What else the lists say by id is kept among the categories, under names that no
product's id can have: "tax rate|ID", "tax|ID", "payment type|ID", "register|ID"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from connector.domain.shop import Location, Shop
from connector.domain.shop import Product as Named
from connector.sources.lightspeed_x.records import (
    Outlet,
    PaymentTypeListed,
    Product,
    Register,
    Tax,
    TaxRate,
    read,
)

ANY_PAYMENT_TYPE = "payment type|"  # there where the list of payment types was read at all


def read_shop(records: Iterable[tuple[str, bytes]], zone: str) -> Shop:
    """The shop from (stream, body) of its reference streams; `zone` stands in for unknown outlets."""
    places: dict[str, Location] = {}
    words: dict[str, str] = {}
    products: dict[str, Named] = {}
    for stream, body in records:
        if stream == "outlets":
            outlet = read(body, Outlet)
            places[outlet.id] = location(outlet)
        elif stream == "products":
            product = read(body, Product)
            products[product.id] = Named(product.name or "", _category(product))
            words[product.id] = _category(product) or product.name or ""
        else:
            words |= _words(stream, body)
    return Shop(locations=places, categories=words, products=products, zone=zone)


def location(outlet: Outlet) -> Location:
    """An outlet as the house has it. Its zone may differ from the retailer's."""
    return Location(
        source_id=outlet.id,
        name=outlet.name or outlet.id,
        zone=outlet.time_zone or "",
        currency=(outlet.currency or "").upper(),
    )


def rate_name(shop: Shop, rate_id: str) -> str:
    """Name and percentage of a tax rate, "GST 15%"; empty where the taxes do not hold it."""
    return shop.categories.get(f"tax rate|{rate_id}", "")


def tax_name(shop: Shop, tax_id: str) -> str:
    """The names of all rates of a tax, joined; empty where it is not known."""
    return shop.categories.get(f"tax|{tax_id}", "")


def payment_type(shop: Shop, config_id: str) -> tuple[str, str] | None:
    """(global kind, name) of a payment type; None where the list does not hold it."""
    kind, found, name = shop.categories.get(f"payment type|{config_id}", "").partition("|")
    return (kind, name) if found and config_id else None


def lists_payment_types(shop: Shop) -> bool:
    return ANY_PAYMENT_TYPE in shop.categories


def register_name(shop: Shop, register_id: str) -> str:
    return shop.categories.get(f"register|{register_id}", "") or register_id


def _words(stream: str, body: bytes) -> Mapping[str, str]:
    match stream:
        case "payment_types":
            kind = read(body, PaymentTypeListed)
            told = "" if kind.type_id is None else str(kind.type_id)
            return {ANY_PAYMENT_TYPE: "", f"payment type|{kind.id}": f"{told}|{kind.name or ''}"}
        case "taxes":
            return _tax_words(read(body, Tax))
        case "registers":
            register = read(body, Register)
            return {f"register|{register.id}": register.name or ""}
    return {}


def _tax_words(tax: Tax) -> dict[str, str]:
    names = {rate.id: _rate_name(rate) for rate in tax.rates or ()}
    joined = " + ".join(sorted(set(names.values())))
    return {f"tax|{tax.id}": joined} | {f"tax rate|{key}": name for key, name in names.items()}


def _rate_name(rate: TaxRate) -> str:
    percent = f"{_plain((rate.rate or Decimal(0)) * 100)}%"
    name = rate.name or "Tax"
    return name if name.endswith(percent) else f"{name} {percent}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}" if number.is_finite() else "?"


def _category(product: Product) -> str:
    """Its type (newer pages say category), else its first tag; empty where it has neither."""
    tags = [tag.name for tag in product.categories or ()]
    wanted = [product.type.name if product.type else None, *tags]
    return next((name for name in wanted if name), "")
