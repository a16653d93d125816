"""What the Xero stand-in books, refuses and remembers, over real HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connector.sandbox.faults import Faults
from connector.sandbox.xero.organisation import TENANT
from tests.sandbox.xero_books import Books, Clock, Json, clearing, credit_note, invoice, journal, line, messages, opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def books(tmp_path: Path, clock: Clock, faults: Faults) -> Iterator[Books]:
    yield from opened(tmp_path, clock, faults)


def test_inclusive_invoice_is_split_into_net_and_tax_and_moves_the_balances(books: Books) -> None:
    kept = books.put_one("Invoices", invoice(line(120), line(-3.20, "404", "NONE")))
    assert (kept["SubTotal"], kept["TotalTax"], kept["Total"]) == (96.8, 20.0, 116.8)
    assert (kept["Status"], kept["AmountDue"], kept["DateString"]) == ("AUTHORISED", 116.8, "2026-03-14T00:00:00")
    assert kept["Date"] == "/Date(1773446400000+0000)/"
    assert books.control("trial-balance") == {
        "Sales": "-10000",
        "Bank Fees": "320",
        "Accounts Receivable": "11680",
        "VAT": "-2000",
    }


def test_tax_is_rounded_half_up_on_each_line(books: Books) -> None:
    kept = books.put_one("Invoices", invoice(line(0.13), line(0.13), line(0.13), LineAmountTypes="Exclusive"))
    assert [item["TaxAmount"] for item in kept["LineItems"]] == [0.03, 0.03, 0.03]
    assert kept["TotalTax"] == 0.09


def test_tax_amount_that_was_sent_is_taken(books: Books) -> None:
    assert books.put_one("Invoices", invoice(line(120, TaxAmount=19.99)))["TotalTax"] == 19.99


def test_draft_invoice_touches_no_balance(books: Books) -> None:
    wish = invoice()
    del wish["Status"]
    assert books.put_one("Invoices", wish)["Status"] == "DRAFT"
    assert books.control("trial-balance") == {}


def test_invoice_of_nothing_is_paid_at_once(books: Books) -> None:
    assert books.put_one("Invoices", invoice(line(5), line(-5)))["Status"] == "PAID"


def test_invoice_below_zero_is_refused(books: Books) -> None:
    assert "greater than or equal to zero" in messages(books.put("Invoices", invoice(line(-5))))[0]


def test_number_in_use_cannot_be_put_again(books: Books) -> None:
    books.put_one("Invoices", invoice())
    assert messages(books.put("Invoices", invoice())) == ["Invoice # must be unique."]
    books.put_one("CreditNotes", credit_note())
    assert messages(books.put("CreditNotes", credit_note())) == ["Credit note # must be unique."]


def test_post_with_a_number_in_use_overwrites_the_invoice(books: Books) -> None:
    first = books.put_one("Invoices", invoice())
    posted = books.http.post("/Invoices", json={"Invoices": [invoice(line(60))]}).json()["Invoices"][0]
    assert (posted["InvoiceID"], posted["Total"]) == (first["InvoiceID"], 60.0)
    assert books.control("trial-balance") == {"Sales": "-5000", "Accounts Receivable": "6000", "VAT": "-1000"}


def test_voided_invoice_leaves_the_books(books: Books) -> None:
    kept = books.put_one("Invoices", invoice())
    answer = books.http.post(f"/Invoices/{kept['InvoiceID']}", json={"Status": "VOIDED"})
    assert answer.json()["Invoices"][0]["Status"] == "VOIDED"
    assert books.control("trial-balance") == {}


def test_invoice_is_found_by_its_id_its_number_and_in_pages(books: Books) -> None:
    kept = books.put_one("Invoices", invoice())
    for query in (f"/Invoices/{kept['InvoiceID']}", "/invoices/SQ-20260314-7F3K2Q"):
        assert books.http.get(query).json()["Invoices"][0]["InvoiceID"] == kept["InvoiceID"]
    assert books.list("Invoices", InvoiceNumbers="SQ-0,SQ-20260314-7F3K2Q", page="1")[0]["LineItems"]
    assert books.list("Invoices", InvoiceNumbers="SQ-20260314-7F3K2Q")[0]["LineItems"] == []
    assert books.list("Invoices", page="2") == []
    assert books.http.get("/Invoices/SQ-0").status_code == 404


def test_where_reads_texts_dates_and_numbers(books: Books) -> None:
    books.put_one("Invoices", invoice(Reference="po_19"))
    for where in ('Reference=="po_19"', 'Date>=DateTime(2026,03,14) AND Type=="ACCREC"', "Total==120 && AmountDue>0"):
        assert len(books.list("Invoices", where=where)) == 1, where
    for where in ('Reference=="po_20"', "Date<DateTime(2026,03,14)", 'Contact.Name=="Somebody"'):
        assert books.list("Invoices", where=where) == [], where
    assert books.http.get("/Invoices", params={"where": "Total ~ 5"}).status_code == 400


def test_list_since_a_moment_shows_what_changed_after_it(books: Books, clock: Clock) -> None:
    books.put_one("ManualJournals", journal((5, "404"), (-5, "630")))
    clock.now += timedelta(minutes=10)
    second = books.put_one("ManualJournals", journal((6, "404"), (-6, "630")))
    since = {"if-modified-since": "2026-03-16T18:05:00"}
    found = books.http.get("/ManualJournals", params={"page": 1}, headers=since).json()["ManualJournals"]
    assert [entry["ManualJournalID"] for entry in found] == [second["ManualJournalID"]]


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (line(5, "999"), "Account code '999' is not a valid code"),
        (line(5, "090"), "Account code '090' is not a valid code"),
        (line(5, "610"), "Account code '610' is not a valid code"),
        (line(5, tax="OUTPUT9"), "The TaxType code 'OUTPUT9' does not exist"),
        (line(5, tax="INPUT2"), "The TaxType code 'INPUT2' cannot be used"),
        (line(5, Description=""), "Description"),
        (line(5, Tracking=[{"Name": "Location", "Option": "Pier"}]), "tracking option"),
    ],
)
def test_line_that_cannot_be_booked_is_refused_with_its_reason(books: Books, bad: Json, text: str) -> None:
    assert text in messages(books.put("Invoices", invoice(bad)))[0]


def test_archived_account_is_refused(books: Books) -> None:
    books.set(archive_account="Sales")
    assert "Account code '200'" in messages(books.put("Invoices", invoice()))[0]


def test_line_without_tax_type_takes_the_account_s_own(books: Books) -> None:
    wish = line(120)
    del wish["TaxType"]
    assert books.put_one("Invoices", invoice(wish))["LineItems"][0]["TaxType"] == "OUTPUT2"


def test_text_amount_is_refused_as_a_whole(books: Books) -> None:
    answer = books.put("Invoices", invoice(line("5.00")))
    assert (answer.status_code, answer.json()["ErrorNumber"]) == (400, 14)


def test_currency_the_organisation_does_not_use_is_refused(books: Books) -> None:
    wish = invoice(CurrencyCode="EUR", CurrencyRate=1.25)
    assert messages(books.put("Invoices", wish)) == ["Organisation is not subscribed to currency EUR"]
    books.put_one("Currencies", {"Code": "EUR"})
    books.put_one("Invoices", wish)
    assert books.control("trial-balance")["Accounts Receivable"] == "9600"


@pytest.mark.parametrize("lock", ["period_lock_date", "end_of_year_lock_date"])
def test_locked_period_takes_no_document(books: Books, lock: str) -> None:
    books.set(**{lock: "2026-03-14"})
    assert "lock date" in messages(books.put("Invoices", invoice()))[0]
    books.put_one("Invoices", invoice(Date="2026-03-15"))
    organisation = books.http.get("/Organisation").json()["Organisations"][0]
    assert [key for key in organisation if key.endswith("LockDate")]


def test_batch_answers_each_document_in_order_when_asked(books: Books) -> None:
    good, bad = invoice(InvoiceNumber="SQ-1"), invoice(line(5, "999"), InvoiceNumber="SQ-2")
    answer = books.put("Invoices", bad, good, summarizeErrors="false")
    assert answer.status_code == 200
    assert [element["StatusAttributeString"] for element in answer.json()["Invoices"]] == ["ERROR", "OK"]
    assert answer.json()["Invoices"][0]["ValidationErrors"]
    assert len(books.list("Invoices")) == 1


def test_batch_with_one_bad_document_keeps_nothing_otherwise(books: Books) -> None:
    good, bad = invoice(InvoiceNumber="SQ-1"), invoice(line(5, "999"), InvoiceNumber="SQ-2")
    assert len(messages(books.put("Invoices", good, bad, key="p1aa"))) == 1
    assert books.list("Invoices") == []
    assert books.control("trial-balance") == {}


def test_key_brings_the_same_answer_for_six_minutes_and_nothing_afterwards(books: Books, clock: Clock) -> None:
    first = books.put("Invoices", invoice(), key="p1bb")
    clock.now += timedelta(minutes=5, seconds=59)
    assert books.put("Invoices", invoice(), key="p1bb").json() == first.json()
    clock.now += timedelta(seconds=1)
    assert messages(books.put("Invoices", invoice(), key="p1bb")) == ["Invoice # must be unique."]


def test_key_with_another_body_is_refused(books: Books) -> None:
    books.put("Invoices", invoice(), key="p1cc")
    other = books.put("Invoices", invoice(line(60)), key="p1cc")
    assert other.status_code == 400
    assert "idempotency" in other.json()["Message"]


def test_refusal_is_replayed_under_its_key(books: Books) -> None:
    refused = books.put("Invoices", invoice(line(5, "611")), key="p1dd")
    clearing(books)
    assert books.put("Invoices", invoice(line(5, "611")), key="p1dd").json() == refused.json()


def test_answer_lost_after_the_commit_is_replayed_by_its_key(books: Books, faults: Faults) -> None:
    faults.lose_answer(when="after", path_contains="/Invoices", method="PUT")
    with pytest.raises(httpx.TransportError):
        books.put("Invoices", invoice(), key="p1ee")
    replayed = books.put("Invoices", invoice(), key="p1ee").json()["Invoices"][0]
    assert [kept["InvoiceID"] for kept in books.list("Invoices")] == [replayed["InvoiceID"]]


def test_payment_into_clearing_settles_the_invoice(books: Books) -> None:
    code = clearing(books)
    kept = books.put_one("Invoices", invoice())
    pay = {"Invoice": {"InvoiceID": kept["InvoiceID"]}, "Account": {"Code": code}, "Date": "2026-03-14"}
    payment = books.put_one("Payments", {**pay, "Amount": 100, "Reference": "SQ-1"})
    assert messages(books.put("Payments", {**pay, "Amount": 20.01}))[0].startswith("Payment amount exceeds")
    books.put_one("Payments", {**pay, "Amount": 20})
    settled = books.http.get(f"/Invoices/{kept['InvoiceID']}").json()["Invoices"][0]
    assert (settled["Status"], settled["AmountDue"], len(settled["Payments"])) == ("PAID", 0.0, 2)
    assert books.control("trial-balance") == {"Sales": "-10000", "VAT": "-2000", "Square 611": "12000"}
    assert books.list("Payments", where='Reference=="SQ-1"', page="1")[0]["PaymentID"] == payment["PaymentID"]
    assert "payment" in messages(books.http.post(f"/Invoices/{kept['InvoiceID']}", json={"Status": "VOIDED"}))[0]


def test_deleted_payment_opens_the_invoice_again(books: Books) -> None:
    kept = books.put_one("Invoices", invoice())
    pay = {"Invoice": {"InvoiceNumber": kept["InvoiceNumber"]}, "Account": {"Code": "090"}, "Amount": 120}
    payment = books.put_one("Payments", {**pay, "Date": "2026-03-14"})
    books.http.post(f"/Payments/{payment['PaymentID']}", json={"Status": "DELETED"})
    assert books.list("Invoices", page="1")[0]["AmountDue"] == 120.0
    assert "Checking" not in books.control("trial-balance")


@pytest.mark.parametrize("type_", ["CURRENT", "CURRLIAB", "TERMLIAB", "LIABILITY"])
def test_payment_goes_only_to_a_bank_or_where_payments_are_enabled(books: Books, type_: str) -> None:
    code = clearing(books, payments=False, type_=type_)
    books.put_one("Invoices", invoice())
    pay = {"Invoice": {"InvoiceNumber": "SQ-20260314-7F3K2Q"}, "Account": {"Code": code}, "Amount": 5}
    assert "payments enabled" in messages(books.put("Payments", pay))[0]


def test_refund_is_paid_out_of_clearing_on_its_credit_note(books: Books) -> None:
    code = clearing(books)
    note = books.put_one("CreditNotes", credit_note(line(12)))
    assert (note["Total"], note["RemainingCredit"]) == (12.0, 12.0)
    pay = {"CreditNote": {"CreditNoteNumber": "SQ-20260314-REFUND"}, "Account": {"Code": code}, "Amount": 12}
    assert books.put_one("Payments", pay)["PaymentType"] == "ARCREDITPAYMENT"
    found = books.http.get("/CreditNotes/SQ-20260314-REFUND").json()["CreditNotes"][0]
    assert found["Status"] == "PAID"
    assert books.control("trial-balance") == {"Sales": "1000", "VAT": "200", "Square 611": "-1200"}


def test_journal_stays_a_draft_unless_it_is_posted(books: Books) -> None:
    wish = journal((5, "404"), (-5, "630"))
    del wish["Status"]
    assert books.put_one("ManualJournals", wish)["Status"] == "DRAFT"
    assert books.control("trial-balance") == {}
    books.put_one("ManualJournals", journal((5, "404"), (-5, "630")))
    assert books.control("trial-balance") == {"Bank Fees": "500", "Inventory": "-500"}


def test_journal_that_does_not_sum_to_zero_names_both_totals(books: Books) -> None:
    answer = books.put("ManualJournals", journal((5, "404"), (-4, "630")))
    assert messages(answer) == ["The total debits (5.00) must equal total credits (-4.00)"]


@pytest.mark.parametrize("code", ["090", "610", "800", "820", "960"])
def test_journal_cannot_touch_bank_or_system_accounts(books: Books, code: str) -> None:
    assert f"'{code}'" in messages(books.put("ManualJournals", journal((5, "404"), (-5, code))))[0]


def test_journal_needs_a_narration(books: Books) -> None:
    assert "Narration" in messages(books.put("ManualJournals", journal((5, "404"), (-5, "630"), Narration=" ")))[0]


def test_payout_less_fees_is_received_into_the_bank(books: Books) -> None:
    code = clearing(books)
    wish = {
        "Type": "RECEIVE",
        "BankAccount": {"Code": "090"},
        "Contact": {"Name": "Square"},
        "Date": "2026-03-16",
        "Reference": "SQ-20260316-PAYOUT",
        "LineAmountTypes": "NoTax",
        "LineItems": [line(412.60, code, "NONE"), line(-12.38, "404", "NONE")],
    }
    kept = books.put_one("BankTransactions", wish)
    assert kept["Total"] == 400.22
    assert books.list("BankTransactions", where='Reference=="SQ-20260316-PAYOUT"')[0]["Total"] == 400.22
    assert books.control("trial-balance") == {"Checking": "40022", "Square 611": "-41260", "Bank Fees": "1238"}
    assert "BANK" in messages(books.put("BankTransactions", {**wish, "BankAccount": {"Code": code}}))[0]
    assert "Contact" in messages(books.put("BankTransactions", {**wish, "Contact": {}}))[0]


def test_transfer_joins_two_bank_accounts_only(books: Books) -> None:
    wish: Json = {"FromBankAccount": {"Code": "090"}, "ToBankAccount": {"Code": "091"}, "Amount": 50}
    books.put_one("BankTransfers", wish)
    assert books.control("trial-balance") == {"Checking": "-5000", "Savings": "5000"}
    assert "BANK" in messages(books.put("BankTransfers", {**wish, "ToBankAccount": {"Code": "630"}}))[0]


def test_only_the_first_account_of_a_call_is_made(books: Books) -> None:
    wishes = [{"Code": code, "Name": f"Clearing {code}", "Type": "CURRENT"} for code in ("611", "612")]
    assert len(books.put("Accounts", *wishes).json()["Accounts"]) == 1
    assert books.list("Accounts", where='Code=="612"') == []
    assert messages(books.put("Accounts", {**wishes[0], "Code": "613"})) == ["Please enter a unique Name."]


def test_tracking_is_filled_in_with_names_and_ids(books: Books) -> None:
    category = books.put_one("TrackingCategories", {"Name": "Location"})
    books.http.put(f"/TrackingCategories/{category['TrackingCategoryID']}/Options", json={"Name": "Pier"})
    kept = books.put_one("Invoices", invoice(line(5, Tracking=[{"Name": "Location", "Option": "Pier"}])))
    assert kept["LineItems"][0]["Tracking"][0]["TrackingCategoryID"] == category["TrackingCategoryID"]
    assert books.list("TrackingCategories")[0]["Options"][0]["Name"] == "Pier"


def test_contact_is_found_by_name_and_made_once(books: Books) -> None:
    books.put_one("Invoices", invoice(InvoiceNumber="SQ-1"))
    books.put_one("Invoices", invoice(InvoiceNumber="SQ-2"))
    assert len(books.list("Contacts", where='Name=="Square takings"')) == 1
    assert "unique" in messages(books.put("Contacts", {"Name": "square takings"}))[0]


def test_tax_rates_follow_the_country(tmp_path: Path, clock: Clock, faults: Faults, books: Books) -> None:
    assert "OUTPUT2" in [rate["TaxType"] for rate in books.list("TaxRates")]
    (tmp_path / "us").mkdir()
    for american in opened(tmp_path / "us", clock, faults, "US", "USD"):
        assert [rate["TaxType"] for rate in american.list("TaxRates")] == ["NONE", "TAX001"]


def test_call_without_the_tenant_is_forbidden(books: Books) -> None:
    answer = books.http.get("/Accounts", headers={"xero-tenant-id": ""})
    assert (answer.status_code, answer.json()["Detail"]) == (403, "AuthenticationUnsuccessful")


def test_connections_name_the_tenant(books: Books) -> None:
    assert books.http.get(f"{books.base_url}/connections").json()[0]["tenantId"] == TENANT


def test_sixty_first_call_of_a_minute_is_told_how_long_to_wait(books: Books, clock: Clock) -> None:
    books.set(calls_per_minute=60)
    first = books.http.get("/Currencies")
    assert first.headers["x-minlimit-remaining"] == "59"
    for _ in range(59):
        books.http.get("/Currencies")
    clock.now += timedelta(seconds=20)
    throttled = books.http.get("/Currencies")
    assert (throttled.status_code, throttled.content) == (429, b"")
    assert (throttled.headers["x-rate-limit-problem"], throttled.headers["retry-after"]) == ("minute", "40")
    clock.now += timedelta(seconds=40)
    assert books.http.get("/Currencies").status_code == 200


def test_oracle_lists_every_document_with_its_mark(books: Books) -> None:
    books.put_one("Invoices", invoice())
    books.put_one("ManualJournals", journal((5, "404"), (-5, "630")))
    listed = books.control("documents")
    assert [(entry["kind"], entry["mark"], entry["total"]) for entry in listed] == [
        ("Invoices", "SQ-20260314-7F3K2Q", 120.0),
        ("ManualJournals", "Over and short [#SQ-1]", 5.0),
    ]
