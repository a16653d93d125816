"""A shop on X-Series: each act writes exactly the records Lightspeed would list afterwards.

Amounts are decimals of the main unit. Lines have five decimals and no tax in them; the totals are whole, and one tax
component of a sale carries what rounding leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from connector.sandbox.body import Body, child, children, number, text
from connector.sandbox.shelf import Shelf

FIVE = Decimal("0.00001")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """A tax of one or more rates: (rate id, name, rate as a fraction)."""

    tax_id: str
    name: str
    rates: tuple[tuple[str, str, Decimal], ...]

    @property
    def rate(self) -> Decimal:
        return sum((rate for _, _, rate in self.rates), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """`price` as on the shelf: with tax where the outlet shows prices so."""

    product_id: str
    name: str
    category: str
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A place that sells. `unit` is its currency's smallest coin as a decimal: 0.01, or 1 for yen."""

    outlet_id: str
    name: str
    zone: str
    currency: str
    is_inclusive: bool
    tax: TaxGroup
    unit: Decimal = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line: how many, how much off (a fraction), whether it comes back, and the number of a gift card sold."""

    product: Product
    quantity: int = 1
    off: Decimal = Decimal(0)
    is_return: bool = False
    gift_card: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """A payment by the id of its type; without an amount it takes what is left. `at` where it was not with the sale."""

    type_id: str
    amount: Decimal | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A sale about to be made. `arrives` is when an offline till sent it."""

    at: datetime
    register_id: str
    session_id: str
    items: tuple[Item, ...]
    pays: tuple[Pay, ...]
    state: str = "closed"
    attributes: tuple[str, ...] = ()
    adjustments: tuple[tuple[str, str, Decimal], ...] = ()
    online_charges: tuple[tuple[str, Decimal], ...] = ()
    returns: str = ""
    arrives: datetime | None = None
    source: str = "USER"
    person: Mapping[str, str] = field(default_factory=dict)


class Shop:
    """One retailer. Ids and versions are running numbers, so the same acts give the same records."""

    def __init__(self, shelf: Shelf, payment_types: Mapping[str, tuple[str, int]]) -> None:
        self._shelf = shelf
        self._types = payment_types

    def keep(self, kind: str, body: Body) -> None:
        """Put a record of a list on the shelf, as its newest version."""
        self._shelf.put(f"lsx-{kind}", text(body, "id"), {**body, "version": self.next_version()})

    def sell(self, outlet: Outlet, ticket: Ticket) -> str:
        """A sale, return or exchange with its payments. Its id."""
        count = self._shelf.next_number("lsx-sale")
        sale_id = f"5a1e0000-0000-4000-8000-{count:012d}"
        lines, taxes = _priced(outlet, ticket.items)
        price = _whole(sum((_amount(line, "total") for line in _pricings(lines)), Decimal(0)), outlet.unit)
        price += sum((amount for _, _, amount in ticket.adjustments), Decimal(0))
        price += sum((amount for _, amount in ticket.online_charges), Decimal(0))
        tax = sum(taxes.values(), Decimal(0))
        arrives = ticket.arrives or ticket.at + timedelta(seconds=5)
        body: Body = {
            "id": sale_id,
            "state": ticket.state,
            "attributes": list(ticket.attributes),
            "date": stamp(ticket.at),
            "created_at": stamp(arrives),
            "updated_at": stamp(arrives),
            "deleted_at": None,
            "invoice_number": f"HL-{count}",
            "receipt_number": f"HL-{count}",
            "customer_id": ticket.person.get("id"),
            "note": ticket.person.get("note", ""),
            "source": {
                "type": ticket.source,
                "outlet_id": outlet.outlet_id,
                "register_id": ticket.register_id,
                "author": {"id": "a0700000-0000-4000-8000-000000000001"},
            },
            "totals": _totals(price, tax),
            "line_items": lines,
            "payments": self._payments(sale_id, outlet, ticket, price + tax),
            "taxes": [{"id": rate, "tax": _plain(amount)} for rate, amount in taxes.items()],
            "adjustments": [_adjustment(*each) for each in ticket.adjustments],
            "ecom_custom_charges": [_online_charge(*each) for each in ticket.online_charges],
            "return": {
                "is_return": bool(ticket.returns),
                "original_sale_id": ticket.returns or None,
                "return_sale_ids": [],
            },
        }
        self.put_sale(body)
        return sale_id

    def sale(self, sale_id: str) -> Body:
        found = self._shelf.get("lsx-sales", sale_id)
        if found is None:
            raise ValueError(f"there is no sale {sale_id}")
        return found

    def put_sale(self, body: Body) -> None:
        """Keep a sale as its newest version."""
        self._shelf.put("lsx-sales", text(body, "id"), {**body, "_metadata": {"version": self.next_version()}})

    def void(self, sale_id: str, at: datetime) -> None:
        """A closed sale taken back by the shop."""
        self.put_sale({**self.sale(sale_id), "state": "voided", "updated_at": stamp(at)})

    def add_tip(self, sale_id: str, tip: Decimal, at: datetime) -> None:
        """A tip entered after the sale: an adjustment more, and the payment is larger by it."""
        sale = self.sale(sale_id)
        totals, (payment, *others) = child(sale, "totals"), children(sale, "payments")
        price = _amount(totals, "price") + tip
        paid: Body = {**payment, "amount": _plain(_amount(payment, "amount") + tip)}
        self.put_sale({
            **sale,
            "totals": _totals(price, _amount(totals, "tax")),
            "adjustments": [*children(sale, "adjustments"), _adjustment("TIP", "Tip", tip)],
            "payments": [paid, *others],
            "updated_at": stamp(at),
        })  # fmt: skip

    def _payments(self, sale_id: str, outlet: Outlet, ticket: Ticket, due: Decimal) -> list[Body]:
        bodies, left = [], due
        for place, pay in enumerate(ticket.pays, 1):
            amount = left if pay.amount is None else pay.amount
            left -= amount
            name, kind = self._types.get(pay.type_id, ("Seashells", 77))
            bodies.append({
                "id": f"9a1d{place:04d}{sale_id[8:]}",
                "amount": _plain(amount),
                "date": stamp(pay.at or ticket.at),
                "deleted_at": None,
                "type": {"config_id": pay.type_id, "id": str(kind), "name": name},
                "external_attributes": [{"key": "cardholder", "value": ticket.person.get("name", "")}],
                "source": {"id": None, "outlet_id": outlet.outlet_id, "register_id": ticket.register_id},
                "_metadata": {"register_open_sequence_id": ticket.session_id},
            })  # fmt: skip
        if left and ticket.state == "closed" and not ticket.attributes:
            raise ValueError(f"sale {sale_id} is short of {left}")
        return bodies

    def next_version(self) -> int:
        """Global over all records and not consecutive, as versions are."""
        number = self._shelf.next_number("lsx-version")
        return 30_000_000_000 + number * 7 + number % 3


def _priced(outlet: Outlet, items: Sequence[Item]) -> tuple[list[Body], dict[str, Decimal]]:
    """The lines, and the tax of each rate in whole coins."""
    exact = [_line_amounts(outlet, item) for item in items]
    sums: dict[str, Decimal] = {}
    for _, _, taxes in exact:
        for rate, amount in taxes.items():
            sums[rate] = sums.get(rate, Decimal(0)) + amount
    whole = {rate: _whole(amount, outlet.unit) for rate, amount in sums.items()}
    if outlet.is_inclusive and whole:
        _close(outlet, items, exact, whole)
    lines = [_line(n, outlet, item, amounts) for n, (item, amounts) in enumerate(zip(items, exact, strict=True), 1)]
    _put_the_cent_on_one_component(lines, items, whole)
    return lines, whole


Amounts = tuple[Decimal, Decimal, dict[str, Decimal]]  # net, discount, taxes by rate; signed


def _line_amounts(outlet: Outlet, item: Item) -> Amounts:
    sign = -1 if item.is_return else 1
    shelf_price = sign * item.product.price * item.quantity
    if item.gift_card:
        return shelf_price, Decimal(0), {}
    divisor = 1 + outlet.tax.rate if outlet.is_inclusive else Decimal(1)
    full = (shelf_price / divisor).quantize(FIVE, ROUND_HALF_UP)
    net = (shelf_price * (1 - item.off) / divisor).quantize(FIVE, ROUND_HALF_UP)
    taxes = {rate_id: (net * rate).quantize(FIVE, ROUND_HALF_UP) for rate_id, _, rate in outlet.tax.rates}
    return net, full - net, taxes


def _close(outlet: Outlet, items: Sequence[Item], exact: Sequence[Amounts], whole: dict[str, Decimal]) -> None:
    """Prices with tax are what the customer pays: the first rate takes what rounding the net left."""
    signed = [(-1 if item.is_return else 1) * item.product.price * item.quantity * (1 - item.off) for item in items]
    gross = _whole(sum(signed, Decimal(0)), outlet.unit)
    net = _whole(sum((amounts[0] for amounts in exact), Decimal(0)), outlet.unit)
    first = next(iter(whole))
    whole[first] += gross - net - sum(whole.values())


def _line(place: int, outlet: Outlet, item: Item, amounts: Amounts) -> Body:
    net, discount, taxes = amounts
    quantity = -item.quantity if item.is_return else item.quantity
    components = [{"rate_id": rate, "total_tax": _plain(abs(amount))} for rate, amount in taxes.items()]
    return {
        "id": f"line-{place}",
        "quantity": quantity,
        "product": {"id": item.product.product_id},
        "pricing": {
            "price": _plain((net / quantity).quantize(FIVE)),
            "total": _plain(net),
            "cost": 1,
            "cost_total": quantity,
            "discount": _plain((discount / quantity).quantize(FIVE)),
            "discount_total": _plain(discount),
            "loyalty_amount": 0,
            "loyalty_amount_total": 0,
        },
        "tax": {"id": outlet.tax.tax_id, "amount": 0, "total": _plain(sum(taxes.values(), Decimal(0)))},
        "return": {"is_return": item.is_return, "reason": None},
        "status": "CONFIRMED",
        "note": None,
        "gift_card_number": item.gift_card or None,
        "_metadata": {"sequence": place - 1, "is_price_override": False, "tax_components": components},
    }


def _put_the_cent_on_one_component(lines: list[Body], items: Sequence[Item], whole: Mapping[str, Decimal]) -> None:
    for rate, amount in whole.items():
        carriers = []
        for line, item in zip(lines, items, strict=True):
            for component in children(child(line, "_metadata"), "tax_components"):
                if component["rate_id"] == rate:
                    carriers.append((component, -1 if item.is_return else 1))
        off = amount - sum((sign * _amount(each, "total_tax") for each, sign in carriers), Decimal(0))
        last, sign = carriers[-1]
        last["total_tax"] = _plain(_amount(last, "total_tax") + sign * off)


def _pricings(lines: Sequence[Body]) -> list[Body]:
    return [child(line, "pricing") for line in lines]


def _totals(price: Decimal, tax: Decimal) -> Body:
    amounts = {"price": price, "tax": tax, "price_incl_tax": price + tax, "surcharge": Decimal(0)}
    return {**{name: _plain(amount) for name, amount in amounts.items()}, "loyalty": 0}


def _adjustment(kind: str, name: str, amount: Decimal) -> Body:
    return {"adjustment_type": kind, "name": name, "total": _plain(amount)}


def _online_charge(name: str, amount: Decimal) -> Body:
    return {"name": name, "total": _plain(amount), "total_tax": 0, "total_incl": _plain(amount)}


def _amount(body: Mapping[str, object], key: str) -> Decimal:
    return number(body, key) or Decimal(0)


def _whole(amount: Decimal, unit: Decimal) -> Decimal:
    return amount.quantize(unit, ROUND_HALF_UP)


def _plain(amount: Decimal) -> object:
    """As Lightspeed writes a number: 200 and not 200.00, 4.30435 and not 4.304350."""
    return int(amount) if amount == amount.to_integral_value() else amount.normalize()


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
