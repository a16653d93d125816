"""Square payments, the tenders of their orders, and refunds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from connector.sandbox.body import Body, child, children, text
from connector.sandbox.square_orders import Place, stamp, stamp_seconds
from connector.sandbox.square_prices import half_even

Kind = Literal["CARD", "SQUARE_GIFT_CARD", "CASH", "EXTERNAL"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer, put wherever Square keeps one: what a connector must never store."""

    customer_id: str
    first_name: str
    last_name: str
    email: str
    phone: str
    street: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def address(self) -> Body:
        return {
            "address_line_1": self.street,
            "locality": "Brooklyn",
            "administrative_district_level_1": "NY",
            "postal_code": "11201",
            "country": "US",
            "first_name": self.first_name,
            "last_name": self.last_name,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """How a part of an order is paid, in minor units.

    `amount` is without the tip; None pays what the others leave open. `supplied` is the cash handed over.
    `status` other than COMPLETED moves no money. `external_type` is Square's word (CHECK, BANK_TRANSFER ...).
    """

    kind: Kind
    amount: int | None = None
    tip: int = 0
    supplied: int | None = None
    external_type: str = "CHECK"
    person: Person | None = None
    status: str = "COMPLETED"
    is_online: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A `Pay` with its amount settled and its id; the tender of the order bears the same id."""

    payment_id: str
    order_id: str
    at: datetime
    pay: Pay
    amount: int

    @property
    def total(self) -> int:
        return self.amount + self.pay.tip


def payment_body(place: Place, paid: Paid) -> Body:
    """The payment as GET /v2/payments shows it."""
    pay, created = paid.pay, stamp(paid.at)
    body: Body = {
        "id": paid.payment_id,
        "order_id": paid.order_id,
        "location_id": place.location_id,
        "created_at": created,
        "updated_at": stamp(paid.at + timedelta(seconds=2, milliseconds=340)),
        "status": pay.status,
        "source_type": "CARD" if pay.kind == "SQUARE_GIFT_CARD" else pay.kind,
        "amount_money": place.money(paid.amount),
        "total_money": place.money(paid.total),
        "approved_money": place.money(paid.total),
        "receipt_number": paid.payment_id[-4:],
        "version_token": f"{paid.payment_id}-1",
        "application_details": {"square_product": "ECOMMERCE_API" if pay.is_online else "SQUARE_POS"},
    }
    if pay.tip:
        body["tip_money"] = place.money(pay.tip)
    if fee := processing_fee(pay, paid.total):
        body["processing_fee"] = [_fee(place, paid.at + timedelta(hours=2), fee)]
    return body | _source_details(place, paid) | _payer(pay.person)


def tender_body(place: Place, paid: Paid) -> Body:
    """The same payment as a tender of its order; `amount_money` includes the tip."""
    pay = paid.pay
    body: Body = {
        "id": paid.payment_id,
        "payment_id": paid.payment_id,
        "location_id": place.location_id,
        "transaction_id": paid.order_id,
        "created_at": stamp_seconds(paid.at),
        "type": "OTHER" if pay.kind == "EXTERNAL" else pay.kind,
        "amount_money": place.money(paid.total),
    }
    if pay.tip:
        body["tip_money"] = place.money(pay.tip)
    if pay.person:
        body |= {"customer_id": pay.person.customer_id, "note": f"Paid by {pay.person.name}"}
    if pay.kind in ("CARD", "SQUARE_GIFT_CARD"):
        body["card_details"] = {"status": "CAPTURED", "card": _card(pay), "entry_method": _entry_method(pay)}
    if pay.kind == "CASH":
        supplied = _supplied(paid)
        change = place.money(supplied - paid.total)
        body["cash_details"] = {"buyer_tendered_money": place.money(supplied), "change_back_money": change}
    return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """Money given back on one payment; `fee_returned` is positive where Square gives its fee back."""

    refund_id: str
    return_order_id: str
    at: datetime
    amount: int
    reason: str
    fee_returned: int = 0


def refund_body(place: Place, refunded: Refunded, payment: Body) -> Body:
    """The refund as GET /v2/refunds shows it; its order is the return, the sale is reached by the payment."""
    body: Body = {
        "id": refunded.refund_id,
        "payment_id": payment["id"],
        "order_id": refunded.return_order_id,
        "location_id": place.location_id,
        "created_at": stamp(refunded.at),
        "updated_at": stamp(refunded.at + timedelta(seconds=3)),
        "status": "COMPLETED",
        "unlinked": False,
        "destination_type": payment["source_type"],
        "amount_money": place.money(refunded.amount),
        "reason": refunded.reason,
    }
    if refunded.fee_returned:
        body["processing_fee"] = [_fee(place, refunded.at, -refunded.fee_returned)]
    return body


def after_refund(place: Place, payment: Body, refunded: Refunded) -> Body:
    """The payment with the refund counted in, and so with a newer `updated_at`."""
    before = amount_of(payment, "refunded_money")
    ids = payment.get("refund_ids")
    return payment | {
        "refunded_money": place.money(before + refunded.amount),
        "refund_ids": [*(ids if isinstance(ids, list) else []), refunded.refund_id],
        "updated_at": stamp(refunded.at + timedelta(seconds=3)),
        "version_token": f"{text(payment, 'version_token')}1",
    }


def processing_fee(pay: Pay, total: int) -> int:
    """What Square keeps: 2.6 % + 10 in person, 2.9 % + 30 online; nothing on cash, cheques and gift cards."""
    if pay.kind != "CARD" or pay.status != "COMPLETED":
        return 0
    rate, fixed = (Decimal("0.029"), 30) if pay.is_online else (Decimal("0.026"), 10)
    return half_even(total * rate) + fixed


def amount_of(body: Body, key: str) -> int:
    """Minor units of the money under `key`; a missing money is 0."""
    amount = child(body, key).get("amount", 0)
    if not isinstance(amount, int):
        raise ValueError(f"{key} holds no whole amount")
    return amount


def fees_of(body: Body) -> int:
    """The sum of `processing_fee` of a payment or refund; positive = cost."""
    return sum(amount_of(fee, "amount_money") for fee in children(body, "processing_fee"))


def _fee(place: Place, effective_at: datetime, amount: int) -> Body:
    return {"effective_at": stamp(effective_at), "type": "INITIAL", "amount_money": place.money(amount)}


def _source_details(place: Place, paid: Paid) -> Body:
    pay = paid.pay
    if pay.kind == "CASH":
        supplied = _supplied(paid)
        change = place.money(supplied - paid.total)
        return {"cash_details": {"buyer_supplied_money": place.money(supplied), "change_back_money": change}}
    if pay.kind == "EXTERNAL":
        return {"external_details": {"type": pay.external_type, "source": "Paper cheque", "source_id": "1043"}}
    status = {"COMPLETED": "CAPTURED", "CANCELED": "VOIDED"}.get(pay.status, pay.status)
    card: Body = {"status": status, "card": _card(pay), "entry_method": _entry_method(pay)}
    card["statement_description"] = "SQ *MAIN STREET COFFEE"
    return {"card_details": card}


def _card(pay: Pay) -> Body:
    if pay.kind == "SQUARE_GIFT_CARD":
        return {"card_brand": "SQUARE_GIFT_CARD", "last_4": "7003"}
    card: Body = {"card_brand": "VISA", "last_4": "4242", "exp_month": 8, "exp_year": 2029, "bin": "424242"}
    card |= {"card_type": "CREDIT", "prepaid_type": "NOT_PREPAID"}
    if pay.person:
        card |= {"cardholder_name": pay.person.name, "fingerprint": f"sq-1-{pay.person.customer_id}"}
    return card


def _entry_method(pay: Pay) -> str:
    if pay.kind == "SQUARE_GIFT_CARD":
        return "SWIPED"
    return "KEYED" if pay.is_online else "EMV"


def _supplied(paid: Paid) -> int:
    return paid.total if paid.pay.supplied is None else paid.pay.supplied


def _payer(person: Person | None) -> Body:
    if person is None:
        return {}
    return {
        "customer_id": person.customer_id,
        "buyer_email_address": person.email,
        "billing_address": person.address,
        "shipping_address": person.address,
        "note": f"Call {person.name} at {person.phone}",
    }
