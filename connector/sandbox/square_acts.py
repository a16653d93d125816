"""Acts at a Square till that come after the sale, or beside it: what they change is what Square would list then."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from connector.sandbox.body import Body, children, text
from connector.sandbox.square_orders import OrderHead, Return, order_body, stamp
from connector.sandbox.square_payments import (
    Paid,
    Pay,
    payment_body,
    tender_body,
)
from connector.sandbox.square_payouts import Entry, PayoutHead, payout_body
from connector.sandbox.square_prices import Cart, price
from connector.sandbox.square_shop import Occasion, Sale, Shop
from connector.sandbox.square_till import Activity, Drawer, activity_body, dispute_body, drawer_body


def add_tip(shop: Shop, sale: Sale, tip: int, *, at: datetime) -> Sale:
    """The tip written on the slip and typed in later: payment and order get it, and a newer version."""
    paid = replace(sale.paid[0], pay=replace(sale.paid[0].pay, tip=tip))
    cart = replace(sale.cart, tip=tip)
    order = shop.get("order", sale.order_id)
    head = OrderHead(order_id=sale.order_id, at=paid.at)
    tenders = [tender_body(shop.place, each) for each in (paid, *sale.paid[1:])]
    newer = order_body(shop.place, head, cart, tenders=tenders)
    shop.put("order", order | newer | _changed(order, at))
    shop.put("payment", payment_body(shop.place, paid) | {"updated_at": stamp(at)})
    return replace(sale, cart=cart, paid=(paid, *sale.paid[1:]))


def void(shop: Shop, order: Body, *, at: datetime) -> None:
    """The sale undone as if it had never been: order and payments are cancelled, their amounts stay readable."""
    shop.put("order", order | {"state": "CANCELED", "closed_at": stamp(at)} | _changed(order, at))
    for tender in children(order, "tenders"):
        payment = shop.get("payment", text(tender, "payment_id"))
        shop.put("payment", payment | {"status": "CANCELED", "updated_at": stamp(at)})


def sell_offline(shop: Shop, cart: Cart, pay: Pay, *, taken_at: datetime, arrived_at: datetime) -> Sale:
    """A sale the till kept while it had no connection: order and payment are made when it arrives, and only the
    payment knows when the customer paid."""
    sale = shop.sell(cart, [pay], Occasion(at=arrived_at))
    payment = shop.get("payment", sale.paid[0].payment_id)
    shop.put("payment", payment | {"offline_payment_details": {"client_created_at": stamp(taken_at)}})
    return sale


def take_deposit(shop: Shop, cart: Cart, pay: Pay, on: Occasion) -> Sale:
    """An order left OPEN with one part of it paid; `pay.amount` says how much."""
    priced = price(cart, shop.place.tax)
    order_id = shop.new_id("order")
    paid = Paid(payment_id=shop.new_id("payment"), order_id=order_id, at=on.at, pay=pay, amount=pay.amount or 0)
    head = OrderHead(order_id=order_id, at=on.at, state="OPEN")
    body = order_body(shop.place, head, priced, tenders=[tender_body(shop.place, paid)])
    shop.put("order", body | {"net_amount_due_money": shop.place.money(priced.total - paid.total)})
    shop.put("payment", payment_body(shop.place, paid))
    return Sale(order_id=order_id, cart=priced, paid=(paid,))


def pay_the_rest(shop: Shop, sale: Sale, pay: Pay, *, at: datetime) -> Sale:
    """The other part of an order that was left open: it is completed."""
    rest = sale.cart.total - sum(paid.total for paid in sale.paid)
    paid = Paid(payment_id=shop.new_id("payment"), order_id=sale.order_id, at=at, pay=pay, amount=rest)
    order = shop.get("order", sale.order_id)
    tenders = [*children(order, "tenders"), tender_body(shop.place, paid)]
    done: Body = {"state": "COMPLETED", "closed_at": stamp(at), "net_amount_due_money": shop.place.money(0)}
    shop.put("order", order | done | {"tenders": tenders} | _changed(order, at))
    shop.put("payment", payment_body(shop.place, paid))
    return replace(sale, paid=(*sale.paid, paid))


def refund_in_cash(shop: Shop, sale: Sale, back: Return, *, at: datetime, reason: str) -> str:
    """Money back out of the drawer for what a card had paid. The refund's id."""
    refund_id = shop.refund(sale, back, at=at, reason=reason)
    given: Body = {"seller_supplied_money": shop.place.money(back.as_cart.total)}
    details: Body = {"cash_details": given | {"change_back_money": shop.place.money(0)}}
    to_cash: Body = {"destination_type": "CASH", "destination_details": details}
    shop.put("refund", shop.get("refund", refund_id) | to_cash)
    return refund_id


def count_drawer(shop: Shop, drawer: Drawer) -> None:
    """A cash drawer from its opening to its count."""
    shop.put("cash-drawer", drawer_body(shop.place, shop.new_id("cash-drawer"), drawer))


def change_card(shop: Shop, activity: Activity) -> None:
    """One activity of a gift card."""
    shop.put("gift-card-activity", activity_body(shop.place, shop.new_id("gift-card-activity"), activity))


def dispute(shop: Shop, sale: Sale, *, amount: int, at: datetime, state: str) -> tuple[Entry, ...]:
    """A card holder wants money back: the dispute, and the payout entries of taking and, where won, giving it back."""
    payment = shop.get("payment", sale.paid[0].payment_id)
    dispute_id = shop.new_id("dispute")
    shop.put("dispute", dispute_body(shop.place, dispute_id, payment, amount=amount, at=at, state=state))
    named = {"payment_id": text(payment, "id"), "dispute_id": dispute_id}
    taken = Entry(type="OPEN_DISPUTE", effective_at=at, gross=-amount, details={"type_open_dispute_details": named})
    given = Entry(
        type="DISPUTE",
        effective_at=at + timedelta(days=8),
        gross=amount,
        details={"type_dispute_details": named},
    )
    return (taken, given) if state == "WON" else (taken,)


def instant_payout(shop: Shop, amount: int, *, at: datetime, arrival: date) -> tuple[Entry, ...]:
    """A SIMPLE payout at once; gives the entries by which the next BATCH payout takes it and its fee back."""
    payout_id = f"po_{shop.new_id('payout').lower()}"
    head = PayoutHead(
        payout_id=payout_id,
        created_at=at,
        updated_at=at + timedelta(minutes=5),
        arrival=arrival,
        end_to_end_id=f"I{arrival:%y%m%d}",
        type="SIMPLE",
    )
    shop.put("payout", payout_body(shop.place, head, amount))
    took = Entry(type="PAYOUT", effective_at=at, gross=-amount, details={})
    fee = Entry(type="DEPOSIT_FEE", effective_at=at, gross=-amount * 175 // 10_000, details={})
    return took, fee


def keep_as_balance(shop: Shop, payout_id: str) -> None:
    """The payout goes to a balance that Square keeps, not to the bank."""
    payout = shop.get("payout", payout_id)
    shop.put("payout", payout | {"destination": {"type": "SQUARE_STORED_BALANCE", "id": "sqb:savings"}})


def _changed(order: Body, at: datetime) -> Body:
    version = order["version"]
    return {"version": version + 1 if isinstance(version, int) else 1, "updated_at": stamp(at)}
