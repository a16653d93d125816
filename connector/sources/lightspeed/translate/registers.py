"""Register counts → over and short; what was put into a drawer or taken out of it."""

from __future__ import annotations

from connector.domain.facts import UNKNOWN, Fact, Problem
from connector.domain.money import decimal_text
from connector.domain.places import Name, Piece
from connector.domain.sales import Charge, NoSale, RegisterClosure, TillCount
from connector.domain.shop import Shop
from connector.sources.lightspeed.records import RegisterCount, RegisterCountAmount, RegisterWithdraw
from connector.sources.lightspeed.translate.amounts import minor
from connector.sources.lightspeed.translate.places import framed
from connector.sources.lightspeed.translate.shops import REGISTER, only_location
from connector.sources.lightspeed.translate.tenders import CASH, ON_ACCOUNT, is_known, tender_of


def count_fact(count: RegisterCount, shop: Shop) -> Fact:
    """The fact of a register closed and counted: over + and short − of each payment type that was counted, on the
    shop's day of the closing. What was not counted (0 found of something else than cash) is neither."""
    location, problems = _place(count.register_id, shop)
    frame = framed("register_counts", count.register_count_id, location, count.create_time, shop)
    counted = [amount for amount in count.amounts if _is_counted(amount, shop)]
    closure = RegisterClosure(
        closure_id=count.register_count_id,
        expected=sum(minor(amount.calculated, frame.currency) for amount in counted),
        counted=sum(minor(amount.actual, frame.currency) for amount in counted),
        till=_till(count, frame.currency, shop),
    )
    return frame.fact(closure, [_difference(amount, frame.currency, shop) for amount in counted], problems)


def withdraw_fact(withdraw: RegisterWithdraw, shop: Shop) -> Fact:
    """The fact of cash paid out of a drawer (−). Cash put into one is its opening float or change, which stays in the
    house: it holds no money here, and says how much it was."""
    location, problems = _place(withdraw.register_id, shop)
    frame = framed("register_withdraws", withdraw.register_withdraw_id, location, withdraw.create_time, shop)
    amount = minor(withdraw.amount, frame.currency)
    if amount >= 0:
        told = f"{decimal_text(amount, frame.currency)} {frame.currency}"
        reason = f"{told} put into the drawer: an opening float or change, which stays in the house"
        return frame.fact(NoSale(record_id=withdraw.register_withdraw_id, reason=reason))
    code = tender_of(withdraw.payment_type_id, withdraw.payment_type, shop)
    kind = "paid_out" if code == CASH else UNKNOWN
    piece = Name(kind, code if code == CASH else f"paid out: {code}"), amount
    return frame.fact(Charge(charge_id=withdraw.register_withdraw_id), [piece], problems)


def _till(count: RegisterCount, currency: str, shop: Shop) -> TillCount | None:
    """What should have been there of every payment type but cash, whose sum holds the opening float and what was put
    in and taken out. That it is the register's payments is not documented, so it only warns."""
    if count.create_time is None:
        return None
    totals = []
    for amount in count.amounts:
        code = tender_of(amount.payment_type_id, amount.payment_type, shop)
        if is_known(code) and code != CASH and code not in ON_ACCOUNT:
            totals.append(("tender+refund_tender", code, minor(amount.calculated, currency)))
    return TillCount(
        report="register count",
        register=count.register_id,
        opened_at=count.open_time,
        closed_at=count.create_time,
        totals=tuple(totals),
    )


def _is_counted(amount: RegisterCountAmount, shop: Shop) -> bool:
    code = tender_of(amount.payment_type_id, amount.payment_type, shop)
    return code == CASH or (bool(amount.actual) and code not in ON_ACCOUNT)


def _difference(amount: RegisterCountAmount, currency: str, shop: Shop) -> Piece:
    """Over or short. A drawer that should hold cash and was closed with 0 was hardly counted: it asks."""
    code = tender_of(amount.payment_type_id, amount.payment_type, shop)
    off = minor(amount.actual, currency) - minor(amount.calculated, currency)
    if code == CASH and not amount.actual:
        return Name("uncounted", code), off
    return (Name("over_short", code) if is_known(code) else Name(UNKNOWN, f"count of {code}")), off


def _place(register_id: str, shop: Shop) -> tuple[str, list[Problem]]:
    """The shop that a register stands in; the only one there is where the registers are not known."""
    location = shop.categories.get(REGISTER + register_id) or only_location(shop)
    if location or not shop.locations:
        return location, []
    message = f"Register {register_id or '(none)'} is not among the registers of any shop."
    return "", [Problem(code="register_unknown", message=message)]
