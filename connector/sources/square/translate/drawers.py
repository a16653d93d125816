"""A cash drawer counted → a register closure: what was found and not expected, and what went in and out by hand."""

from __future__ import annotations

from collections.abc import Iterator

from connector.domain.facts import Fact, Problem
from connector.domain.places import Frame, Name, Piece, needed
from connector.domain.sales import NoSale, RegisterClosure, TillCount
from connector.domain.shop import Shop
from connector.sources.square.records import minor
from connector.sources.square.till_records import DrawerShift
from connector.sources.square.translate.places import currency_of, known_day

_NOT_COUNTED = {"OPEN": "the cash drawer is still open", "ENDED": "the cash drawer is not counted yet"}
_SUMMARY = "only the summary of this cash drawer is here, without its paid-ins and paid-outs: save the shift itself too"


def drawer_fact(shift: DrawerShift, shop: Shop) -> Fact:
    """Over/short (counted less expected), paid-ins + and paid-outs −, on the trading day the drawer was closed."""
    frame = _frame(shift, shop)
    if shift.state in _NOT_COUNTED:
        return frame.fact(NoSale(record_id=shift.id, reason=_NOT_COUNTED[shift.state]))
    if shift.state != "CLOSED":
        message = f"the state {shift.state or '(none)'} of the cash drawer is not known"
        problem = Problem(code="unknown_state", message=message)
        return frame.fact(NoSale(record_id=shift.id, reason=message), problems=(problem,))
    if shift.is_summary:
        return frame.fact(NoSale(record_id=shift.id, reason=_SUMMARY))
    expected, counted = minor(shift.expected_cash_money), minor(shift.closed_cash_money)
    about = RegisterClosure(closure_id=shift.id, expected=expected, counted=counted, till=_till(shift))
    return frame.fact(about, _pieces(shift, counted - expected), tuple(_problems(shift, expected)))


def _till(shift: DrawerShift) -> TillCount | None:
    """Cash taken and given back while the drawer was open; cash may be taken elsewhere too, so it only warns."""
    closed = shift.ended_at or shift.closed_at
    if closed is None or shift.opened_at is None:
        return None
    taken, back = minor(shift.cash_payment_money), abs(minor(shift.cash_refunds_money))
    totals = (("tender", "CASH", taken), ("refund_tender", "CASH", -back))
    return TillCount(report="cash drawer", register="", opened_at=shift.opened_at, closed_at=closed, totals=totals)


def _frame(shift: DrawerShift, shop: Shop) -> Frame:
    moment = needed(shift.closed_at or shift.ended_at or shift.opened_at, "cash_drawers", shift.id)
    location = shift.location_id or ""
    monies = (shift.closed_cash_money, shift.expected_cash_money, shift.opened_cash_money)
    return Frame(
        stream="cash_drawers",
        source_id=shift.id,
        location=location,
        occurred_at=moment,
        business_day=known_day(shop, location, moment),
        currency=currency_of(shop, location, *(money.code for money in monies if money)),
    )


def _pieces(shift: DrawerShift, off: int) -> list[Piece]:
    return [
        (Name("over_short", "Cash drawer"), off),
        (Name("paid_in", "Cash drawer"), abs(minor(shift.cash_paid_in_money))),
        (Name("paid_out", "Cash drawer"), -abs(minor(shift.cash_paid_out_money))),
    ]


def _problems(shift: DrawerShift, expected: int) -> Iterator[Problem]:
    """S13, whichever sign Square gives to what went out; and a drawer that is closed without both of its counts."""
    if shift.expected_cash_money is None or shift.closed_cash_money is None:
        yield Problem(code="S13", message="the closed cash drawer does not say what was expected and what was counted")
        return
    held = minor(shift.opened_cash_money) + minor(shift.cash_payment_money) + abs(minor(shift.cash_paid_in_money))
    off = expected - (held - abs(minor(shift.cash_refunds_money)) - abs(minor(shift.cash_paid_out_money)))
    if off:
        message = "what the cash drawer was expected to hold and the sum of what went in and out differ"
        yield Problem(code="S13", message=message, difference=off)
