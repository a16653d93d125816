"""What else a Square till keeps: cash drawers counted, gift card activities, disputes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.sandbox.body import Body, text
from connector.sandbox.square_orders import Place, stamp
from connector.sandbox.square_payments import Person

SUMMED_UP = ("cash_payment_money", "cash_refunds_money", "cash_paid_in_money", "cash_paid_out_money")
"""What a drawer holds whole and a list of drawers leaves out, beside who worked at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawer:
    """A drawer from opening to counting, all amounts positive. Square writes what goes out with a minus in its
    examples and without one in its text: `out_is_minus` chooses."""

    opened_at: datetime
    closed_at: datetime
    opened: int
    payments: int = 0
    refunds: int = 0
    paid_in: int = 0
    paid_out: int = 0
    counted: int
    person: Person | None = None
    out_is_minus: bool = True

    @property
    def expected(self) -> int:
        return self.opened + self.payments - self.refunds + self.paid_in - self.paid_out


def drawer_body(place: Place, shift_id: str, drawer: Drawer) -> Body:
    """The shift as GET /v2/cash-drawers/shifts/ID shows it."""
    out = -1 if drawer.out_is_minus else 1
    body: Body = {
        "id": shift_id,
        "location_id": place.location_id,
        "state": "CLOSED",
        "opened_at": stamp(drawer.opened_at),
        "ended_at": stamp(drawer.closed_at),
        "closed_at": stamp(drawer.closed_at + timedelta(minutes=4)),
        "created_at": stamp(drawer.opened_at),
        "updated_at": stamp(drawer.closed_at + timedelta(minutes=4)),
        "opened_cash_money": place.money(drawer.opened),
        "cash_payment_money": place.money(drawer.payments),
        "cash_refunds_money": place.money(out * drawer.refunds),
        "cash_paid_in_money": place.money(drawer.paid_in),
        "cash_paid_out_money": place.money(out * drawer.paid_out),
        "expected_cash_money": place.money(drawer.expected),
        "closed_cash_money": place.money(drawer.counted),
        "device": {"name": "Front counter"},
    }
    return body | ({"description": f"Ask {drawer.person.name}"} if drawer.person else {})


def summary_of(shift: Body) -> Body:
    """The shift as a list shows it."""
    return {key: value for key, value in shift.items() if key not in (*SUMMED_UP, "device")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One change of a gift card: Square's word for it, what is on the card afterwards, and its own details."""

    card: str
    type: str
    at: datetime
    balance: int
    amount: int | None = None
    details: Body = field(default_factory=dict)


def activity_body(place: Place, activity_id: str, activity: Activity) -> Body:
    """The activity as GET /v2/gift-cards/activities shows it; clearing and blocking name no amount."""
    details = dict(activity.details)
    if activity.amount is not None:
        details["amount_money"] = place.money(activity.amount)
    return {
        "id": activity_id,
        "type": activity.type,
        "location_id": place.location_id,
        "created_at": stamp(activity.at),
        "gift_card_id": f"gftc:{activity.card}",
        "gift_card_gan": f"77833200{activity.card:>08}",
        "gift_card_balance_money": place.money(activity.balance),
        f"{activity.type.lower()}_activity_details": details,
    }


def dispute_body(place: Place, dispute_id: str, payment: Body, *, amount: int, at: datetime, state: str) -> Body:
    """A dispute of a payment; the card holder may want back a part of it only."""
    return {
        "id": dispute_id,
        "location_id": place.location_id,
        "state": state,
        "amount_money": place.money(amount),
        "reason": "NO_KNOWLEDGE",
        "card_brand": "VISA",
        "disputed_payment": {"payment_id": text(payment, "id")},
        "created_at": stamp(at),
        "updated_at": stamp(at + timedelta(days=8)),
        "reported_at": stamp(at),
        "due_at": stamp(at + timedelta(days=14)),
        "brand_dispute_id": f"1000{dispute_id[-4:]}",
        "version": 2,
    }
