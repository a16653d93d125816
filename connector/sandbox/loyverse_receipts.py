"""What a Loyverse till prints: receipts with their lines, taxes and payments, exact to the minor unit.

Added tax stands inside the total of its line; tip and surcharge come on top of the lines. A tax is reckoned on the
whole receipt and its lines are nudged by single units until they add up to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import NAMESPACE_URL, uuid5

from connector.sandbox.body import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRule:
    """A tax of the account; `is_added` on top of prices, else inside them."""

    name: str
    rate: Decimal
    is_added: bool

    def of(self, amount: int) -> int:
        """The tax on an amount in minor units, half up."""
        whole = Decimal(100) if self.is_added else 100 + self.rate
        return _rounded(amount * self.rate / whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Something to sell; the price is in minor units."""

    name: str
    category: str
    price: int
    tax: TaxRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """Taken off one line: a percentage of it, or an amount in minor units."""

    name: str
    percentage: Decimal | None = None
    amount: int = 0
    by_points: bool = False

    def off(self, gross: int) -> int:
        return _rounded(gross * self.percentage / 100) if self.percentage is not None else self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A line as the customer wants it."""

    product: Product
    quantity: Decimal = Decimal(1)
    modifiers: tuple[tuple[str, int], ...] = ()
    discounts: tuple[Discount, ...] = ()

    @property
    def unit(self) -> int:
        return self.product.price + sum(price for _, price in self.modifiers)

    @property
    def gross(self) -> int:
        return _rounded(self.unit * self.quantity)

    @property
    def reduced(self) -> int:
        return self.gross - sum(each.off(self.gross) for each in self.discounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentType:
    name: str
    type: str

    @property
    def id(self) -> str:
        return uid("payment type", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment; without an amount it takes what is left to pay."""

    by: PaymentType
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Everything about a receipt beside its lines. `sent_at` is when it reached Loyverse, if not at once."""

    number: str
    store: str
    at: datetime
    kind: str = "SALE"
    refund_for: str | None = None
    tip: int = 0
    surcharge: int = 0
    customer: str | None = None
    note: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """Writes amounts of a currency with so many decimals, as numbers."""

    places: int = 2

    def money(self, minor: int) -> Decimal:
        """12.5 and 12.0, as a program that uses doubles writes them; whole numbers where there are no decimals."""
        if not self.places:
            return Decimal(minor)
        exact = Decimal(minor).scaleb(-self.places)
        return exact.quantize(Decimal("0.1")) if minor % 10 ** (self.places - 1) == 0 else exact

    def receipt(self, slip: Slip, wishes: Sequence[Wish], payments: Sequence[Paid]) -> Body:
        """The receipt; raises ValueError where it is not paid to the unit."""
        taxes = _taxes(wishes)
        lines = [self._line(n, slip, wish, tax) for n, (wish, tax) in enumerate(zip(wishes, taxes, strict=True))]
        total = due(wishes, slip)
        discounts = [(each, each.off(wish.gross)) for wish in wishes for each in wish.discounts]
        points = sum(off for each, off in discounts if each.by_points)
        written = stamp(slip.sent_at or slip.at)
        return {
            "receipt_number": slip.number,
            "note": slip.note,
            "receipt_type": slip.kind,
            "refund_for": slip.refund_for,
            "order": None,
            "created_at": written,
            "updated_at": written,
            "source": "point of sale",
            "receipt_date": stamp(slip.at),
            "cancelled_at": None,
            "total_money": self.money(total),
            "total_tax": self.money(sum(taxes)),
            "points_earned": 0,
            "points_deducted": self.money(points),
            "points_balance": 0,
            "customer_id": slip.customer,
            "total_discount": self.money(sum(off for _, off in discounts)),
            "employee_id": uid("employee", "one"),
            "store_id": slip.store,
            "pos_device_id": uid("device", slip.store),
            "dining_option": None,
            "total_discounts": [self._discount(each, off) for each, off in discounts],
            "total_taxes": self._total_taxes(wishes, taxes),
            "tip": self.money(slip.tip),
            "surcharge": self.money(slip.surcharge),
            "line_items": lines,
            "payments": [self._payment(slip, each) for each in _paid(payments, total)],
        }

    def _line(self, n: int, slip: Slip, wish: Wish, tax: int) -> Body:
        rule = wish.product.tax
        added = tax if rule and rule.is_added else 0
        whole = wish.quantity == wish.quantity.to_integral_value()
        return {
            "id": uid("line", f"{slip.number} {n}"),
            "item_id": uid("item", wish.product.name),
            "variant_id": uid("variant", wish.product.name),
            "item_name": wish.product.name,
            "variant_name": None,
            "sku": None,
            "quantity": int(wish.quantity) if whole else wish.quantity,
            "price": self.money(wish.product.price),
            "gross_total_money": self.money(wish.gross),
            "total_money": self.money(wish.reduced + added),
            "total_discount": self.money(wish.gross - wish.reduced),
            "cost": 0,
            "cost_total": 0,
            "line_note": slip.note,
            "line_taxes": [self._tax(rule, tax)] if rule else [],
            "line_discounts": [self._discount(each, each.off(wish.gross)) for each in wish.discounts],
            "line_modifiers": [self._modifier(name, price, wish.quantity) for name, price in wish.modifiers],
        }

    def _modifier(self, name: str, price: int, quantity: Decimal) -> Body:
        return {
            "id": uid("modifier", name),
            "modifier_option_id": uid("option", name),
            "name": name,
            "option": name,
            "price": self.money(price),
            "money_amount": self.money(_rounded(price * quantity)),
        }

    def _tax(self, rule: TaxRule, amount: int) -> Body:
        kind = "ADDED" if rule.is_added else "INCLUDED"
        return {
            "id": uid("tax", rule.name),
            "type": kind,
            "name": rule.name,
            "rate": rule.rate,
            "money_amount": self.money(amount),
        }

    def _total_taxes(self, wishes: Sequence[Wish], taxes: Sequence[int]) -> list[Body]:
        rules = list(dict.fromkeys(wish.product.tax for wish in wishes if wish.product.tax))
        pairs = list(zip(wishes, taxes, strict=True))
        return [self._tax(rule, sum(tax for wish, tax in pairs if wish.product.tax == rule)) for rule in rules]

    def _discount(self, discount: Discount, off: int) -> Body:
        kind = "FIXED_PERCENT" if discount.percentage is not None else "FIXED_AMOUNT"
        return {
            "id": uid("discount", discount.name),
            "type": "DISCOUNT_BY_POINTS" if discount.by_points else kind,
            "name": discount.name,
            "percentage": discount.percentage,
            "money_amount": self.money(off),
        }

    def _payment(self, slip: Slip, paid: Paid) -> Body:
        return {
            "payment_type_id": paid.by.id,
            "name": paid.by.name,
            "type": paid.by.type,
            "money_amount": self.money(paid.amount or 0),
            "paid_at": stamp(slip.at),
            "payment_details": None,
        }


def due(wishes: Sequence[Wish], slip: Slip) -> int:
    """What is to be paid, in minor units."""
    pairs = zip(wishes, _taxes(wishes), strict=True)
    lines = sum(wish.reduced + (tax if wish.product.tax and wish.product.tax.is_added else 0) for wish, tax in pairs)
    return lines + slip.tip + slip.surcharge


def uid(kind: str, name: str) -> str:
    """The same id for the same thing, always."""
    return str(uuid5(NAMESPACE_URL, f"loyverse {kind} {name}"))


def stamp(moment: datetime) -> str:
    """As Loyverse writes it: UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _taxes(wishes: Sequence[Wish]) -> list[int]:
    """The tax of each line: first by itself, then nudged so that the lines of a rule add up to its tax on their sum."""
    taxes = [wish.product.tax.of(wish.reduced) if wish.product.tax else 0 for wish in wishes]
    for rule in dict.fromkeys(wish.product.tax for wish in wishes if wish.product.tax):
        own = [n for n, wish in enumerate(wishes) if wish.product.tax == rule and wish.reduced]
        off = rule.of(sum(wishes[n].reduced for n in own)) - sum(taxes[n] for n in own)
        for n in own[: abs(off)]:
            taxes[n] += 1 if off > 0 else -1
    return taxes


def _paid(payments: Iterable[Paid], total: int) -> list[Paid]:
    left, found = total, []
    for each in payments:
        amount = left if each.amount is None else each.amount
        found.append(replace(each, amount=amount))
        left -= amount
    if left:
        raise ValueError(f"the payments are short of {left} minor units")
    return found


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
