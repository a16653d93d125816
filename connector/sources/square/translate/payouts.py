"""Payouts and the entries that explain them. A SIMPLE payout has no entries: it is its own; a later BATCH payout takes
it back with an entry of the opposite sign, so that over both the money is counted once."""

from __future__ import annotations

from datetime import datetime

from connector.domain.facts import UNKNOWN, Fact, Problem
from connector.domain.payouts import Payout as PaidOut
from connector.domain.payouts import PayoutEntry as Explained
from connector.domain.places import Frame, Name, Piece, needed
from connector.domain.sales import NoSale
from connector.domain.shop import Shop
from connector.sources.square.records import Payout, PayoutEntry, minor
from connector.sources.square.translate.places import account_day, currency_of, local_day

SIMPLE_PAYOUT = "SIMPLE_PAYOUT"  # our code for a payout that explains itself
ENTRY_TYPES = frozenset({
    "ADJUSTMENT", "APP_FEE_REFUND", "APP_FEE_REVENUE", "AUTOMATIC_BITCOIN_CONVERSIONS",
    "AUTOMATIC_BITCOIN_CONVERSIONS_REVERSED", "AUTOMATIC_SAVINGS", "AUTOMATIC_SAVINGS_REVERSED",
    "BALANCE_FOLDERS_TRANSFER", "BALANCE_FOLDERS_TRANSFER_REVERSED", "CHARGE", "CREDIT_CARD_REPAYMENT",
    "CREDIT_CARD_REPAYMENT_REVERSED", "DEPOSIT_FEE", "DEPOSIT_FEE_REVERSED", "DISPUTE", "ESCHEATMENT", "FEE",
    "FREE_PROCESSING", "GIFT_CARD_LOAD_FEE", "GIFT_CARD_LOAD_FEE_REFUND", "GIFT_CARD_POOL_TRANSFER",
    "GIFT_CARD_POOL_TRANSFER_REVERSED", "HOLD_ADJUSTMENT", "INITIAL_BALANCE_CHANGE", "LOCAL_OFFERS_CASHBACK",
    "LOCAL_OFFERS_FEE", "MONEY_TRANSFER", "MONEY_TRANSFER_REVERSAL", "OPEN_DISPUTE", "OTHER", "OTHER_ADJUSTMENT",
    "PAID_SERVICE_FEE", "PAID_SERVICE_FEE_REFUND", "PAYOUT", "PERCENTAGE_PROCESSING_DEACTIVATION",
    "PERCENTAGE_PROCESSING_ENROLLMENT", "PERCENTAGE_PROCESSING_REPAYMENT",
    "PERCENTAGE_PROCESSING_REPAYMENT_REVERSED", "PROCESSING_FEE", "PROCESSING_FEE_REFUND", "REDEMPTION_CODE",
    "REFUND", "RELEASE_ADJUSTMENT", "RESERVE_HOLD", "RESERVE_RELEASE", "RETURNED_PAYOUT", "SQUARE_CAPITAL_PAYMENT",
    "SQUARE_CAPITAL_REVERSED_PAYMENT", "SQUARE_PAYROLL_TRANSFER", "SQUARE_PAYROLL_TRANSFER_REVERSED",
    "SUBSCRIPTION_FEE", "SUBSCRIPTION_FEE_PAID_REFUND", "SUBSCRIPTION_FEE_REFUND", "TAX_ON_FEE", "THIRD_PARTY_FEE",
    "THIRD_PARTY_FEE_REFUND", "UNDO_GIFT_CARD_LOAD_FEE_REFUND", "UNDO_PROCESSING_FEE_REFUND",
})  # fmt: skip
_KEPT = frozenset({"SQUARE_BALANCE", "SQUARE_STORED_BALANCE"})
_FAILED = "failed: it never arrived, and its amount comes back with a later payout"


def payout_fact(payout: Payout, shop: Shop) -> Fact:
    """The payout, negative where Square takes money, on the day it arrives. SENT is money under way, so it counts.

    A FAILED one with entries never arrived, but its fees were kept; one without entries is no money at all."""
    moment = needed(payout.created_at, "payouts", payout.id)
    frame = _payout_frame(payout, moment, shop)
    if payout.status == "FAILED" and payout.type != "BATCH":
        return frame.fact(NoSale(record_id=payout.id, reason=_FAILED))
    if payout.status not in ("SENT", "PAID", "FAILED"):
        message = f"the payout's status {payout.status or '(none)'} is not known"
        problem = Problem(code="unknown_status", message=message)
        return frame.fact(NoSale(record_id=payout.id, reason=message), problems=(problem,))
    about = PaidOut(
        payout_id=payout.id,
        amount=minor(payout.amount_money),
        arrives_on=frame.business_day,
        is_explained=payout.type == "BATCH",
        reference=payout.end_to_end_id or "",
        kept_by_processor=bool(payout.destination and payout.destination.type in _KEPT),
        has_failed=payout.status == "FAILED",
        destination=(payout.destination.id if payout.destination else "") or "",
    )
    return frame.fact(about, _own_pieces(payout))


def payout_entry_fact(entry: PayoutEntry, shop: Shop) -> Fact:
    """The entry: its gross in its own sign, its fee as cost (−), both under the entry's type. Entries name no
    location, so their day is told in the merchant's zone; it decides only the month a fee belongs to."""
    moment = needed(entry.effective_at, "payout_entries", entry.id)
    gross, fee, net = (
        minor(entry.gross_amount_money), minor(entry.fee_amount_money), minor(entry.net_amount_money)
    )  # fmt: skip
    monies = (entry.gross_amount_money, entry.fee_amount_money, entry.net_amount_money)
    frame = Frame(
        stream="payout_entries",
        source_id=entry.id,
        location="",
        occurred_at=moment,
        business_day=account_day(shop, moment),
        currency=currency_of(shop, "", *(money.code for money in monies if money)),
    )
    about = Explained(
        payout_id=entry.payout_id or "", entry_id=entry.id, gross=gross, fee=fee, net=net, settles=entry.settles
    )
    return frame.fact(about, _entry_pieces(entry, gross, fee), _entry_problems(about))


def _payout_frame(payout: Payout, moment: datetime, shop: Shop) -> Frame:
    location = payout.location_id or ""
    day = payout.arrival_date or local_day(shop, location, moment)
    return Frame(
        stream="payouts",
        source_id=payout.id,
        location=location,
        occurred_at=moment,
        business_day=day,
        currency=currency_of(shop, location, payout.amount_money.code if payout.amount_money else ""),
    )


def _own_pieces(payout: Payout) -> list[Piece]:
    if payout.type == "BATCH":
        return []
    if payout.type == "SIMPLE":
        return [(Name("entry", SIMPLE_PAYOUT), minor(payout.amount_money))]
    return [(Name(UNKNOWN, f"payout of type {payout.type or '(none)'}"), minor(payout.amount_money))]


def _entry_pieces(entry: PayoutEntry, gross: int, fee: int) -> list[Piece]:
    code = entry.type or "entry without a type"
    kind = "entry" if code in ENTRY_TYPES else UNKNOWN
    return [(Name(kind, code), gross), (Name("entry_fee", code), -fee)]


def _entry_problems(entry: Explained) -> tuple[Problem, ...]:
    off = entry.net - (entry.gross - entry.fee)
    if not off:
        return ()
    return (Problem(code="S10", message="the entry's net and its gross less its fee differ", difference=off),)
