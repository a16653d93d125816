"""A shift → the register closure: what was counted against what was expected, and money put in and taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from connector.domain.facts import UNKNOWN, Fact, Problem
from connector.domain.money import decimal_text
from connector.domain.places import Frame, Name, Piece
from connector.domain.sales import NoSale, RegisterClosure, TillCount
from connector.domain.shop import Shop
from connector.sources.loyverse.amounts import Inexact, NoAmount, minor, rounded
from connector.sources.loyverse.records import Shift
from connector.sources.loyverse.translate.history import history_fact
from connector.sources.loyverse.translate.places import amount_problems, currency_problems, framed
from connector.sources.loyverse.translate.shops import payment_code
from connector.sources.loyverse.translate.tenders import CARD, CASH

PAID_IN, PAID_OUT = "paid_in", "paid_out"
_MOVEMENTS = {"PAY_IN": PAID_IN, "PAID_IN": PAID_IN, "PAY_OUT": PAID_OUT, "PAID_OUT": PAID_OUT}
_SIGNS = {PAID_IN: 1, PAID_OUT: -1}
_CODES = {PAID_IN: "Paid in", PAID_OUT: "Paid out"}


def shift_fact(shift: Shift, shop: Shop) -> Fact:
    """The closure on the business day of its closing: over_short (counted less expected), paid_in +, paid_out −."""
    if shift.history_before:
        return history_fact("shifts", shift.id, shift.history_before)
    frame = framed("shifts", shift.id, shift.store_id or "", shift.closed_at or shift.opened_at, shop)
    if shift.closed_at is None:
        return frame.fact(NoSale(record_id=shift.id, reason="the shift is still open"))
    try:
        return _closed(shift, frame, shop)
    except (Inexact, NoAmount) as error:
        code = "shift with an amount that is not understood"
        counted = _counted(shift, frame)
        about = RegisterClosure(closure_id=shift.id, expected=0, counted=counted)
        return frame.fact(about, [(Name(UNKNOWN, code), counted)], amount_problems(error))


def _counted(shift: Shift, frame: Frame) -> int:
    try:
        return rounded(shift.actual_cash, frame.currency)
    except NoAmount:
        return 0


def _closed(shift: Shift, frame: Frame, shop: Shop) -> Fact:
    expected, counted = minor(shift.expected_cash, frame.currency), minor(shift.actual_cash, frame.currency)
    till = _till(shift, frame.currency, shop)
    about = RegisterClosure(closure_id=shift.id, expected=expected, counted=counted, till=till)
    over = Name("over_short", "Cash drawer"), counted - expected
    problems = (*currency_problems(frame), *_problems(shift, frame, shop))
    return frame.fact(about, [over, *_movements(shift, frame.currency)], problems)


def _till(shift: Shift, currency: str, shop: Shop) -> TillCount | None:
    """L7: what the shift took by payment type, before or after refunds; of cash it tells both apart. The owner's own
    types are one sum, for a receipt has the name that a type had then, and the shift the one it has now."""
    if shift.opened_at is None or shift.closed_at is None:
        return None
    sums: Counter[str] = Counter()
    for each in shift.payments or ():
        code = payment_code(shop, each.payment_type_id)
        sums[code if code in ("", CASH, CARD) else "*"] += minor(each.money_amount, currency)
    totals = [
        ("tender", CASH, minor(shift.cash_payments, currency)),
        ("refund_tender", CASH, -minor(shift.cash_refunds, currency)),
    ]
    if "" not in sums:  # of a type that is not known it cannot be said which sum it belongs to
        totals += [("tender or tender+refund_tender", code, sums[code]) for code in (CARD, "*")]
    return TillCount(
        report="shift",
        register=shift.pos_device_id or "",
        opened_at=shift.opened_at,
        closed_at=shift.closed_at,
        totals=tuple(totals),
        holds=True,
    )


def _movements(shift: Shift, currency: str) -> Iterator[Piece]:
    """Each movement; a shift without a list of them has their sums."""
    if not shift.cash_movements:
        yield Name(PAID_IN, _CODES[PAID_IN]), minor(shift.paid_in, currency)
        yield Name(PAID_OUT, _CODES[PAID_OUT]), -minor(shift.paid_out, currency)
    for each in shift.cash_movements or ():
        kind, amount = _MOVEMENTS.get(each.type or ""), minor(each.money_amount, currency)
        if kind is None:
            yield Name(UNKNOWN, f"cash movement {each.type or '(none)'}"), amount
        else:
            yield Name(kind, _CODES[kind]), _SIGNS[kind] * amount


def _problems(shift: Shift, frame: Frame, shop: Shop) -> Iterator[Problem]:
    currency = frame.currency
    if shift.actual_cash is None or shift.expected_cash is None:
        message = "the shift is closed, but says not what was expected in the drawer and what was found"
        yield Problem(code="L6", message=message)
    expected = sum(
        minor(amount, currency) for amount in (shift.starting_cash, shift.cash_payments, shift.paid_in)
    ) - sum(minor(amount, currency) for amount in (shift.cash_refunds, shift.paid_out))  # fmt: skip
    what = "the cash expected in the drawer and start, payments, refunds, paid-ins and paid-outs"
    yield from _differing("L6", what, minor(shift.expected_cash, currency) - expected, currency)
    net = minor(shift.gross_sales, currency) - minor(shift.discounts, currency) - minor(shift.refunds, currency)
    yield from _differing("L6", "the shift's net sales and its gross sales less discounts and refunds",
                          minor(shift.net_sales, currency) - net, currency)  # fmt: skip
    yield from _movement_sums(shift, currency)
    yield from _cash_payments(shift, currency, shop)


def _movement_sums(shift: Shift, currency: str) -> Iterator[Problem]:
    pieces = list(_movements(shift, currency))
    if any(name.kind == UNKNOWN for name, _ in pieces):
        return  # held already, and which sum it belongs to is not known
    for kind, told in ((PAID_IN, shift.paid_in), (PAID_OUT, shift.paid_out)):
        listed = _SIGNS[kind] * sum(amount for name, amount in pieces if name.kind == kind)
        what = f"the shift's {_CODES[kind].lower()} and the sum of its movements"
        yield from _differing("L6", what, minor(told, currency) - listed, currency)


def _cash_payments(shift: Shift, currency: str, shop: Shop) -> Iterator[Problem]:
    """L7: by payment type the shift shows cash either before or after refunds; which one is not documented."""
    cash = [each for each in shift.payments or () if payment_code(shop, each.payment_type_id) == CASH]
    if not cash:
        return
    told = sum(minor(each.money_amount, currency) for each in cash)
    gross = minor(shift.cash_payments, currency)
    off = min(told - gross, told - gross + minor(shift.cash_refunds, currency), key=abs)
    what = "the shift's cash by payment type and its cash payments, before or after refunds,"
    yield from _differing("L7", what, off, currency)


def _differing(code: str, what: str, difference: int, currency: str) -> Iterator[Problem]:
    if difference:
        message = f"{what} differ by {decimal_text(difference, currency)} {currency}"
        yield Problem(code=code, message=message, difference=difference)
