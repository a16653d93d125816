"""A merchant with Loyverse tills: each act writes exactly the records Loyverse would list afterwards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from connector.sandbox.body import Body, children, number, text
from connector.sandbox.loyverse_receipts import Paid, PaymentType, Product, Slip, Till, Wish, stamp, uid
from connector.sandbox.shelf import Shelf

KINDS = ("merchant", "store", "payment_type", "category", "item", "receipt", "shift")
"""What the shelf holds of a Loyverse merchant; a kind is kept as `loyverse-KIND`."""
CASH = PaymentType(name="Cash", type="CASH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One store with one till; its receipts begin with the number of the till."""

    name: str
    till: int
    country: str

    @property
    def id(self) -> str:
        return uid("store", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawer:
    """A shift at one drawer, in minor units. `miscount` is found less expected; a movement is type, amount, comment."""

    opened_at: datetime
    closed_at: datetime
    start: int = 10000
    miscount: int = 0
    movements: tuple[tuple[str, int, str], ...] = ()


class Shop:
    """The acts of one merchant; ids and numbers are always the same."""

    def __init__(self, shelf: Shelf, currency: str, places: int) -> None:
        self._shelf = shelf
        self._till = Till(places=places)
        self._currency: Body = {"code": currency, "decimal_places": places}

    def open(self, name: str, created_at: datetime, stores: Iterable[Store]) -> None:
        """The merchant and its stores."""
        written = stamp(created_at)
        merchant: Body = {
            "id": uid("merchant", name),
            "business_name": name,
            "email": f"owner@{name.lower().replace(' ', '-')}.example",
            "country": "US",
            "currency": self._currency,
            "created_at": written,
        }
        self._put("merchant", text(merchant, "id"), merchant)
        for store in stores:
            body: Body = {"id": store.id, "name": store.name, "country": store.country, "deleted_at": None}
            self._put("store", store.id, body | {"created_at": written, "updated_at": written})

    def stock(self, products: Iterable[Product], payment_types: Iterable[PaymentType], at: datetime) -> None:
        """The catalogue, its categories, and the ways to pay."""
        changed: Body = {"created_at": stamp(at), "updated_at": stamp(at), "deleted_at": None}
        for product in products:
            category = uid("category", product.category)
            self._put("category", category, {"id": category, "name": product.category} | changed)
            item: Body = {"id": uid("item", product.name), "item_name": product.name, "category_id": category}
            self._put("item", text(item, "id"), item | changed)
        for each in payment_types:
            self._put("payment_type", each.id, {"id": each.id, "name": each.name, "type": each.type} | changed)

    def withdraw(self, product: Product, at: datetime) -> None:
        """Takes a product out of the catalogue; its receipts stay."""
        self._change("item", uid("item", product.name), {"deleted_at": stamp(at), "updated_at": stamp(at)})

    def sell(self, store: Store, slip: Slip, wishes: Sequence[Wish], payments: Sequence[Paid]) -> str:
        """A receipt of the store; gives its number."""
        numbered = replace(slip, number=self._next_number(store), store=store.id)
        self._put("receipt", numbered.number, self._till.receipt(numbered, wishes, payments))
        return numbered.number

    def refund(self, store: Store, sold: str, wishes: Sequence[Wish], payments: Sequence[Paid], at: datetime) -> str:
        """A refund of some lines of a receipt, out of any payment type; the sale is marked as changed."""
        self._change("receipt", sold, {"updated_at": stamp(at)})
        return self.sell(store, Slip(number="", store="", at=at, kind="REFUND", refund_for=sold), wishes, payments)

    def cancel(self, sold: str, at: datetime) -> None:
        """Voids a receipt."""
        self._change("receipt", sold, {"cancelled_at": stamp(at), "updated_at": stamp(at)})

    def tip_later(self, sold: str, tip: int, at: datetime) -> None:
        """Adds a tip to a receipt that one payment paid."""
        body = self._shelf.get("loyverse-receipt", sold) or {}
        total = (number(body, "total_money") or Decimal(0)) + self._till.money(tip)
        (payment,) = children(body, "payments")
        self._change("receipt", sold, {
            "tip": self._till.money(tip), "total_money": total, "payments": [payment | {"money_amount": total}],
            "updated_at": stamp(at),
        })  # fmt: skip

    def close(self, store: Store, drawer: Drawer) -> str:
        """A closed shift over the receipts that the till made in it; gives its id."""
        own = [body for body in self._shelf.all("loyverse-receipt") if _is_in(body, store, drawer)]
        shift = self._shift(store, drawer, own)
        self._put("shift", text(shift, "id"), shift)
        return text(shift, "id")

    def _shift(self, store: Store, drawer: Drawer, receipts: Sequence[Body]) -> Body:
        sales = [body for body in receipts if body["receipt_type"] == "SALE"]
        refunds = [body for body in receipts if body["receipt_type"] == "REFUND"]
        cash_in, cash_out = _paid(sales, CASH.id), _paid(refunds, CASH.id)
        paid_in, paid_out = (self._till.money(_moved(drawer, word)) for word in ("IN", "OUT"))
        start = self._till.money(drawer.start)
        expected = start + cash_in - cash_out + paid_in - paid_out
        discounts = _sum(sales, "total_discount") - _sum(refunds, "total_discount")
        gross = sum((_sum(children(body, "line_items"), "gross_total_money") for body in sales), Decimal(0))
        back = sum((_sum(children(body, "line_items"), "gross_total_money") for body in refunds), Decimal(0))
        types = list(dict.fromkeys(text(each, "payment_type_id") for body in sales for each in _payments(body)))
        return {
            "id": uid("shift", f"{store.name} {stamp(drawer.opened_at)}"),
            "store_id": store.id,
            "pos_device_id": uid("device", store.id),
            "opened_at": stamp(drawer.opened_at),
            "closed_at": stamp(drawer.closed_at),
            "starting_cash": start,
            "cash_payments": cash_in,
            "cash_refunds": cash_out,
            "paid_in": paid_in,
            "paid_out": paid_out,
            "expected_cash": expected,
            "actual_cash": expected + self._till.money(drawer.miscount),
            "gross_sales": gross,
            "refunds": back,
            "discounts": discounts,
            "net_sales": gross - back - discounts,
            "tip": _sum(sales, "tip"),
            "surcharge": _sum(sales, "surcharge"),
            "taxes": [],
            "payments": [{"payment_type_id": each, "money_amount": _paid(sales, each)} for each in types],
            "cash_movements": [
                {
                    "type": type_,
                    "money_amount": self._till.money(amount),
                    "comment": comment,
                    "employee_id": uid("employee", "one"),
                    "created_at": stamp(drawer.opened_at + timedelta(hours=2)),
                }
                for type_, amount, comment in drawer.movements
            ],
        }

    def _next_number(self, store: Store) -> str:
        return f"{store.till}-{1000 + self._shelf.next_number(f'loyverse-till-{store.till}')}"

    def _put(self, kind: str, key: str, body: Body) -> None:
        self._shelf.put(f"loyverse-{kind}", key, body)

    def _change(self, kind: str, key: str, changes: Body) -> None:
        body = self._shelf.get(f"loyverse-{kind}", key)
        if body is None:
            raise ValueError(f"there is no {kind} {key}")
        self._put(kind, key, body | changes)


def _is_in(body: Body, store: Store, drawer: Drawer) -> bool:
    made = text(body, "receipt_date")
    return body["store_id"] == store.id and stamp(drawer.opened_at) <= made <= stamp(drawer.closed_at)


def _moved(drawer: Drawer, word: str) -> int:
    return sum(amount for type_, amount, _ in drawer.movements if type_.endswith(word))


def _payments(body: Body) -> list[Body]:
    return children(body, "payments")


def _paid(receipts: Iterable[Body], payment_type_id: str) -> Decimal:
    payments = [each for body in receipts for each in _payments(body) if each["payment_type_id"] == payment_type_id]
    return _sum(payments, "money_amount")


def _sum(bodies: Iterable[Body], key: str) -> Decimal:
    return sum((number(body, key) or Decimal(0) for body in bodies), Decimal(0))
