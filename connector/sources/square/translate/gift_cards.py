"""A gift card activity → what it changes of the money owed to bearers, where no order and no payment tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.domain.facts import Fact, Problem
from connector.domain.places import Frame, Name, Piece, needed
from connector.domain.sales import CardStep, Charge, NoSale
from connector.domain.shop import Shop
from connector.sources.square.records import Money, minor
from connector.sources.square.till_records import GiftCardActivity
from connector.sources.square.translate.places import currency_of, known_day

MORE_OWED, LESS_OWED = -1, 1  # a piece is what the shop gains, so it is minus where more is owed to the bearer
GOODWILL = frozenset({"ADJUST_INCREMENT:COMPLIMENTARY"})
CLEARING = frozenset({"CLEAR_BALANCE", "DEACTIVATE"})
SIGNS: Mapping[str, int] = {
    "ACTIVATE": MORE_OWED, "LOAD": MORE_OWED, "REFUND": MORE_OWED, "ADJUST_INCREMENT": MORE_OWED, "IMPORT": MORE_OWED,
    "UNLINKED_ACTIVITY_REFUND": MORE_OWED, "TRANSFER_BALANCE_TO": MORE_OWED, "REDEEM": LESS_OWED,
    "ADJUST_DECREMENT": LESS_OWED, "CLEAR_BALANCE": LESS_OWED, "DEACTIVATE": LESS_OWED, "IMPORT_REVERSAL": LESS_OWED,
    "TRANSFER_BALANCE_FROM": LESS_OWED,
}  # fmt: skip
_TRANSFERS = frozenset({"TRANSFER_BALANCE_FROM", "TRANSFER_BALANCE_TO"})
_NO_MONEY = frozenset({"BLOCK", "UNBLOCK"})


def gift_card_fact(activity: GiftCardActivity, shop: Shop) -> Fact:
    """What the activity changes, on its local day: minus where more is owed to the bearer, plus where less is. One
    that an order or a payment tells already holds nothing of its own and says which."""
    frame = _frame(activity, shop)
    reason = _no_money(activity)
    if reason:
        return frame.fact(NoSale(record_id=activity.id, reason=reason, step=_step(activity)))
    about = Charge(charge_id=activity.id, about=activity.gift_card_id or "", step=_step(activity))
    if activity.type not in SIGNS:
        message = f"the gift card activity {activity.type or '(none)'} is not known"
        return frame.fact(about, problems=(Problem(code="unknown_activity", message=message),))
    amount = activity.balance_before_money if activity.type in CLEARING else activity.details.amount_money
    if amount is None:
        message = f"the gift card activity {activity.type} does not say how much"
        return frame.fact(about, problems=(Problem(code="unknown_amount", message=message),))
    return frame.fact(about, [_piece(activity, minor(amount))])


def _step(activity: GiftCardActivity) -> CardStep | None:
    """What the activity made of the card; None where it does not say what is on it afterwards. What was cleared is not
    told, and a redemption that is not completed may or may not have changed the balance yet."""
    balance = activity.gift_card_balance_money
    if balance is None or not activity.gift_card_id:
        return None
    kind, status = activity.type or "", activity.details.status or activity.status
    amount, change = activity.details.amount_money, None
    if kind in _NO_MONEY:
        change = 0
    elif kind in SIGNS and kind not in CLEARING and amount and status in (None, "COMPLETED"):
        change = -SIGNS[kind] * minor(amount)
    return CardStep(card=activity.gift_card_id, change=change, balance=minor(balance))


def balances_before(activities: Sequence[GiftCardActivity]) -> dict[str, Money]:
    """What was on the card before each activity that clears it, by the activity's id, as far as the activities of
    the same card tell it."""
    known: dict[str, Money] = {}
    found: dict[str, Money] = {}
    for each in sorted(activities, key=lambda each: (each.created_at is not None, each.created_at, each.id)):
        card = each.gift_card_id or ""
        if each.type in CLEARING and card in known:
            found[each.id] = known[card]
        if each.gift_card_balance_money is not None:
            known[card] = each.gift_card_balance_money
    return found


def _frame(activity: GiftCardActivity, shop: Shop) -> Frame:
    moment, location = needed(activity.created_at, "gift_card_activities", activity.id), activity.location_id or ""
    monies = (activity.details.amount_money, activity.balance_before_money, activity.gift_card_balance_money)
    return Frame(
        stream="gift_card_activities",
        source_id=activity.id,
        location=location,
        occurred_at=moment,
        business_day=known_day(shop, location, moment),
        currency=currency_of(shop, location, *(money.code for money in monies if money)),
    )


def _no_money(activity: GiftCardActivity) -> str:
    """Why the activity holds no money of its own; empty where it does."""
    details, status = activity.details, activity.details.status or activity.status
    match activity.type:
        case "ACTIVATE" | "LOAD" if details.order_id:
            return f"a gift card sold: it is a line of order {details.order_id}"
        case "REDEEM" if status in ("PENDING", "CANCELED"):
            return "the redemption is still pending" if status == "PENDING" else "the redemption was cancelled"
        case "REDEEM" if activity.paid_by:
            return f"a gift card redeemed: it is payment {activity.paid_by}"
        case "REFUND" if activity.paid_by or details.redeem_activity_id:
            return f"refunded to a gift card: it is a refund of {activity.paid_by or details.redeem_activity_id}"
        case "CLEAR_BALANCE" | "DEACTIVATE" if activity.balance_before_money and not minor(
            activity.balance_before_money
        ):
            return "there was nothing on the gift card"
    return "a gift card blocked or unblocked: nothing of its balance changes" if activity.type in _NO_MONEY else ""


def _piece(activity: GiftCardActivity, amount: int) -> Piece:
    kind = activity.type or ""
    code = f"{kind}:{activity.details.reason}" if activity.details.reason else kind
    return Name(_kind(kind, code), code), SIGNS[kind] * amount


def _kind(activity: str, code: str) -> str:
    if code in GOODWILL:
        return "gift_card_goodwill"
    if activity in _TRANSFERS:
        return "gift_card_transfer"
    return "gift_card_cleared" if activity in CLEARING else "gift_card_change"
