"""Documents as the mapping makes them, and the chart of accounts they need: a café in London, a seller on Amazon."""

from __future__ import annotations

from datetime import date

from connector.domain.defaults import SlotAccount
from connector.domain.document import Document, Kind, Line, Role, Share
from connector.domain.facts import BucketKey
from connector.domain.keys import mark

DAY = date(2026, 11, 19)
SLOTS = (
    SlotAccount(slot="sales", name="Square Sales", number="SQ-2000", type="income"),
    SlotAccount(slot="discount", name="Square Discounts", number="SQ-2001", type="income"),
    SlotAccount(slot="refunds", name="Square Returns", number="SQ-2003", type="income"),
    SlotAccount(slot="fees", name="Square Fees", number="SQ-3000", type="expense"),
    SlotAccount(slot="clearing.card", name="Square Balance", number="SQ-6000", type="current_asset"),
    SlotAccount(slot="clearing.cash", name="Square Cash Clearing", number="SQ-6001", type="current_asset"),
    SlotAccount(slot="carry", name="Amazon.com Carried Balance", number="AM-6005", type="current_asset"),
    SlotAccount(slot="clearing", name="Amazon.com Clearing", number="AM-6000", type="current_asset"),
    SlotAccount(slot="fulfilment_fees", name="Amazon Fulfilment Fees", number="AM-3001", type="expense"),
    SlotAccount(slot="tips", name="Square Tips", number="SQ-8000", type="current_liability"),
    SlotAccount(slot="gift_cards", name="Square Gift Cards", number="SQ-8001", type="current_liability"),
)
NUMBERS = {slot.name: slot.number for slot in SLOTS}


def line(
    role: Role, account: str, amount: int, tax_code: str = "NONE", tax: int = 0, *, kind: str = "", text: str = ""
) -> Line:
    """`amount` in minor units, debit positive; without a `kind` of movement the line is derived."""
    shares: tuple[Share, ...] = ()
    if kind:
        key = BucketKey(kind=kind, code="", currency="GBP", period=DAY.isoformat())
        shares = (Share(bucket=key, amount=abs(amount), count=1),)
    return Line(
        role=role,
        account=account,
        number=NUMBERS.get(account, ""),
        amount=amount,
        tax_code=tax_code,
        tax=tax,
        text=text or f"{role} on {account}",
        shares=shares,
    )


def document(
    kind: Kind,
    *lines: Line,
    source: str = "square",
    day: date = DAY,
    currency: str = "GBP",
    period: str = "",
    rate: str = "",
) -> Document:
    key = f"{source}|ML1|L7Q4|{kind}|{period or day.isoformat()}"
    prefix = {"square": "SQ", "amazon": "AM"}[source]
    return Document(
        key=key,
        mark=mark(prefix=prefix, day=day, organisation="o1", connection="c1", key=key, version=1),
        date=day,
        currency=currency,
        kind=kind,
        narration=f"{source} {kind} {day.isoformat()}",
        source_ref=f"{kind}-{day.isoformat()}",
        lines=lines,
        rate=rate,
    )


def cafe_day() -> Document:
    """Accounting example B: 343.00 with 38.00 VAT, paid by card, voucher and cash."""
    return document(
        "sales",
        line("clearing", "Square Balance", 283_00, kind="tender"),
        line("clearing", "Square Cash Clearing", 40_00, kind="tender"),
        line("gift_card", "Square Gift Cards", 20_00, kind="tender"),
        line("discount", "Square Discounts", 12_00, "OUTPUT2", 2_00, kind="discount"),
        line("discount", "Square Discounts", 3_00, "ZERORATEDOUTPUT", kind="discount"),
        line("sales", "Square Sales", -240_00, "OUTPUT2", -40_00, kind="sale", text="Meals"),
        line("sales", "Square Sales", -60_00, "ZERORATEDOUTPUT", kind="sale", text="Cold food"),
        line("gift_card", "Square Gift Cards", -40_00, kind="gift_card_sold"),
        line("tip", "Square Tips", -18_00, kind="tip"),
    )


def cafe_refund() -> Document:
    """Accounting example B: an earlier card sale of 48.00 at 20 %, refunded in cash."""
    return document(
        "refund",
        line("refund", "Square Returns", 48_00, "OUTPUT2", 8_00, kind="refund"),
        line("clearing", "Square Cash Clearing", -48_00, kind="refund_tender"),
    )


def settlement(part: str, *lines: Line, day: date) -> Document:
    return document("settlement", *lines, source="amazon", day=day, period=f"18273 {part}")


def april_clearing() -> Document:
    """Accounting example C, clearing style, shortened to one kind of fee."""
    return settlement(
        "2026-04",
        line("refund", "Square Returns", 1_850_00, kind="refund"),
        line("fee", "Amazon Fulfilment Fees", 16_991_82, kind="fee"),
        line("sales", "Square Sales", -61_200_00, kind="sale"),
        line("clearing", "Amazon.com Clearing", 42_358_18),
        day=date(2026, 4, 30),
    )


def april_bank() -> Document:
    """The same in bank style: the money is carried."""
    return settlement(
        "2026-04",
        line("refund", "Square Returns", 1_850_00, kind="refund"),
        line("fee", "Amazon Fulfilment Fees", 16_991_82, kind="fee"),
        line("sales", "Square Sales", -61_200_00, kind="sale"),
        line("carry", "Amazon.com Carried Balance", 42_358_18),
        day=date(2026, 4, 30),
    )


def may_bank() -> Document:
    return settlement(
        "2026-05",
        line("refund", "Square Returns", 310_00, kind="refund"),
        line("fee", "Amazon Fulfilment Fees", 2_385_16, kind="fee"),
        line("sales", "Square Sales", -7_900_00, kind="sale"),
        line("carry", "Amazon.com Carried Balance", -42_358_18),
        line("bank", "Checking", 47_563_02),
        day=date(2026, 5, 4),
    )


def payout(bank: int = 269_93, fee: int = 7_95, clearing: str = "Square Balance") -> Document:
    return document(
        "payout",
        line("bank", "Checking", bank),
        line("fee", "Square Fees", fee, kind="fee"),
        line("clearing", clearing, -bank - fee, kind="payout"),
    )


def adjustment(period: str = "1") -> Document:
    return document(
        "adjustment",
        line("gift_card", "Square Gift Cards", 40_00, kind="gift_card_sold"),
        line("clearing", "Square Cash Clearing", -40_00, kind="tender"),
        period=period,
    )
