"""Every kind of form goes into the books, moves exactly the accounts of its document, and comes back equal."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from connector.domain.books import Books
from connector.domain.document import Document, Family
from connector.domain.drift import texts
from connector.errors import NeedsMapping, Rejected, RetryLater, Unsent
from connector.targets.contract import Rendered
from connector.targets.quickbooks.wire import linked, links, wire
from tests.targets.quickbooks.by_hand import by_hand, held
from tests.targets.quickbooks.forms import day, furnished, gift, opened, payout, placed, post_all, refunds, render
from tests.targets.quickbooks.given import MARK, NOW, Company, document, line, outgoing

SCHEMA = Path(__file__).resolve().parents[3] / ".." / "shared" / "specs" / "qbo" / "qbo-entities.schema.json"

OTHER_WAY = (line("clearing", "Square Balance", 53060), line("clearing", "Square Cash Clearing", -2000))
BY_CARD_AND_GIFT = (line("clearing", "Square Balance", 41060), gift(10000))


def moved(wanted: Document) -> dict[str, str]:
    """What the document must do to the accounts, as the stand-in's true ledger would tell it."""
    sums: dict[str, int] = {}
    for each in wanted.lines:
        sums[each.account] = sums.get(each.account, 0) + each.amount
    return {account: str(amount) for account, amount in sums.items() if amount}


def kinds(records: list[Rendered]) -> list[tuple[str, str]]:
    return [(rendered.kind, rendered.part) for rendered in records]


@pytest.fixture
def books(american: Company) -> Books:
    return furnished(american)


@pytest.mark.parametrize(
    ("wanted", "family", "expected"),
    [
        (day(), "", [("JournalEntry", "")]),
        (day(), "journal", [("JournalEntry", "")]),
        (day(), "invoice", [("Invoice", ""), ("Payment", "P1"), ("Payment", "P2")]),
        (day(*BY_CARD_AND_GIFT), "invoice", [("Invoice", ""), ("Payment", "P1")]),
        (day(gift(51060)), "invoice", [("Invoice", "")]),
        (day(*OTHER_WAY), "invoice", [("Invoice", ""), ("Payment", "P1")]),
        (refunds(), "invoice", [("CreditMemo", ""), ("JournalEntry", "J"), ("Payment", "P")]),
        (day(), "receipt", [("SalesReceipt", ""), ("SalesReceipt", "R2")]),
        (day(*BY_CARD_AND_GIFT), "receipt", [("SalesReceipt", "")]),
        (day(gift(51060)), "receipt", [("SalesReceipt", "")]),
        (day(*OTHER_WAY), "receipt", [("SalesReceipt", "")]),
        (refunds(), "receipt", [("RefundReceipt", ""), ("RefundReceipt", "R2")]),
        (payout(), "", [("JournalEntry", "")]),
        (payout(), "deposit", [("Deposit", "")]),
        (payout(), "transfer", [("Transfer", ""), ("JournalEntry", "J")]),
    ],
)
def test_document_goes_into_the_books_and_comes_back_equal(
    american: Company, books: Books, wanted: Document, family: Family, expected: list[tuple[str, str]]
) -> None:
    records = render(american, books, wanted, family)
    assert kinds(records) == expected
    post_all(american, records)
    assert american.balances() == moved(wanted)
    assert {rendered.mark for rendered in records} == {f"{MARK}-{part}".rstrip("-") for _, part in expected}


@pytest.mark.parametrize(
    ("wanted", "family"),
    [(day(), "invoice"), (refunds(), "invoice"), (day(), "receipt"), (refunds(), "receipt"), (payout(), "deposit"),
     (payout(), "transfer")],
)  # fmt: skip
def test_body_of_every_form_obeys_the_published_fields(
    american: Company, books: Books, wanted: Document, family: Family
) -> None:
    if not SCHEMA.exists():
        pytest.skip("the entity schema of QuickBooks is not beside the repository")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for rendered in render(american, books, wanted, family):
        payload = linked(rendered.payload, dict.fromkeys(links(rendered.payload), "7"))
        jsonschema.validate(json.loads(wire(payload)), {**schema, "$ref": f"#/definitions/{rendered.kind}"})


def test_invoice_whose_payments_are_in_has_nothing_open(american: Company, books: Books) -> None:
    receipts = post_all(american, render(american, books, day(), "invoice"))
    assert held(american, "Invoice", receipts[0])["Balance"] == 0
    payments = [held(american, "Payment", receipt) for receipt in receipts[1:]]
    assert [str(payment["PrivateNote"])[-23:] for payment in payments] == [f"[{MARK}-P1]", f"[{MARK}-P2]"]


def test_credit_memo_is_applied_so_that_nothing_of_it_stays_open(american: Company, books: Books) -> None:
    receipts = post_all(american, render(american, books, refunds(), "invoice"))
    assert held(american, "CreditMemo", receipts[0])["Balance"] == 0
    assert "Accounts Receivable (A/R)" not in american.balances()


def test_payment_finds_its_invoice_by_its_mark_when_another_run_wrote_it(american: Company, books: Books) -> None:
    invoice, payment, _ = render(american, books, day(), "invoice")
    post_all(american, [invoice])
    opened(american).desk.ids.clear()
    post_all(american, [payment])


def test_payment_waits_for_an_invoice_that_is_not_in_the_books(american: Company, books: Books) -> None:
    _, payment, _ = render(american, books, day(), "invoice")
    (outcome,) = american.open.post([outgoing(payment)])
    assert isinstance(outcome, Unsent) and isinstance(outcome.because, RetryLater)
    assert f"does not hold {MARK}" in str(outcome)
    assert american.documents() == []


def test_payments_of_an_invoice_that_was_refused_are_not_sent(american: Company, books: Books) -> None:
    records = render(american, books, day(), "invoice")
    american.set(archive_account="Square Balance")
    american.set(book_close_date="2026-11-30")
    outcomes = american.open.post([outgoing(rendered) for rendered in records])
    refused, *others = outcomes
    assert isinstance(refused, Rejected) and refused.code == "closed_period"
    assert [outcome.because for outcome in others if isinstance(outcome, Unsent)] == [refused, refused]


def test_receipts_share_the_lines_without_losing_a_cent(american: Company, books: Books) -> None:
    first, second = render(american, books, day(), "receipt")
    assert [_amounts(first), _amounts(second)] == [[41260], [1740, 6460, 1600]]


def test_discount_and_gift_card_stand_whole_on_the_receipt_of_the_largest_tender(
    american: Company, books: Books
) -> None:
    tenders = line("clearing", "Square Cash Clearing", 9800), line("clearing", "Square Balance", 31260), gift(10000)
    first, second = render(american, books, day(*tenders), "receipt")
    assert [_amounts(first), _amounts(second)] == [[9800], [33200, 6460, 1600, -10000]]


def test_location_stands_in_the_head_of_forms_and_on_each_line_of_journals(american: Company, books: Books) -> None:
    by_hand(american, {"Name": "Main St"}, kind="Department")
    books = american.open.books()
    invoice, payment, _ = render(american, books, placed(day()), "invoice")
    assert invoice.payload["DepartmentRef"] == payment.payload["DepartmentRef"] == {"value": "1", "name": "Main St"}
    post_all(american, [invoice, payment])
    post_all(american, render(american, books, placed(refunds()), "receipt"))


def test_form_with_lines_at_two_locations_waits(american: Company, books: Books) -> None:
    for place in ("Main St", "Pier"):
        by_hand(american, {"Name": place}, kind="Department")
    lines = placed(day()).lines
    split = replace(day(), lines=(*lines[:-1], replace(lines[-1], tracking=(("Location", "Pier"),))))
    with pytest.raises(NeedsMapping, match="stand at 2 locations"):
        render(american, american.open.books(), split, "invoice")


def test_class_goes_onto_the_lines_of_a_form(american: Company, books: Books) -> None:
    by_hand(american, {"Name": "Retail"}, kind="Class")
    tracked = replace(day(), lines=tuple(replace(each, tracking=(("Class", "Retail"),)) for each in day().lines))
    records = render(american, american.open.books(), tracked, "invoice")
    post_all(american, records)
    assert all("ClassRef" in str(part) for part in _lines(records[0]))


def test_fees_become_a_bill_paid_from_a_clearing_account_that_is_a_bank(american: Company, books: Books) -> None:
    by_bank = document(
        line("bank", "Checking", 40022),
        line("fee", "Square Fees", 1238, text="Processing fees"),
        line("clearing", "Savings", -41260),
        kind="payout",
    )
    records = render(american, books, by_bank, "bill")
    assert kinds(records) == [("Transfer", ""), ("Bill", "B"), ("BillPayment", "BP")]
    receipts = post_all(american, records)
    assert american.balances() == moved(by_bank)
    assert held(american, "Bill", receipts[1])["Balance"] == 0


def test_fees_alone_are_a_bill_under_the_mark_of_their_document(american: Company, books: Books) -> None:
    early = document(line("fee", "Square Fees", 1238), line("clearing", "Savings", -1238), kind="adjustment")
    records = render(american, books, early, "bill")
    assert kinds(records) == [("Bill", ""), ("BillPayment", "BP")]
    post_all(american, records)
    assert american.balances() == moved(early)


def test_bill_cannot_be_paid_from_another_current_asset(american: Company, books: Books) -> None:
    with pytest.raises(NeedsMapping, match="pays a bill from a bank account or a credit card only"):
        render(american, books, payout(), "bill")


def test_fees_that_come_back_are_no_bill(american: Company, books: Books) -> None:
    back = document(line("fee", "Square Fees", -1238), line("clearing", "Square Balance", 1238), kind="adjustment")
    assert kinds(render(american, books, back, "bill")) == [("JournalEntry", "")]


def test_payout_that_takes_money_from_the_bank_is_no_deposit(american: Company, books: Books) -> None:
    taken = document(line("bank", "Checking", -500), line("clearing", "Square Balance", 500), kind="payout")
    assert kinds(render(american, books, taken, "deposit")) == [("JournalEntry", "")]
    assert kinds(render(american, books, taken, "transfer")) == [("Transfer", "")]
    post_all(american, render(american, books, taken, "transfer"))
    assert american.balances() == moved(taken)


@pytest.mark.parametrize(
    ("family", "missing"), [("invoice", "no customer 'Square sales summary'"), ("receipt", "no customer")]
)
def test_form_waits_until_set_up_has_made_what_it_names(american: Company, family: Family, missing: str) -> None:
    plain = document(line("clearing", "Undeposited Funds", 500), line("sales", "Services", -500))
    with pytest.raises(NeedsMapping, match=missing):
        render(american, american.open.books(), plain, family)


def test_account_without_an_item_waits(american: Company, books: Books) -> None:
    other = document(line("clearing", "Square Balance", 500), line("loan", "Long", -500))
    by_hand(american, {"Name": "Long", "AccountType": "Long Term Liability"}, kind="Account")
    with pytest.raises(NeedsMapping, match="no item that stands for 'Long'"):
        render(american, american.open.books(), other, "invoice")


def test_bank_account_cannot_stand_on_a_line_of_a_sales_form(american: Company, books: Books) -> None:
    tenders = line("clearing", "Square Balance", 53060), line("clearing", "Savings", -2000)
    with pytest.raises(NeedsMapping, match="'Savings' is a bank account"):
        render(american, books, day(*tenders), "invoice")


def test_set_up_run_twice_makes_nothing_twice(american: Company, books: Books) -> None:
    assert furnished(american).names == books.names
    assert len(set(books.names)) == len(books.names)


@pytest.mark.parametrize(
    ("wanted", "family", "stays"),
    [(day(), "invoice", True), (day(), "receipt", True), (refunds(), "receipt", False), (payout(), "deposit", False)],
    ids=["invoice", "receipt", "refund receipt", "deposit"],
)
def test_records_are_voided_last_first_and_only_some_kinds_stay_empty(
    american: Company, books: Books, wanted: Document, family: Family, stays: bool
) -> None:
    records = render(american, books, wanted, family)
    receipts = post_all(american, records)
    for rendered, receipt in reversed(list(zip(records, receipts, strict=True))):
        left = american.open.void(rendered, receipt)
        assert [each.kind for each in american.open.read_back(rendered, left)] == ["gone"]
        assert american.open.void(rendered, receipt).target_id == receipt.target_id
    assert american.balances() == {}
    assert [each.is_gone for each in american.open.changed(NOW)] == [True] * len(records)
    assert [len(american.open.find(rendered)) for rendered in records] == [int(stays)] * len(records)


def test_invoice_that_is_paid_is_not_voided(american: Company, books: Books) -> None:
    records = render(american, books, day(), "invoice")
    receipts = post_all(american, records)
    with pytest.raises(Rejected, match="linked to payment"):
        american.open.void(records[0], receipts[0])


@pytest.mark.parametrize(
    ("before", "after", "family"),
    [(day(), day(line("clearing", "Square Balance", 41260), gift(9800)), "receipt"), (payout(), payout(), "deposit")],
    ids=["receipt", "deposit"],
)
def test_form_is_written_over(
    american: Company, books: Books, before: Document, after: Document, family: Family
) -> None:
    receipt = post_all(american, render(american, books, before, family)[:1])[0]
    wanted = render(american, books, after, family)[0]
    written = american.open.replace(wanted, receipt)
    assert (written.version, written.differences) == ("1", ())
    assert american.balances() == moved(after)


def test_payment_is_written_over_with_the_id_of_its_invoice(american: Company, books: Books) -> None:
    records = render(american, books, day(), "invoice")
    receipts = post_all(american, records)
    opened(american).desk.ids.clear()
    assert american.open.replace(records[1], receipts[1]).differences == ()


def test_form_that_a_person_edited_is_described(american: Company, books: Books) -> None:
    records = render(american, books, day(), "invoice")
    receipts = post_all(american, records)
    body = held(american, "Invoice", receipts[0])
    lines = body["Line"]
    assert isinstance(lines, list)
    lines[0] = {**lines[0], "Amount": 440, "SalesItemLineDetail": {**lines[0]["SalesItemLineDetail"], "UnitPrice": 440}}
    by_hand(american, {**body, "TxnDate": "2026-11-20"}, kind="Invoice")
    found = american.open.read_back(records[0], receipts[0])
    assert [each.kind for each in found] == ["date", "amount", "amount"]
    assert texts(found)[1:] == [
        f"missing: 430.00 on item {lines[0]['SalesItemLineDetail']['ItemRef']['value']}",
        f"not ours: 440.00 on item {lines[0]['SalesItemLineDetail']['ItemRef']['value']}",
    ]


def test_payment_that_a_person_moved_to_another_account_is_described(american: Company, books: Books) -> None:
    records = render(american, books, day(), "invoice")
    receipts = post_all(american, records)
    moved_to = {**held(american, "Payment", receipts[1]), "DepositToAccountRef": {"value": "1"}}
    by_hand(american, moved_to, kind="Payment")
    assert [each.kind for each in american.open.read_back(records[1], receipts[1])] == ["account"]


def test_foreign_invoice_is_paid_at_its_own_rate(american: Company, books: Books) -> None:
    american.set(multi_currency=True)
    by_hand(american, {"Name": "Receivable CAD", "AccountType": "Accounts Receivable"}, kind="Account")
    foreign = replace(day(line("clearing", "Checking", 51060)), currency="CAD", rate="0.50")
    records = render(american, books, foreign, "invoice")
    assert {rendered.payload["ExchangeRate"] for rendered in records} == {"0.50"}
    post_all(american, records)
    assert american.balances()["Checking"] == "25530"


def _lines(rendered: Rendered) -> list[dict[str, object]]:
    lines = rendered.payload["Line"]
    assert isinstance(lines, list)
    return lines


def _amounts(rendered: Rendered) -> list[object]:
    return [part["Amount"] for part in _lines(rendered)]
