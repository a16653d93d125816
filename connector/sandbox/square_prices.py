"""A cart priced the way Square prices it: discounts and taxes line by line, halves rounded to even."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRule:
    """One sales tax; an inclusive one is already within the price."""

    name: str
    percentage: Decimal
    inclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A variation of the catalogue; `price` in minor units; `category` is the reporting category's name."""

    variation_id: str | None
    name: str
    category: str | None
    price: int
    variation: str = "Regular"
    taxable: bool = True
    item_type: str = "ITEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """`modifiers` are pairs of name and price per piece."""

    product: Product
    quantity: Decimal = Decimal(1)
    modifiers: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A discount on the whole order: either a percentage or a fixed amount in minor units."""

    name: str
    percentage: Decimal | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCharge:
    """A charge on the discounted subtotal: a percentage or a fixed amount; an auto-gratuity may lack a name."""

    name: str | None
    percentage: Decimal | None = None
    amount: int | None = None
    taxable: bool = False
    is_gratuity: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """What the customer brings to the counter; `rounding` is cash rounding of either sign."""

    lines: tuple[CartLine, ...]
    discount: Discount | None = None
    charges: tuple[ServiceCharge, ...] = ()
    rounding: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """`discount` is positive; `tax` counts inclusive tax too, which does not add to `total`."""

    uid: str
    product: Product
    quantity: Decimal
    variation_total: int
    modifiers: tuple[tuple[str, int, int], ...]
    discount: int
    tax: int
    tax_inclusive: bool

    @property
    def gross(self) -> int:
        """Variation and modifiers, before discount and additive tax."""
        return self.variation_total + sum(total for _, _, total in self.modifiers)

    @property
    def total(self) -> int:
        return self.gross - self.discount + (0 if self.tax_inclusive else self.tax)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCharge:
    """`applied` holds inclusive tax but not additive tax; `total` holds both."""

    uid: str
    charge: ServiceCharge
    applied: int
    tax: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCart:
    lines: tuple[PricedLine, ...]
    charges: tuple[PricedCharge, ...] = ()
    discount: Discount | None = None
    rounding: int = 0
    tip: int = 0

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines) + sum(c.total for c in self.charges) + self.rounding + self.tip

    @property
    def tax(self) -> int:
        return sum(line.tax for line in self.lines) + sum(c.tax for c in self.charges)

    @property
    def discounted(self) -> int:
        return sum(line.discount for line in self.lines)

    @property
    def charged(self) -> int:
        return sum(c.applied for c in self.charges)


def price(cart: Cart, tax: TaxRule) -> PricedCart:
    """The cart with every amount Square would compute; gift cards are neither discounted nor taxed."""
    bare = [_bare_line(f"line-{n}", line, tax) for n, line in enumerate(cart.lines, 1)]
    discounts = _discounts(bare, cart.discount)
    lines = tuple(_taxed(replace(line, discount=off), tax) for line, off in zip(bare, discounts, strict=True))
    subtotal = sum(line.gross - line.discount for line in lines)
    charges = tuple(_charge(f"charge-{n}", c, subtotal, tax) for n, c in enumerate(cart.charges, 1))
    return PricedCart(lines=lines, charges=charges, discount=cart.discount, rounding=cart.rounding)


def returned(line: PricedLine, quantity: Decimal) -> PricedLine:
    """That part of a sold line which comes back; the whole quantity brings back the exact amounts."""
    share = quantity / line.quantity
    return replace(
        line,
        quantity=quantity,
        variation_total=half_even(line.variation_total * share),
        modifiers=tuple((name, each, half_even(total * share)) for name, each, total in line.modifiers),
        discount=half_even(line.discount * share),
        tax=half_even(line.tax * share),
    )


def half_even(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def _bare_line(uid: str, line: CartLine, tax: TaxRule) -> PricedLine:
    return PricedLine(
        uid=uid,
        product=line.product,
        quantity=line.quantity,
        variation_total=half_even(line.product.price * line.quantity),
        modifiers=tuple((name, each, half_even(each * line.quantity)) for name, each in line.modifiers),
        discount=0,
        tax=0,
        tax_inclusive=tax.inclusive,
    )


def _discounts(lines: list[PricedLine], discount: Discount | None) -> list[int]:
    grosses = [0 if line.product.item_type == "GIFT_CARD" else line.gross for line in lines]
    if discount is None:
        return [0] * len(lines)
    if discount.percentage is not None:
        return [half_even(gross * discount.percentage / 100) for gross in grosses]
    return _share_out(min(discount.amount or 0, sum(grosses)), grosses)


def _share_out(amount: int, weights: list[int]) -> list[int]:
    """The amount in whole minor units by weight; each share is what is left of the running total."""
    shares, given, weight_seen, weight = [], 0, 0, max(sum(weights), 1)
    for each in weights:
        weight_seen += each
        shares.append(amount * weight_seen // weight - given)
        given += shares[-1]
    return shares


def _taxed(line: PricedLine, tax: TaxRule) -> PricedLine:
    is_taxed = line.product.taxable and line.product.item_type != "GIFT_CARD"
    return replace(line, tax=_tax_on(line.gross - line.discount, tax) if is_taxed else 0)


def _tax_on(amount: int, tax: TaxRule) -> int:
    return half_even(amount * tax.percentage / (100 + (tax.percentage if tax.inclusive else 0)))


def _charge(uid: str, charge: ServiceCharge, subtotal: int, tax: TaxRule) -> PricedCharge:
    applied = (
        charge.amount if charge.amount is not None else half_even(subtotal * (charge.percentage or 0) / Decimal(100))
    )
    charge_tax = _tax_on(applied, tax) if charge.taxable else 0
    total = applied + (0 if tax.inclusive else charge_tax)
    return PricedCharge(uid=uid, charge=charge, applied=applied, tax=charge_tax, total=total)
