"""What is rung up at a Lightspeed till: products, payments, occasions, and the shop that does it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from connector.sandbox.body import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A thing sold at a price; without an item it is a miscellaneous charge, with a fee a deposit as on bottles."""

    item_id: str
    name: str
    price: str
    category_id: str = "0"
    cost: str = "0"
    taxed: bool = True
    fee_id: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A product and how many of it; fewer than none come back. `discount` is off the whole line."""

    product: Product
    quantity: int = 1
    discount: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """A payment by the id of its type; without an amount it is what is left to pay. The amount is without the tip."""

    type_id: str
    amount: str | None = None
    tip: str = "0"
    account_id: str = "0"
    archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When a sale was completed, when it was last touched, and what else its header says."""

    at: datetime
    touched_at: datetime | None = None
    customer_id: str = "0"
    completed: bool = True
    voided: bool = False
    tendered: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A shop: its register, its two taxes, and the smallest unit of its money."""

    shop_id: str
    register_id: str
    tax: Body
    unit: Decimal = field(default=Decimal("0.01"))

    def rounded(self, amount: Decimal) -> Decimal:
        return amount.quantize(self.unit, ROUND_HALF_UP)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def trimmed(amount: Decimal) -> str:
    """As Lightspeed writes numbers: no more digits than needed."""
    return f"{amount.normalize():f}" if amount else "0"
