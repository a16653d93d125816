"""Account, shops, registers, categories, payment and tax types → what a translator must know of the shop.

The house's Shop has one table by the source's ids; ours keep a prefix in it, so that a register is no category."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.domain.shop import Location, Product, Shop
from connector.errors import Broken
from connector.sources.lightspeed.records import (
    Account,
    Category,
    ListedItem,
    PaymentType,
    Register,
    TaxCategory,
    read,
)
from connector.sources.lightspeed.records import Shop as Place
from connector.sources.lightspeed.translate.tenders import tender_code

CATEGORY, REGISTER, PAYMENT_TYPE, TAX_CATEGORY = "category/", "register/", "payment type/", "tax category/"
INCLUSIVE = "inclusive"


def read_shop(records: Iterable[tuple[str, bytes]], zone: str, currency: str = "") -> Shop:
    """The shop from (stream, body) of its reference records; `zone` and `currency` stand in for what is not known."""
    places: list[Place] = []
    names: dict[str, str] = {}
    items: list[ListedItem] = []
    for stream, body in records:
        if stream == "shops":
            places.append(read(body, Place))
        elif stream == "account":
            currency = currency_of_account(read(body, Account)) or currency
        elif stream == "items":
            items.append(read(body, ListedItem))
        else:
            names.update(_names(stream, body))
    locations = {place.shop_id: location(place, currency) for place in places}
    # What names a shop that is not among the records takes zone and currency from this one.
    locations[""] = Location(source_id="", name="", zone=zone, currency=currency)
    products = {item.item_id: Product(item.description, names.get(CATEGORY + item.category_id, "")) for item in items}
    return Shop(locations=locations, categories=names, products=products, zone=zone)


def location(place: Place, currency: str) -> Location:
    """A shop as the house has it. Its zone may bear an old name, such as US/Eastern."""
    return Location(source_id=place.shop_id, name=place.name or place.shop_id, zone=place.time_zone, currency=currency)


def currency_of_account(account: Account) -> str:
    return account.default_currency.code.upper() if account.default_currency else ""


def only_location(shop: Shop) -> str:
    """The shop's id where the account has one shop only, else empty."""
    ids = [key for key in shop.locations if key]
    return ids[0] if len(ids) == 1 else ""


def known_tenders(shop: Shop) -> Iterator[tuple[str, str]]:
    """(payment type id, tender code) of every payment type known."""
    for key, code in shop.categories.items():
        if key.startswith(PAYMENT_TYPE):
            yield key.removeprefix(PAYMENT_TYPE), code


def sells_tax_inclusive(shop: Shop) -> bool:
    """Whether any tax category of the account counts its tax as inside the price."""
    return any(value.startswith(INCLUSIVE) for key, value in shop.categories.items() if key.startswith(TAX_CATEGORY))


def _names(stream: str, body: bytes) -> dict[str, str]:
    match stream:
        case "categories":
            category = read(body, Category)
            return {CATEGORY + category.category_id: category.full_path_name or category.name}
        case "registers":
            register = read(body, Register)
            return {REGISTER + register.register_id: register.shop_id}
        case "payment_types":
            kind = read(body, PaymentType)
            return {PAYMENT_TYPE + kind.payment_type_id: tender_code(kind)}
        case "tax_categories":
            tax = read(body, TaxCategory)
            names = f"{tax.tax1_name}\n{tax.tax2_name}"
            return {TAX_CATEGORY + tax.tax_category_id: f"{INCLUSIVE if tax.is_tax_inclusive else ''}\n{names}"}
    raise Broken(f"Lightspeed has no stream {stream!r} that describes the shop")
