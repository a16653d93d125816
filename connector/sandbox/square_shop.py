"""A shop with a Square till: each act writes exactly the records Square would list afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from connector.sandbox.body import Body, text
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_catalog import catalog_objects
from connector.sandbox.square_orders import EMPTY_CART, OrderHead, Place, Return, order_body, stamp
from connector.sandbox.square_payments import (
    Paid,
    Pay,
    Person,
    Refunded,
    after_refund,
    payment_body,
    refund_body,
    tender_body,
)
from connector.sandbox.square_payouts import (
    Entry,
    PayoutHead,
    charge_entry,
    entry_body,
    payout_body,
    refund_entry,
    returned_payout_entry,
)
from connector.sandbox.square_prices import Cart, CartLine, PricedCart, PricedLine, Product, price, returned

KINDS = (
    "location", "catalog", "order", "payment", "refund", "payout", "payout-entry", "cash-drawer", "gift-card-activity",
    "dispute",
)  # fmt: skip
"""What the shelf holds of a Square shop; a kind is kept as `square-KIND`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A sale made: where it lies, what it came to, and how it was paid."""

    order_id: str
    cart: PricedCart
    paid: tuple[Paid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When and how a sale comes about; `pickup_for` makes it an online order that stays OPEN though paid."""

    at: datetime
    channel: str | None = None
    person: Person | None = None
    pickup_for: Person | None = None


class Shop:
    """One location. Ids are the location's prefix and a running number, so the same acts give the same ids."""

    def __init__(self, shelf: Shelf, place: Place, *, prefix: str) -> None:
        self._shelf = shelf
        self.place = place
        self._prefix = prefix

    def open(self, location: Body, products: tuple[Product, ...]) -> None:
        """Put the location and its catalogue on the shelf."""
        self.put("location", location)
        for item in catalog_objects(products, self.place.tax, self.place.currency):
            self.put("catalog", item)

    def sell(self, cart: Cart, pays: Sequence[Pay], on: Occasion) -> Sale:
        """A sale with its payments. Raises ValueError when they do not pay the order to the cent."""
        return self._ring_up(price(cart, self.place.tax), pays, on, came_back=None)

    def gift_card(self, amount: int, pays: Sequence[Pay], on: Occasion) -> Sale:
        """A gift card sold: money owed to its bearer, neither taxed nor revenue."""
        card = Product(variation_id=None, name="Gift card", category=None, price=amount, item_type="GIFT_CARD")
        return self.sell(Cart(lines=(CartLine(product=card),)), pays, on)

    def exchange(self, back: Return, cart: Cart, pays: Sequence[Pay], on: Occasion) -> Sale:
        """Goods back and goods out in one order; only the difference is paid."""
        return self._ring_up(price(cart, self.place.tax), pays, on, came_back=back)

    def coming_back(self, sale: Sale, quantities: Mapping[str, Decimal], *, tip: int = 0) -> Return:
        """These quantities of the sale's lines by uid, with their share of discount and tax."""
        lines = tuple(returned(line, quantities[line.uid]) for line in sale.cart.lines if line.uid in quantities)
        tip_tender = sale.paid[0].payment_id if tip else None
        return Return(source_order_id=sale.order_id, lines=lines, tip=tip, tip_tender_id=tip_tender)

    def refund(self, sale: Sale, back: Return, *, at: datetime, reason: str, fee_returned: int = 0) -> str:
        """Money back on the sale's first payment: a return order and a refund. The refund's id."""
        payment_id = sale.paid[0].payment_id
        refunded = Refunded(
            refund_id=f"{payment_id}_{self._prefix}R{self._number('refund')}",
            return_order_id=self.new_id("order"),
            at=at,
            amount=back.as_cart.total,
            reason=reason,
            fee_returned=fee_returned,
        )
        with self._shelf.transaction():
            self.put("order", self._return_order(refunded, payment_id, back))
            payment = self.get("payment", payment_id)
            self.put("refund", refund_body(self.place, refunded, payment))
            self.put("payment", after_refund(self.place, payment, refunded))
            self._touch(sale.order_id, at)
        return refunded.refund_id

    def refund_amount(self, sale: Sale, amount: int, *, at: datetime, reason: str) -> str:
        """A refund of an amount without saying of what: one custom line, no share of the tax. The refund's id."""
        custom = Product(
            variation_id=None, name="Custom Amount", category=None, price=amount, item_type="CUSTOM_AMOUNT"
        )
        line = PricedLine(
            uid="line-1",
            product=custom,
            quantity=Decimal(1),
            variation_total=amount,
            modifiers=(),
            discount=0,
            tax=0,
            tax_inclusive=False,
        )
        return self.refund(sale, Return(source_order_id=sale.order_id, lines=(line,)), at=at, reason=reason)

    def abandon(self, cart: Cart, on: Occasion) -> str:
        """A cart left OPEN without tenders. The order's id."""
        return self._without_money(price(cart, self.place.tax), "OPEN", (), on)

    def cancel(self, cart: Cart, on: Occasion) -> str:
        """A CANCELED order with amounts, whose card payment was voided. The order's id."""
        return self._without_money(price(cart, self.place.tax), "CANCELED", (Pay(kind="CARD", status="CANCELED"),), on)

    def charges(self, *sales: Sale) -> tuple[Entry, ...]:
        """The payout entries of the sales' card payments, effective two hours after each."""
        card = [paid for sale in sales for paid in sale.paid if paid.pay.kind == "CARD"]
        return tuple(charge_entry(self.get("payment", paid.payment_id), paid.at + timedelta(hours=2)) for paid in card)

    def refunds(self, *refund_ids: str) -> tuple[Entry, ...]:
        """The payout entries of these refunds."""
        bodies = [self.get("refund", refund_id) for refund_id in refund_ids]
        return tuple(refund_entry(body, datetime.fromisoformat(text(body, "updated_at"))) for body in bodies)

    def returned_payout(self, payout_id: str, *, at: datetime) -> Entry:
        """The payout entry that brings back a failed payout."""
        return returned_payout_entry(self.get("payout", payout_id), at)

    def payout(
        self, entries: tuple[Entry, ...], *, at: datetime, arrival: date, status: str = "PAID", settled_at: datetime
    ) -> str:
        """A BATCH payout of these entries; `settled_at` is when it became what `status` says. The payout's id."""
        number = self._number("payout")
        head = PayoutHead(
            payout_id=f"po_{self._prefix.lower()}_{number}",
            created_at=at,
            updated_at=settled_at,
            arrival=arrival,
            end_to_end_id=f"L{arrival:%y%m%d}{number}",
            status=status,
        )
        with self._shelf.transaction():
            self.put("payout", payout_body(self.place, head, sum(entry.net for entry in entries)))
            for entry in entries:
                entry_id = f"poe_{self._prefix.lower()}_{self._number('payout-entry')}"
                self.put("payout-entry", entry_body(self.place, head.payout_id, entry_id, entry), mark=head.payout_id)
        return head.payout_id

    def _ring_up(self, cart: PricedCart, pays: Sequence[Pay], on: Occasion, *, came_back: Return | None) -> Sale:
        cart = replace(cart, tip=sum(pay.tip for pay in pays))
        due = cart.total - (came_back.as_cart.total if came_back else 0)
        order_id = self.new_id("order")
        paid = self._settle(pays, due, order_id, on)
        head = OrderHead(
            order_id=order_id,
            at=on.at,
            state="OPEN" if on.pickup_for else "COMPLETED",
            channel=on.channel,
            extra=_customer(on.person or on.pickup_for) | (_pickup(on) if on.pickup_for else {}),
        )
        tenders = [tender_body(self.place, each) for each in paid]
        with self._shelf.transaction():
            self.put("order", order_body(self.place, head, cart, tenders=tenders, came_back=came_back))
            for each in paid:
                self.put("payment", payment_body(self.place, each))
        return Sale(order_id=order_id, cart=cart, paid=paid)

    def _settle(self, pays: Sequence[Pay], due: int, order_id: str, on: Occasion) -> tuple[Paid, ...]:
        left = due - sum((pay.amount or 0) + pay.tip for pay in pays)
        paid = []
        for pay in pays:
            amount = left if pay.amount is None else pay.amount
            left -= amount if pay.amount is None else 0
            paid.append(Paid(payment_id=self.new_id("payment"), order_id=order_id, at=on.at, pay=pay, amount=amount))
        if left:
            raise ValueError(f"{order_id} is short of {left} minor units")
        return tuple(replace(each, pay=replace(each.pay, person=each.pay.person or on.person)) for each in paid)

    def _return_order(self, refunded: Refunded, payment_id: str, back: Return) -> Body:
        note: Body = {
            "id": refunded.refund_id.partition("_")[2],
            "location_id": self.place.location_id,
            "tender_id": payment_id,
            "created_at": stamp(refunded.at),
            "reason": refunded.reason,
            "amount_money": self.place.money(refunded.amount),
            "status": "APPROVED",
        }
        head = OrderHead(order_id=refunded.return_order_id, at=refunded.at, extra={"refunds": [note]})
        return order_body(self.place, head, EMPTY_CART, tenders=[], came_back=back)

    def _without_money(self, cart: PricedCart, state: str, pays: tuple[Pay, ...], on: Occasion) -> str:
        head = OrderHead(order_id=self.new_id("order"), at=on.at, state=state, extra=_customer(on.person))
        with self._shelf.transaction():
            self.put("order", order_body(self.place, head, cart, tenders=[]))
            for each in self._settle(pays, cart.total if pays else 0, head.order_id, on):
                self.put("payment", payment_body(self.place, each))
        return head.order_id

    def _touch(self, order_id: str, at: datetime) -> None:
        """A later refund moves the sale's version and `updated_at`; its amounts and `closed_at` stay."""
        order = self.get("order", order_id)
        version = order["version"]
        newer = version + 1 if isinstance(version, int) else 1
        self.put("order", order | {"version": newer, "updated_at": stamp(at + timedelta(seconds=3))})

    def new_id(self, kind: str) -> str:
        return f"{self._prefix}{kind[0].upper()}{self._number(kind)}"

    def _number(self, kind: str) -> str:
        return f"{self._shelf.next_number(f'square-{kind}'):06d}"

    def get(self, kind: str, record_id: str) -> Body:
        """A record as Square has it now. Raises ValueError where there is none."""
        body = self._shelf.get(f"square-{kind}", record_id)
        if body is None:
            raise ValueError(f"there is no {kind} {record_id}")
        return body

    def put(self, kind: str, body: Body, *, mark: str = "") -> None:
        """The record in place of an earlier one of its id."""
        self._shelf.put(f"square-{kind}", text(body, "id"), body, mark=mark)


def _customer(person: Person | None) -> Body:
    return {"customer_id": person.customer_id, "ticket_name": person.name} if person else {}


def _pickup(on: Occasion) -> Body:
    person = on.pickup_for
    if person is None:
        return {}
    recipient: Body = {
        "customer_id": person.customer_id,
        "display_name": person.name,
        "email_address": person.email,
        "phone_number": person.phone,
        "address": person.address,
    }
    details: Body = {"recipient": recipient, "note": f"{person.name} rings", "placed_at": stamp(on.at)}
    return {
        "fulfillments": [{"uid": "pickup-1", "type": "PICKUP", "state": "PROPOSED", "pickup_details": details}],
        "metadata": {"phone": person.phone},
    }
