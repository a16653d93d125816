"""Square payouts and their entries: what of the takings goes to the bank, and at which fee."""

from dataclasses import dataclass
from datetime import date, datetime

from connector.sandbox.body import Body, text
from connector.sandbox.square_orders import Place, stamp, stamp_seconds
from connector.sandbox.square_payments import amount_of, fees_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a payout in minor units: `gross` negative for a refund, `fee` positive for a cost."""

    type: str
    effective_at: datetime
    gross: int
    fee: int = 0
    details: Body

    @property
    def net(self) -> int:
        return self.gross - self.fee


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutHead:
    """What a payout says besides its money; `status` is SENT, PAID or FAILED."""

    payout_id: str
    created_at: datetime
    updated_at: datetime
    arrival: date
    end_to_end_id: str
    status: str = "PAID"
    type: str = "BATCH"
    destination: str = "BANK_ACCOUNT"


def payout_body(place: Place, head: PayoutHead, amount: int) -> Body:
    """The payout; the amount of a BATCH one is the sum of what its entries leave."""
    return {
        "id": head.payout_id,
        "location_id": place.location_id,
        "status": head.status,
        "type": head.type,
        "created_at": stamp_seconds(head.created_at),
        "updated_at": stamp(head.updated_at),
        "amount_money": _money(place, amount),
        "destination": {"type": head.destination, "id": "bact:checking-main"},
        "version": 1 if head.status == "SENT" else 2,
        "arrival_date": head.arrival.isoformat(),
        "end_to_end_id": head.end_to_end_id,
    }


def entry_body(place: Place, payout_id: str, entry_id: str, entry: Entry) -> Body:
    """One entry; money of payouts names its currency `currency_code`, as Square's does."""
    return {
        "id": entry_id,
        "payout_id": payout_id,
        "type": entry.type,
        "effective_at": stamp_seconds(entry.effective_at),
        "gross_amount_money": _money(place, entry.gross),
        "fee_amount_money": _money(place, entry.fee),
        "net_amount_money": _money(place, entry.net),
        **entry.details,
    }


def charge_entry(payment: Body, effective_at: datetime) -> Entry:
    """The whole payment, tip included, less what Square keeps."""
    return Entry(
        type="CHARGE",
        effective_at=effective_at,
        gross=amount_of(payment, "total_money"),
        fee=fees_of(payment),
        details={"type_charge_details": {"payment_id": text(payment, "id")}},
    )


def refund_entry(refund: Body, effective_at: datetime) -> Entry:
    """The refund taken from the takings; a fee given back makes it smaller."""
    details: Body = {"payment_id": text(refund, "payment_id"), "refund_id": text(refund, "id")}
    return Entry(
        type="REFUND",
        effective_at=effective_at,
        gross=-amount_of(refund, "amount_money"),
        fee=fees_of(refund),
        details={"type_refund_details": details},
    )


def returned_payout_entry(payout: Body, effective_at: datetime) -> Entry:
    """A failed payout's amount, back in the takings."""
    gross = amount_of(payout, "amount_money")
    return Entry(type="RETURNED_PAYOUT", effective_at=effective_at, gross=gross, details={})


def _money(place: Place, amount: int) -> Body:
    return {"amount": amount, "currency_code": place.currency}
