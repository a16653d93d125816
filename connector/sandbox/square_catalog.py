"""Square's catalogue: categories, items with their variations, and the tax, as the Catalog API shows them."""

from datetime import UTC, datetime

from connector.sandbox.body import Body
from connector.sandbox.square_prices import Product, TaxRule

CATALOG_VERSION = 1767225600000  # 2026-01-01 in milliseconds
_SINCE = datetime(2026, 1, 1, tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def catalog_objects(products: tuple[Product, ...], tax: TaxRule, currency: str) -> list[Body]:
    """Every object for these products: the tax, one category a name, one item with one variation a product."""
    names = dict.fromkeys(product.category for product in products if product.category)
    objects = [_tax(tax), *(_category(name) for name in names)]
    return objects + [_item(product, currency) for product in products if product.variation_id]


def category_id(name: str) -> str:
    return f"CAT_{name.upper()}"


def _tax(tax: TaxRule) -> Body:
    data: Body = {
        "name": tax.name,
        "calculation_phase": "TAX_SUBTOTAL_PHASE",
        "inclusion_type": "INCLUSIVE" if tax.inclusive else "ADDITIVE",
        "percentage": str(tax.percentage),
        "enabled": True,
    }
    return _object("TAX", "TAX_SALES") | {"tax_data": data}


def _category(name: str) -> Body:
    data = {"name": name, "category_type": "REGULAR_CATEGORY", "is_top_level": True}
    return _object("CATEGORY", category_id(name)) | {"category_data": data}


def _item(product: Product, currency: str) -> Body:
    item_id = f"ITEM_{product.variation_id}"
    data: Body = {"name": product.name, "is_taxable": product.taxable, "product_type": _product_type(product)}
    if product.taxable:
        data["tax_ids"] = ["TAX_SALES"]
    if product.category:
        category = {"id": category_id(product.category), "ordinal": 0}
        data |= {"categories": [category], "reporting_category": category}
    data["variations"] = [_variation(product, item_id, currency)]
    return _object("ITEM", item_id) | {"item_data": data}


def _variation(product: Product, item_id: str, currency: str) -> Body:
    data: Body = {"item_id": item_id, "name": product.variation, "ordinal": 0}
    if product.price:
        data |= {"pricing_type": "FIXED_PRICING", "price_money": {"amount": product.price, "currency": currency}}
    else:
        data["pricing_type"] = "VARIABLE_PRICING"
    return _object("ITEM_VARIATION", product.variation_id or "") | {"item_variation_data": data}


def _product_type(product: Product) -> str:
    return "GIFT_CARD" if product.item_type == "GIFT_CARD" else "REGULAR"


def _object(kind: str, object_id: str) -> Body:
    return {
        "type": kind,
        "id": object_id,
        "updated_at": _SINCE,
        "version": CATALOG_VERSION,
        "is_deleted": False,
        "present_at_all_locations": True,
    }
