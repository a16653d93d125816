"""The fields we read of what a till keeps beside its sales: cash drawers, gift card activities, disputes."""

from __future__ import annotations

import msgspec

from connector.sources.square.records import Kept, Moment, Money


class DrawerShift(Kept, frozen=True, gc=False, omit_defaults=True):
    """A cash drawer counted. Refunds and paid-outs have been seen with either sign. A shift of a list is a summary:
    the four sums between opening and counting are only in the shift itself."""

    id: str
    location_id: str | None = None
    state: str | None = None
    opened_at: Moment | None = None
    ended_at: Moment | None = None
    closed_at: Moment | None = None
    updated_at: Moment | None = None
    opened_cash_money: Money | None = None
    cash_payment_money: Money | None = None
    cash_refunds_money: Money | None = None
    cash_paid_in_money: Money | None = None
    cash_paid_out_money: Money | None = None
    expected_cash_money: Money | None = None
    closed_cash_money: Money | None = None

    @property
    def is_summary(self) -> bool:
        return not (
            self.cash_payment_money or self.cash_refunds_money or self.cash_paid_in_money or self.cash_paid_out_money
        )


class ActivityDetails(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What any kind of gift card activity tells of itself, one shape for all of them."""

    amount_money: Money | None = None
    reason: str | None = None
    status: str | None = None
    order_id: str | None = None
    payment_id: str | None = None
    redeem_activity_id: str | None = None


class GiftCardActivity(Kept, frozen=True, gc=False, omit_defaults=True):
    """A change of a gift card. `balance_before_money` is ours: an activity that clears a balance does not say how
    much that was; the activity of the card before it does."""

    id: str
    type: str | None = None
    location_id: str | None = None
    created_at: Moment | None = None
    gift_card_id: str | None = None
    payment_id: str | None = None
    status: str | None = None
    gift_card_balance_money: Money | None = None
    balance_before_money: Money | None = None
    activate_activity_details: ActivityDetails | None = None
    load_activity_details: ActivityDetails | None = None
    redeem_activity_details: ActivityDetails | None = None
    refund_activity_details: ActivityDetails | None = None
    adjust_increment_activity_details: ActivityDetails | None = None
    adjust_decrement_activity_details: ActivityDetails | None = None
    clear_balance_activity_details: ActivityDetails | None = None
    deactivate_activity_details: ActivityDetails | None = None
    unlinked_activity_refund_activity_details: ActivityDetails | None = None
    import_activity_details: ActivityDetails | None = None
    import_reversal_activity_details: ActivityDetails | None = None
    transfer_balance_from_activity_details: ActivityDetails | None = None
    transfer_balance_to_activity_details: ActivityDetails | None = None

    @property
    def details(self) -> ActivityDetails:
        """The details of the activity's own kind; empty ones where there are none."""
        named = getattr(self, f"{(self.type or '').lower()}_activity_details", None)
        return named if isinstance(named, ActivityDetails) else ActivityDetails()

    @property
    def paid_by(self) -> str:
        """The payment that the activity belongs to; older answers name it beside the details."""
        return self.details.payment_id or self.payment_id or ""


class DisputedPayment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    payment_id: str | None = None


class Dispute(Kept, frozen=True, gc=False, omit_defaults=True):
    id: str
    state: str | None = None
    location_id: str | None = None
    created_at: Moment | None = None
    amount_money: Money | None = None
    disputed_payment: DisputedPayment | None = None


def placed(shift: DrawerShift, location: str) -> bytes:
    """The shift as it is kept; a shift asked for by itself may leave out the location it was asked of."""
    return msgspec.json.encode(msgspec.structs.replace(shift, location_id=shift.location_id or location))


def with_balance(activity: GiftCardActivity, before: Money | None) -> bytes:
    """The activity as it is kept, with what was on its card before it."""
    return msgspec.json.encode(msgspec.structs.replace(activity, balance_before_money=before))
