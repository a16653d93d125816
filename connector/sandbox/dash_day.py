"""A trading day as it is rung up at a Dash till, and its daily summary; amounts in cents, the sums exact."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from connector.sandbox.body import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product at its price; `taxable` items bear the location's tax."""

    item_id: str
    name: str
    category: str
    price: int
    taxable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRule:
    """A tax of `per_10000`; an inclusive one is in the price already."""

    tax_id: str
    name: str
    per_10000: int
    inclusive: bool = False

    def on(self, price: int) -> int:
        """The tax of one line, halves up: in the price, or on top of it."""
        base = 10_000 + self.per_10000 if self.inclusive else 10_000
        return (2 * price * self.per_10000 + base) // (2 * base)

    @property
    def rate(self) -> str:
        """As a fraction: "0.0825"."""
        return f"0.{self.per_10000:04d}".rstrip("0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A delivery provider: who remits its tax (empty where it does not say), and what it keeps in percent."""

    name: str
    remits: str = "provider"
    commission: int = 0


Cart = Sequence[tuple[Item, int]]
Pays = Sequence[tuple[str, int]]
REST = -1  # as the amount of a payment: whatever is left to pay


@dataclass(slots=True)
class DayBook:
    """One location's day: ring up, give back, and read it off as a summary."""

    tax: TaxRule
    products: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    taxes: dict[str, int] = field(default_factory=dict)
    payments: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    deliveries: dict[str, dict[str, int]] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    fees: list[Body] = field(default_factory=list)
    paid_outs: list[Body] = field(default_factory=list)

    def sell(self, cart: Cart, pays: Pays, *, tip: int = 0, discount: int = 0, charge: int = 0) -> None:
        """A sale at the till; the discount goes off its first line."""
        due = tip + charge
        for place, (item, count) in enumerate(cart):
            net, tax = self._line(item, count, discount if place == 0 else 0, "")
            self._tax(item, tax, net)
            due += net + tax
        self._total("tips", tip)
        self._total("service_charges", charge)
        self._pay(pays, due)

    def deliver(self, cart: Cart, provider: Provider, *, tip: int = 0) -> None:
        """A sale through a provider, which pays later; its tax is in what it pays where the shop remits it."""
        row = self.deliveries.setdefault(provider.name, {"net_sales": 0, "tax": 0, "tips": 0})
        self.providers[provider.name] = provider
        due = tip
        for item, count in cart:
            net, tax = self._line(item, count, 0, provider.name)
            row["net_sales"] += net
            row["tax"] += tax
            due += net + (tax if provider.remits == "merchant" else 0)
        row["tips"] += tip
        self._total("tips", tip)
        self._paid("delivery_provider", due, provider.name)

    def sell_gift_card(self, amount: int, method: str) -> None:
        self._total("gift_card_sold", amount)
        self._paid(method, amount)

    def give_back(self, item: Item, method: str) -> None:
        """One item returned and paid back by any method, with its tax."""
        net, tax = self._price(item, 1)
        line = self.products.setdefault(
            (item.item_id, ""), dict.fromkeys(("count", "gross", "discount", "refunded"), 0)
        )
        self.items[item.item_id] = item
        line["refunded"] += net
        self.taxes["refunded"] = self.taxes.get("refunded", 0) + tax
        self.taxes["taxable"] = self.taxes.get("taxable", 0) - (net if item.taxable else 0)
        paid = self.payments.setdefault((method, ""), {"count": 0, "taken": 0, "refunded": 0})
        paid["refunded"] += net + tax

    def round_cash(self, amount: int) -> None:
        """What rounding to the nearest coin brought (+) or cost (−)."""
        self._total("rounding", amount)
        self._paid("cash", amount)

    def keep_fee(self, name: str, amount: int, method: str) -> None:
        """A fee that was taken off the payments before they are told."""
        self.fees.append(
            {"fee_id": f"fee-{len(self.fees) + 1}", "name": name, "amount": money(amount), "deducted": True}
        )
        self.payments[method, ""]["taken"] -= amount

    def pay_out(self, name: str, amount: int) -> None:
        """Cash taken from the till; the payments are told with it."""
        number = len(self.paid_outs) + 1
        self.paid_outs.append(
            {"paid_out_id": f"out-{number}", "name": name, "amount": money(amount), "deducted": False}
        )

    def summary(self) -> Body:
        """Everything the contract tells of a day but its name and state."""
        return {
            "products": [self._product(*key) for key in self.products],
            "taxes": [self._tax_row()],
            "payments": [_payment(*key, paid) for key, paid in self.payments.items()],
            "gift_cards": {"sold": money(self._sum("gift_card_sold")), "redeemed": money(self._redeemed())},
            "tips": money(self._sum("tips")),
            "service_charges": money(self._sum("service_charges")),
            "rounding": money(self._sum("rounding")),
            "fees": self.fees,
            "paid_outs": self.paid_outs,
            "delivery_providers": [self._delivery(name) for name in self.deliveries],
        }

    def _line(self, item: Item, count: int, discount: int, provider: str) -> tuple[int, int]:
        net, tax = self._price(item, count, discount)
        line = self.products.setdefault(
            (item.item_id, provider), dict.fromkeys(("count", "gross", "discount", "refunded"), 0)
        )
        self.items[item.item_id] = item
        line["count"] += count
        line["gross"] += net + discount
        line["discount"] += discount
        return net, tax

    def _price(self, item: Item, count: int, discount: int = 0) -> tuple[int, int]:
        """(net, tax) of a line."""
        price = item.price * count - discount
        tax = self.tax.on(price) if item.taxable else 0
        return (price - tax if self.tax.inclusive else price), tax

    def _tax(self, item: Item, tax: int, net: int) -> None:
        self.taxes["amount"] = self.taxes.get("amount", 0) + tax
        self.taxes["taxable"] = self.taxes.get("taxable", 0) + (net if item.taxable else 0)

    def _pay(self, pays: Pays, due: int) -> None:
        for method, amount in pays:
            part = due if amount == REST else amount
            self._paid(method, part)
            due -= part
        if due:
            raise ValueError(f"{due} cents of a sale are not paid")

    def _paid(self, method: str, amount: int, provider: str = "") -> None:
        paid = self.payments.setdefault((method, provider), {"count": 0, "taken": 0, "refunded": 0})
        paid["count"] += 1
        paid["taken"] += amount

    def _total(self, name: str, amount: int) -> None:
        self.totals[name] = self._sum(name) + amount

    def _sum(self, name: str) -> int:
        return self.totals.get(name, 0)

    def _redeemed(self) -> int:
        return sum(
            paid["taken"] - paid["refunded"] for (method, _), paid in self.payments.items() if method == "gift_card"
        )

    def _product(self, item_id: str, provider: str) -> Body:
        item, line = self.items[item_id], self.products[item_id, provider]
        row: Body = {
            "product_id": f"{item_id}@{provider}" if provider else item_id,
            "product": item.name,
            "category": item.category,
            "quantity": str(line["count"]),
            "gross": money(line["gross"]),
            "discount": money(line["discount"]),
            "refunded": money(line["refunded"]),
            "net": money(line["gross"] - line["discount"] - line["refunded"]),
        }
        return row | ({"provider": provider} if provider else {"tax_ids": [self.tax.tax_id] if item.taxable else []})

    def _tax_row(self) -> Body:
        refunded = self.taxes.get("refunded", 0)
        return {
            "tax_id": self.tax.tax_id,
            "name": self.tax.name,
            "rate": self.tax.rate,
            "taxable": money(self.taxes.get("taxable", 0)),
            "amount": money(self.taxes.get("amount", 0) - refunded),
            "refunded": money(refunded),
        }

    def _delivery(self, name: str) -> Body:
        provider, row = self.providers[name], self.deliveries[name]
        told: Body = {"provider": name, **{key: money(amount) for key, amount in row.items()}}
        told |= {"commission": money(row["net_sales"] * provider.commission // 100)}
        told |= {"tax_id": self.tax.tax_id} if provider.remits == "merchant" else {}
        return told | ({"tax_remitted_by": provider.remits} if provider.remits else {})


def money(cents: int) -> str:
    """As the contract writes it: "-12.05"."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def cents(text: str) -> int:
    """A sum of the contract as whole cents."""
    return int(text.replace(".", ""))


def _payment(method: str, provider: str, paid: dict[str, int]) -> Body:
    row: Body = {
        "method": method,
        "name": method.replace("_", " ").title(),
        "count": paid["count"],
        "amount": money(paid["taken"] - paid["refunded"]),
        "refunded": money(paid["refunded"]),
    }
    return row | ({"provider": provider} if provider else {})
