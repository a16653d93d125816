"""What the tests of forms begin with: companies with items, customer and vendor, and documents that become forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from connector.domain.books import Account, Books
from connector.domain.defaults import SlotAccount
from connector.domain.document import Document, Family, Line, Share
from connector.domain.facts import BucketKey
from connector.targets.contract import Receipt, Rendered
from connector.targets.quickbooks.company import Company as Opened
from tests.targets.quickbooks.given import Company, document, line, outgoing

AT_MAIN = (("Location", "Main St"),)
WANTED = (
    SlotAccount(slot="clearing", name="Square Balance", number="", type="current_asset"),
    SlotAccount(slot="clearing", name="Square Cash Clearing", number="", type="current_asset"),
    SlotAccount(slot="gift_cards", name="Square Gift Cards", number="", type="current_liability"),
    SlotAccount(slot="sales_tax", name="Square Sales Tax", number="", type="current_liability"),
    SlotAccount(slot="refunds", name="Square Returns", number="", type="income"),
    SlotAccount(slot="fees", name="Square Fees", number="", type="expense"),
    SlotAccount(slot="rounding", name="Square Rounding", number="", type="expense"),
)


def opened(company: Company) -> Opened:
    assert isinstance(company.open, Opened)
    return company.open


def furnished(company: Company) -> Books:
    """The books after set-up: our accounts, and customer, vendor and items for forms."""
    books = opened(company)
    for wanted in WANTED:
        books.open_account(wanted)
    chart = books.books()
    books.open_items("Square", _on_forms(chart))
    return books.books()


def render(company: Company, books: Books, wanted: Document, family: Family = "") -> list[Rendered]:
    return list(company.open.render(replace(wanted, family=family), books))


def post_all(company: Company, records: Sequence[Rendered]) -> list[Receipt]:
    """Posts the records of a document one by one, in order; each must go well and come back equal."""
    receipts = []
    for rendered in records:
        (receipt,) = company.open.post([outgoing(rendered)])
        assert isinstance(receipt, Receipt), receipt
        assert receipt.differences == ()
        receipts.append(receipt)
    for rendered, receipt in zip(records, receipts, strict=True):
        assert company.open.read_back(rendered, receipt) == []
        (found,) = company.open.find(rendered)
        assert (found.target_id, found.version) == (receipt.target_id, receipt.version)
    return receipts


def tendered(kind: str = "tender") -> tuple[Share, ...]:
    key = BucketKey(kind=kind, code="", tax_code="", location="L1", channel="", period="2026-11-19", currency="USD")
    return (Share(bucket=key, amount=1, count=1),)


def gift(amount: int) -> Line:
    """A tender by gift card."""
    return line("gift_card", "Square Gift Cards", amount, shares=tendered())


def day(*tenders: Line) -> Document:
    """A day of an American shop: food 430.00, tax 64.60 and service 16.00, paid as said or by card and cash."""
    paid = tenders or (
        line("clearing", "Square Balance", 41260, text="Card"),
        line("clearing", "Square Cash Clearing", 9800, text="Cash"),
    )
    return document(
        *paid,
        line("sales", "Sales of Product Income", -43000, text="Sales, food"),
        line("tax", "Square Sales Tax", -6460, text="Sales tax"),
        line("service_charge", "Services", -1600, text="Service"),
    )


def refunds() -> Document:
    """A day of refunds only: 80.00 back onto cards, 20.00 out of the drawer."""
    return document(
        line("clearing", "Square Balance", -8000),
        line("clearing", "Square Cash Clearing", -2000),
        line("refund", "Square Returns", 10000, text="Returns"),
    )


def payout() -> Document:
    return document(
        line("bank", "Checking", 40022, text="Payout to bank"),
        line("fee", "Square Fees", 1238, text="Processing fees"),
        line("clearing", "Square Balance", -41260),
        kind="payout",
        date=date(2026, 11, 20),
    )


def placed(wanted: Document) -> Document:
    """The document with the location on every line."""
    return replace(wanted, lines=tuple(replace(each, tracking=AT_MAIN) for each in wanted.lines))


def _on_forms(chart: Books) -> list[Account]:
    names = {"Sales of Product Income", "Services", *(wanted.name for wanted in WANTED)}
    return [account for account in chart.accounts if account.name in names]
