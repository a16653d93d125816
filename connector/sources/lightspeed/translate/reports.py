"""Lightspeed's own daily reports for accounting → totals of a shop and day that our sums must meet, to the cent.

The reports count refunds with the sales, so their amounts stand against the sum of both kinds: "tender+refund_tender".
A code of "*" stands for all codes of the kinds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time

from connector.domain.facts import Fact
from connector.domain.places import Frame
from connector.domain.sales import DayTotals, NoSale
from connector.domain.shop import Shop
from connector.sources.lightspeed.records import ZERO, DayReport
from connector.sources.lightspeed.translate.amounts import minor
from connector.sources.lightspeed.translate.places import currency_of
from connector.sources.lightspeed.translate.shops import known_tenders, sells_tax_inclusive
from connector.sources.lightspeed.translate.tenders import ON_ACCOUNT, is_known, tender_of

Total = tuple[str, str, int]
PAID = "tender+refund_tender"
TAXED = "tax+refund_tax+exchange_tax"
DISCOUNTED = "discount+refund_discount+exchange_discount"
SOLD = "sale+item_fee+refund+refund_item_fee+exchange_return+exchange_item_fee"


def report_fact(stream: str, report: DayReport, shop: Shop) -> Fact:
    """The totals of one report, shop and day; or the reason why it cannot be compared with ours."""
    frame = Frame(
        stream=stream,
        source_id=report.report_id,
        location=report.shop_id,
        occurred_at=datetime.combine(report.day, time(), tzinfo=UTC),
        business_day=report.day,
        currency=currency_of(shop, report.shop_id),
    )
    name, totals = REPORTS[stream]
    reason = _incomparable(stream, report, shop)
    if reason and report.rows:
        return frame.fact(NoSale(record_id=report.report_id, reason=reason))
    wanted = () if reason else totals(report, frame.currency, shop)
    return frame.fact(DayTotals(report=name, totals=wanted, covers=()))


def _incomparable(stream: str, report: DayReport, shop: Shop) -> str:
    known = shop.locations.get(report.shop_id)
    if known and known.closes_at:
        return f"the report counts from midnight, the shop's day ends at {known.closes_at}: they cannot be compared"
    if stream in ("discounts_by_day", "sales_by_day") and sells_tax_inclusive(shop):
        return "the shop's prices hold the tax; whether the report's do is not certain: they are not compared"
    return ""


def _payments(report: DayReport, currency: str, shop: Shop) -> tuple[Total, ...]:
    """By payment type, those without a payment on that day too. Gift cards and credit accounts are left out: what was
    loaded is no payment of ours."""
    sums = {code: 0 for _, code in known_tenders(shop)}
    for row in report.rows:
        code = tender_of(row.payment_type_id, None, shop)
        sums[code] = sums.get(code, 0) + minor(row.amount, currency)
    wanted = [code for code in sorted(sums) if code not in ON_ACCOUNT and is_known(code)]
    return tuple((PAID, code, sums[code]) for code in wanted)


def _taxes(report: DayReport, currency: str, shop: Shop) -> tuple[Total, ...]:
    """All taxes at once: the report adds both taxes of a category, which we keep apart."""
    return ((TAXED, "*", minor(sum((row.tax for row in report.rows), ZERO), currency)),)


def _discounts(report: DayReport, currency: str, shop: Shop) -> tuple[Total, ...]:
    return ((DISCOUNTED, "*", -minor(sum((row.discount for row in report.rows), ZERO), currency)),)


def _sales(report: DayReport, currency: str, shop: Shop) -> tuple[Total, ...]:
    """Before discounts; the report's tax classes are not our categories, so all at once."""
    return ((SOLD, "*", minor(sum((row.subtotal for row in report.rows), ZERO), currency)),)


REPORTS: dict[str, tuple[str, Callable[[DayReport, str, Shop], tuple[Total, ...]]]] = {
    "payments_by_day": ("report PaymentsByDay", _payments),
    "taxes_by_day": ("report TaxesByDay", _taxes),
    "discounts_by_day": ("report DiscountsByDay", _discounts),
    "sales_by_day": ("report TaxClassSalesByDay", _sales),
}
