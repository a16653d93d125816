"""A document as records of one family or another: it goes into the books and comes back equal, or says why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.domain.books import Books
from connector.domain.document import Document, Family
from connector.errors import NeedsMapping, Rejected, Unsent
from connector.targets.contract import Receipt, Rendered
from tests.targets.xero import examples
from tests.targets.xero.conftest import Cafe, outgoing, posted
from tests.targets.xero.examples import document, line


def of(family: Family, made: Document) -> Document:
    return replace(made, family=family)


def early_fees(account: str = "Square Balance", kind: str = "fees") -> Document:
    """Fees of an earlier month, taken from clearing."""
    lines = (line("fee", "Square Fees", 7_95, kind="fee"), line("clearing", account, -7_95))
    return replace(document("adjustment", *lines), key=f"square|ML1|L7Q4|{kind}|2026-10")


def overdrawn() -> Document:
    """A settlement that owes more than it brings."""
    lines = (
        line("fee", "Amazon Fulfilment Fees", 50_00, kind="fee"),
        line("sales", "Square Sales", -20_00, kind="sale"),
        line("clearing", "Amazon.com Clearing", -30_00),
    )
    return document("settlement", *lines, source="amazon")


def rounded_day() -> Document:
    """A day whose tenders are a cent more than its lines."""
    lines = (
        line("clearing", "Square Balance", 12_01, kind="tender"),
        line("sales", "Square Sales", -12_00, "OUTPUT2", -2_00, kind="sale"),
        line("rounding", "Square Fees", -1),
    )
    return document("sales", *lines)


@pytest.mark.parametrize(
    ("made", "kinds"),
    [
        (examples.cafe_day(), ["invoice", "payment", "payment", "payment"]),
        (of("invoice", examples.cafe_day()), ["invoice", "payment", "payment", "payment"]),
        (of("journal", examples.cafe_day()), ["manual_journal"]),
        (examples.cafe_refund(), ["credit_note", "payment"]),
        (of("journal", examples.cafe_refund()), ["manual_journal"]),
        (rounded_day(), ["invoice", "payment"]),
        (overdrawn(), ["credit_note", "payment"]),
        (examples.payout(), ["bank_transaction"]),
        (of("deposit", examples.payout()), ["bank_transaction"]),
        (of("bill", examples.payout()), ["bank_transaction", "invoice", "payment"]),
        (examples.payout(clearing="Savings"), ["bank_transfer", "bank_transaction"]),
        (of("transfer", examples.payout(clearing="Savings")), ["bank_transfer", "bank_transaction"]),
        (of("bill", examples.payout(clearing="Savings")), ["bank_transfer", "invoice", "payment"]),
        (examples.payout(bank=-30_00, fee=2_00), ["bank_transaction"]),
        (early_fees(), ["manual_journal"]),
        (of("bill", early_fees()), ["invoice", "payment"]),
        (early_fees("Savings"), ["bank_transaction"]),
        (examples.adjustment(), ["manual_journal"]),
    ],
    ids=lambda made: f"{made.kind} {made.family}" if isinstance(made, Document) else "",
)
def test_every_kind_goes_into_the_books_and_comes_back_equal(
    cafe: Cafe, books: Books, made: Document, kinds: list[str]
) -> None:
    rendered = cafe.target.render(made, books)
    assert [one.kind for one in rendered] == kinds
    receipts = posted(cafe, rendered)
    assert [receipt.differences for receipt in receipts] == [()] * len(kinds)
    for one, receipt in zip(rendered, receipts, strict=True):
        assert cafe.target.read_back(one, receipt) == []
        assert [found.target_id for found in cafe.target.find(one)] == [receipt.target_id]
    assert {name: int(minor) for name, minor in cafe.balances().items()} == _moved(made)


def test_voiding_a_payout_with_its_bill_leaves_nothing(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(of("bill", examples.payout()), books)
    receipts = posted(cafe, rendered)
    for one, receipt in zip(rendered, receipts, strict=True):
        cafe.target.void(one, receipt)
    assert cafe.balances() == {}


def test_a_bill_is_to_the_processor_for_the_fees_and_is_paid_out_of_clearing(cafe: Cafe, books: Books) -> None:
    received, bill, paid = cafe.target.render(of("bill", examples.payout()), books)
    assert [one["UnitAmount"] for one in _lines(received)] == [269_93]
    assert (_record(bill)["Type"], [one["UnitAmount"] for one in _lines(bill)]) == ("ACCPAY", [7_95])
    assert (_record(paid)["Amount"], _record(paid)["Invoice"]) == (7_95, {"InvoiceNumber": bill.mark})
    assert [one.mark for one in (bill, paid)] == [f"{received.mark}-B1", f"{received.mark}-B2"]


def test_fees_that_came_back_are_no_bill(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(of("bill", examples.payout(fee=-2_00)), books)
    assert [one.kind for one in rendered] == ["bank_transaction"]


def test_a_bill_out_of_clearing_that_takes_no_payments_asks_for_them(cafe: Cafe, books: Books) -> None:
    with pytest.raises(NeedsMapping, match="tick 'Enable payments"):
        cafe.target.render(of("bill", examples.payout(clearing="Inventory")), books)


def test_a_bill_out_of_two_clearing_accounts_has_no_home(cafe: Cafe, books: Books) -> None:
    lines = (
        line("bank", "Checking", 90_00),
        line("fee", "Square Fees", 10_00, kind="fee"),
        line("clearing", "Square Balance", -60_00, kind="payout"),
        line("clearing", "Square Cash Clearing", -40_00, kind="payout"),
    )
    with pytest.raises(NeedsMapping, match="from 2 clearing accounts"):
        cafe.target.render(of("bill", document("payout", *lines)), books)


def test_the_payment_of_a_bill_that_was_refused_waits_with_it(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(of("bill", examples.payout()), books)
    cafe.settings(archive_account="Square Fees")
    outcomes = cafe.target.post(outgoing(*rendered))
    assert [type(outcome) for outcome in outcomes] == [Receipt, Rejected, Unsent]
    assert isinstance(outcomes[2], Unsent) and outcomes[2].because is outcomes[1]
    assert [call.path for call in cafe.heard("PUT", "/Payments")] == []


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (of("receipt", examples.cafe_day()), "Xero makes no receipt of documents of the kind sales"),
        (of("transfer", examples.cafe_day()), "Xero makes no transfer of documents of the kind sales"),
        (of("invoice", examples.payout()), "Xero makes no invoice of documents of the kind payout"),
        (of("journal", examples.payout()), "choose deposit or transfer"),
        (of("transfer", examples.payout()), "runs from one bank account to another"),
        (of("deposit", examples.payout(clearing="Savings")), "stands on one bank account, and this one on 2"),
    ],
    ids=lambda made: f"{made.kind} {made.family}" if isinstance(made, Document) else "",
)
def test_a_family_that_xero_cannot_make_of_a_kind_is_said(cafe: Cafe, books: Books, made: Document, said: str) -> None:
    with pytest.raises(NeedsMapping, match=said):
        cafe.target.render(made, books)


def test_takings_in_a_clearing_that_is_a_bank_account_are_no_journal(cafe: Cafe, books: Books) -> None:
    lines = (
        line("clearing", "Savings", 12_00, kind="tender"),
        line("sales", "Square Sales", -12_00, "OUTPUT2", -2_00, kind="sale"),
    )
    with pytest.raises(NeedsMapping, match="Savings is a bank account"):
        cafe.target.render(of("journal", document("sales", *lines)), books)


def test_an_accrual_is_left_out_of_reports_on_cash_basis_and_takings_are_not(cafe: Cafe, books: Books) -> None:
    accrual = early_fees(kind="accrual")
    takings = of("journal", examples.cafe_day())
    receipts = posted(cafe, [one for made in (accrual, takings) for one in cafe.target.render(made, books)])
    kept = [cafe.shelf.get("ManualJournals", receipt.target_id) or {} for receipt in receipts]
    assert [one["ShowOnCashBasisReports"] for one in kept] == [False, True]


def test_the_rate_of_a_foreign_settlement_is_foreign_units_for_one_of_ours(cafe: Cafe, books: Books) -> None:
    cafe.subscribe("USD")
    lines = (line("sales", "Square Sales", -748_97, kind="sale"), line("clearing", "Amazon.com Clearing", 748_97))
    made = document("settlement", *lines, source="amazon", currency="USD", rate="0.79")
    rendered = cafe.target.render(made, books)
    receipts = posted(cafe, rendered)
    assert [cafe.target.read_back(one, receipt) for one, receipt in zip(rendered, receipts, strict=True)] == [[], []]
    assert cafe.balances() == {"Square Sales": "-59169", "Amazon.com Clearing": "59169"}  # 748.97 × 0.79


def test_yen_go_into_the_books_without_cents_and_come_back_equal(cafe: Cafe, books: Books) -> None:
    cafe.subscribe("JPY")
    lines = (line("sales", "Square Sales", -1900, kind="sale"), line("clearing", "Amazon.com Clearing", 1900))
    rendered = cafe.target.render(document("settlement", *lines, source="amazon", currency="JPY", rate="0.005"), books)
    assert [receipt.differences for receipt in posted(cafe, rendered)] == [(), ()]
    assert cafe.balances() == {"Square Sales": "-950", "Amazon.com Clearing": "950"}


def test_a_rate_that_the_books_hold_otherwise_is_said(cafe: Cafe, books: Books) -> None:
    cafe.subscribe("USD")
    lines = (line("sales", "Square Sales", -748_97, kind="sale"), line("bank", "Checking", 748_97))
    made = document("settlement", *lines, source="amazon", currency="USD", rate="0.79")
    (rendered,) = cafe.target.render(made, books)
    (receipt,) = posted(cafe, [rendered])
    cafe.edit("Invoices", receipt.target_id, CurrencyRate=1.3)
    found = cafe.target.read_back(rendered, receipt)
    assert [(one.kind, one.text) for one in found] == [
        ("currency", "The rate is 1.3, not 1.265823: at home that is 576.13, not 591.69.")
    ]


def test_a_journal_whose_amounts_the_books_read_without_their_tax_is_told(cafe: Cafe, books: Books) -> None:
    """Nothing else would show it: its lines stay the same, and mean something else."""
    lines = (
        line("sales", "Square Sales", -12_00, "OUTPUT2", -2_00, kind="sale"),
        line("clearing", "Square Balance", 12_00, kind="tender"),
    )
    rendered = cafe.target.render(of("journal", document("sales", *lines)), books)
    receipts = posted(cafe, rendered)
    assert (_record(rendered[0])["LineAmountTypes"], receipts[0].differences) == ("Inclusive", ())
    kept = cafe.shelf.get("ManualJournals", receipts[0].target_id) or {}
    cafe.shelf.put("ManualJournals", receipts[0].target_id, {**kept, "LineAmountTypes": "NoTax"})
    (found,) = cafe.target.read_back(rendered[0], receipts[0])
    assert (found.kind, found.text) == ("tax", "The kind of amounts on lines is NoTax, not Inclusive.")


def test_tracking_goes_with_the_lines_and_comes_back(cafe: Cafe, books: Books) -> None:
    cafe.track("Location", "Main St")
    sale = replace(
        line("sales", "Square Sales", -12_00, "OUTPUT2", -2_00, kind="sale"), tracking=(("Location", "Main St"),)
    )
    made = document("sales", sale, line("clearing", "Square Balance", 12_00, kind="tender"))
    for family in ("invoice", "journal"):
        rendered = cafe.target.render(replace(made, family=family, mark=f"SQ-{family}"), cafe.target.books())
        receipts = posted(cafe, rendered)
        assert cafe.target.read_back(rendered[0], receipts[0]) == []
        kept = cafe.shelf.get("Invoices" if family == "invoice" else "ManualJournals", receipts[0].target_id)
        assert "Main St" in str(kept)


def _moved(made: Document) -> dict[str, int]:
    """What a document does to each account, its tax apart."""
    sums: dict[str, int] = {}
    for one in made.lines:
        sums[one.account] = sums.get(one.account, 0) + one.amount - one.tax
        sums["VAT"] = sums.get("VAT", 0) + one.tax
    return {name: amount for name, amount in sums.items() if amount}


def _record(rendered: Rendered) -> dict[str, object]:
    record = rendered.payload["record"]
    assert isinstance(record, dict)
    return record


def _lines(rendered: Rendered) -> list[dict[str, object]]:
    lines = _record(rendered)["LineItems"]
    assert isinstance(lines, list)
    return lines
