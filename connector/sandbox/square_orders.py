"""Square orders as the Orders API shows them: sales, returns, exchanges, open carts."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from connector.sandbox.body import Body, children
from connector.sandbox.square_catalog import CATALOG_VERSION
from connector.sandbox.square_prices import PricedCart, PricedCharge, PricedLine, TaxRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an order is taken and what applies there."""

    location_id: str
    currency: str
    tax: TaxRule

    def money(self, amount: int) -> Body:
        return {"amount": amount, "currency": self.currency}


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What comes back from one earlier sale; a custom amount when no line is named. All amounts positive."""

    source_order_id: str
    lines: tuple[PricedLine, ...]
    charges: tuple[PricedCharge, ...] = ()
    tip: int = 0
    tip_tender_id: str | None = None

    @property
    def as_cart(self) -> PricedCart:
        return PricedCart(lines=self.lines, charges=self.charges, tip=self.tip)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHead:
    """What an order says besides its amounts; `extra` is put in as it is (customer, fulfilments, ticket name)."""

    order_id: str
    at: datetime
    state: str = "COMPLETED"
    channel: str | None = None
    extra: Body = field(default_factory=dict)


EMPTY_CART = PricedCart(lines=())


def order_body(
    place: Place, head: OrderHead, cart: PricedCart, *, tenders: list[Body], came_back: Return | None = None
) -> Body:
    """The order; with `came_back` and an empty cart a return, with both an exchange."""
    body: Body = {"id": head.order_id, "location_id": place.location_id, "state": head.state, "version": 4}
    body |= {"created_at": stamp(head.at), "updated_at": stamp(head.at)}
    if head.state in ("COMPLETED", "CANCELED"):
        body["closed_at"] = stamp(head.at)
    if head.channel:
        body["source"] = {"name": head.channel}
    body |= _cart_lists(place, cart) | _totals(place, cart)
    if came_back:
        body["returns"] = [_return(place, came_back)]
        body["return_amounts"] = _amounts(place, came_back.as_cart)
    body["net_amounts"] = _net_amounts(place, cart, came_back.as_cart if came_back else EMPTY_CART)
    if tenders:
        body["tenders"] = tenders
    due = cart.total if head.state == "OPEN" and not tenders else 0
    return body | {"net_amount_due_money": place.money(due)} | head.extra


def stamp(at: datetime) -> str:
    """UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stamp_seconds(at: datetime) -> str:
    """UTC in whole seconds, as tenders and payouts have it: Square mixes precisions."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _cart_lists(place: Place, cart: PricedCart) -> Body:
    lists: Body = {}
    if cart.lines:
        lists["line_items"] = [_line(place, line) for line in cart.lines]
    if cart.tax:
        lists["taxes"] = [_tax(place, cart.tax) | {"uid": "tax-1", "auto_applied": True}]
    if cart.discount:
        lists["discounts"] = [_discount(place, cart)]
    if cart.charges:
        lists["service_charges"] = [_charge(place, charge) for charge in cart.charges]
    if cart.rounding:
        lists["rounding_adjustment"] = {
            "uid": "rounding-1",
            "name": "Cash rounding",
            "amount_money": place.money(cart.rounding),
        }
    return lists


def _line(place: Place, line: PricedLine) -> Body:
    keep_inclusive = place.currency not in ("USD", "CAD", "JPY")
    gross_sales = line.gross - (line.tax if line.tax_inclusive and not keep_inclusive else 0)
    return _line_common(place, line) | {
        "uid": line.uid,
        "gross_sales_money": place.money(gross_sales),
        **_listed("modifiers", [_modifier(place, line.uid, n, m) for n, m in enumerate(line.modifiers, 1)]),
    }


def _line_common(place: Place, line: PricedLine) -> Body:
    product = line.product
    body: Body = {"name": product.name, "quantity": str(line.quantity), "item_type": product.item_type}
    if product.variation_id:
        body |= {"catalog_object_id": product.variation_id, "catalog_version": CATALOG_VERSION}
        body["variation_name"] = product.variation
    return body | {
        "base_price_money": place.money(product.price),
        "variation_total_price_money": place.money(line.variation_total),
        "total_discount_money": place.money(line.discount),
        "total_tax_money": place.money(line.tax),
        "total_service_charge_money": place.money(0),
        "total_money": place.money(line.total),
        **_applied(place, "taxes", f"{line.uid}-tax", "tax_uid", line.tax),
        **_applied(place, "discounts", f"{line.uid}-discount", "discount_uid", line.discount),
    }


def _applied(place: Place, plural: str, uid: str, key: str, amount: int) -> Body:
    target = f"{key.removesuffix('_uid')}-1"
    return {f"applied_{plural}": [{"uid": uid, key: target, "applied_money": place.money(amount)}]} if amount else {}


def _modifier(place: Place, line_uid: str, number: int, modifier: tuple[str, int, int]) -> Body:
    name, each, total = modifier
    return {
        "uid": f"{line_uid}-modifier-{number}",
        "name": name,
        "quantity": "1",
        "base_price_money": place.money(each),
        "total_price_money": place.money(total),
    }


def _listed(key: str, entries: list[Body]) -> Body:
    return {key: entries} if entries else {}


def _tax(place: Place, amount: int) -> Body:
    return {
        "name": place.tax.name,
        "percentage": str(place.tax.percentage),
        "type": "INCLUSIVE" if place.tax.inclusive else "ADDITIVE",
        "scope": "ORDER",
        "applied_money": place.money(amount),
    }


def _discount(place: Place, cart: PricedCart) -> Body:
    discount = cart.discount
    body: Body = {"uid": "discount-1", "scope": "ORDER", "applied_money": place.money(cart.discounted)}
    if discount and discount.percentage is not None:
        return body | {"name": discount.name, "type": "FIXED_PERCENTAGE", "percentage": str(discount.percentage)}
    amount = discount.amount or 0 if discount else 0
    name = discount.name if discount else ""
    return body | {"name": name, "type": "FIXED_AMOUNT", "amount_money": place.money(amount)}


def _charge(place: Place, priced: PricedCharge) -> Body:
    charge = priced.charge
    body = _charge_common(place, priced) | {"uid": priced.uid}
    body |= {"type": "AUTO_GRATUITY" if charge.is_gratuity else "CUSTOM"}
    return body


def _charge_common(place: Place, priced: PricedCharge) -> Body:
    charge = priced.charge
    body: Body = {"name": charge.name} if charge.name else {}
    if charge.percentage is not None:
        body["percentage"] = str(charge.percentage)
    if charge.amount is not None:
        body["amount_money"] = place.money(charge.amount)
    return body | {
        "applied_money": place.money(priced.applied),
        "total_tax_money": place.money(priced.tax),
        "total_money": place.money(priced.total),
        "calculation_phase": "SUBTOTAL_PHASE",
        "taxable": charge.taxable,
        "treatment_type": "LINE_ITEM_TREATMENT",
        "scope": "ORDER",
        **_applied(place, "taxes", f"{priced.uid}-tax", "tax_uid", priced.tax),
    }


def _totals(place: Place, cart: PricedCart) -> Body:
    return {
        "total_money": place.money(cart.total),
        "total_tax_money": place.money(cart.tax),
        "total_discount_money": place.money(cart.discounted),
        "total_tip_money": place.money(cart.tip),
        "total_service_charge_money": place.money(cart.charged),
    }


def _amounts(place: Place, cart: PricedCart) -> Body:
    return {
        "total_money": place.money(cart.total),
        "tax_money": place.money(cart.tax),
        "discount_money": place.money(cart.discounted),
        "tip_money": place.money(cart.tip),
        "service_charge_money": place.money(cart.charged),
    }


def _net_amounts(place: Place, sold: PricedCart, back: PricedCart) -> Body:
    return {
        "total_money": place.money(sold.total - back.total),
        "tax_money": place.money(sold.tax - back.tax),
        "discount_money": place.money(sold.discounted - back.discounted),
        "tip_money": place.money(sold.tip - back.tip),
        "service_charge_money": place.money(sold.charged - back.charged),
    }


def _return(place: Place, back: Return) -> Body:
    cart = back.as_cart
    body: Body = {"uid": "return-1", "source_order_id": back.source_order_id}
    body["return_line_items"] = [_return_line(place, line) for line in back.lines]
    if back.charges:
        body["return_service_charges"] = [_return_charge(place, charge) for charge in back.charges]
    if cart.tax:
        body["return_taxes"] = [_tax(place, cart.tax) | {"uid": "return-tax-1", "source_tax_uid": "tax-1"}]
    if cart.discounted:
        body["return_discounts"] = [
            {
                "uid": "return-discount-1",
                "source_discount_uid": "discount-1",
                "applied_money": place.money(cart.discounted),
            }
        ]
    if back.tip:
        tip: Body = {"uid": "return-tip-1", "applied_money": place.money(back.tip)}
        body["return_tips"] = [tip | ({"source_tender_id": back.tip_tender_id} if back.tip_tender_id else {})]
    return body | {"return_amounts": _amounts(place, cart)}


def _return_line(place: Place, line: PricedLine) -> Body:
    body = _line_common(place, line) | {"uid": f"return-{line.uid}", "gross_return_money": place.money(line.gross)}
    if line.product.item_type != "CUSTOM_AMOUNT":
        body["source_line_item_uid"] = line.uid
    modifiers = [_modifier(place, f"return-{line.uid}", n, m) for n, m in enumerate(line.modifiers, 1)]
    return _with_return_uids(body) | _listed("return_modifiers", modifiers)


def _return_charge(place: Place, priced: PricedCharge) -> Body:
    body = _charge_common(place, priced)
    return _with_return_uids(body) | {"uid": f"return-{priced.uid}", "source_service_charge_uid": priced.uid}


def _with_return_uids(body: Body) -> Body:
    """Applied taxes and discounts of a return name the return's own tax and discount."""
    for plural, key in (("applied_taxes", "tax_uid"), ("applied_discounts", "discount_uid")):
        if plural in body:
            body = body | {plural: [entry | {key: f"return-{entry[key]}"} for entry in children(body, plural)]}
    return body
