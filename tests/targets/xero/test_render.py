"""Documents as Xero's records: the worked examples of a café and a seller, and what the books must have first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from connector.domain.books import Account, AccountType, Books, TaxRate
from connector.domain.document import Document
from connector.errors import NeedsMapping, Rejected
from connector.targets.xero.records import Piece
from connector.targets.xero.translate.documents import render
from connector.targets.xero.wire import wire
from tests.targets.xero import examples
from tests.targets.xero.examples import cafe_day, cafe_refund, document, line, payout

PAID_INTO = {"Square Balance", "Square Cash Clearing", "Square Gift Cards", "Amazon.com Clearing"}


def account(name: str, number: str, kind: AccountType, takes_payments: bool = False) -> Account:
    return Account(
        account_id=f"id-{number}", name=name, number=number, type=kind, kind="", takes_payments=takes_payments
    )


BOOKS = Books(
    name="Harbour Café",
    country="GB",
    currency="GBP",
    accounts=(
        *(account(s.name, s.number, s.type, takes_payments=s.name in PAID_INTO) for s in examples.SLOTS),
        account("Checking", "090", "bank", takes_payments=True),
        account("Savings", "091", "bank", takes_payments=True),
        replace(account("Receivable", "610", "receivable"), is_system=True),
        replace(account("Rounding", "860", "current_liability"), is_system=True),
        replace(account("Old", "999", "income"), is_active=False),
    ),
    tax_rates=(
        TaxRate(code="OUTPUT2", name="20% (VAT on Income)"),
        TaxRate(code="ZERORATEDOUTPUT", name="Zero Rated Income"),
        TaxRate(code="RROUTPUT", name="5% (VAT on Income)", is_active=False),
        TaxRate(code="NONE", name="No VAT"),
    ),
    tracking=(("Location", "Main St", "t1"),),
    names=(("Square", "contact-square"), ("Amazon", "contact-amazon")),
)


def test_a_cafe_day_is_an_invoice_of_343_with_38_vat_and_three_payments() -> None:
    invoice, *payments = render(cafe_day(), BOOKS)
    record = _record(invoice)
    assert (record["Type"], record["InvoiceNumber"], record["Status"]) == ("ACCREC", invoice.mark, "AUTHORISED")
    assert (record["Date"], record["DueDate"], record["CurrencyCode"]) == ("2026-11-19", "2026-11-19", "GBP")
    assert (record["LineAmountTypes"], record["Contact"]) == ("Inclusive", {"ContactID": "contact-square"})
    assert _lines(invoice) == [
        ("SQ-2001", -12_00, "OUTPUT2", -2_00),
        ("SQ-2001", -3_00, "ZERORATEDOUTPUT", 0),
        ("SQ-2000", 240_00, "OUTPUT2", 40_00),
        ("SQ-2000", 60_00, "ZERORATEDOUTPUT", 0),
        ("SQ-8001", 40_00, "NONE", 0),
        ("SQ-8000", 18_00, "NONE", 0),
    ]
    assert (sum(one[1] for one in _lines(invoice)), sum(one[3] for one in _lines(invoice))) == (343_00, 38_00)
    assert [_payment(one) for one in payments] == [
        ("id-SQ-6000", 283_00, f"{invoice.mark}-P1"),
        ("id-SQ-6001", 40_00, f"{invoice.mark}-P2"),
        ("id-SQ-8001", 20_00, f"{invoice.mark}-P3"),
    ]
    assert {str(_record(one)["Invoice"]) for one in payments} == {str({"InvoiceNumber": invoice.mark})}
    assert [one.part for one in (invoice, *payments)] == ["", "P1", "P2", "P3"]


def test_a_cash_refund_is_a_credit_note_of_48_with_8_vat_paid_out_of_cash() -> None:
    note, refund = render(cafe_refund(), BOOKS)
    assert (_record(note)["Type"], _record(note)["CreditNoteNumber"]) == ("ACCRECCREDIT", note.mark)
    assert _lines(note) == [("SQ-2003", 48_00, "OUTPUT2", 8_00)]
    assert _payment(refund) == ("id-SQ-6001", 48_00, f"{note.mark}-P1")
    assert _record(refund)["CreditNote"] == {"CreditNoteNumber": note.mark}
    assert "Invoice" not in _record(refund)


def test_a_gift_card_to_which_no_payments_are_enabled_is_an_untaxed_negative_line() -> None:
    invoice, *payments = render(cafe_day(), _with("Square Gift Cards", takes_payments=False))
    assert _lines(invoice)[0] == ("SQ-8001", -20_00, "NONE", 0)
    assert sum(one[1] for one in _lines(invoice)) == 323_00 == sum(_payment(one)[1] for one in payments)


def test_clearing_to_which_no_payments_are_enabled_asks_for_that() -> None:
    with pytest.raises(NeedsMapping, match=r"Square Cash Clearing.*tick 'Enable payments"):
        render(cafe_day(), _with("Square Cash Clearing", takes_payments=False))


def test_a_tender_that_gave_back_more_than_it_took_is_a_line_of_the_invoice() -> None:
    lines = (
        line("clearing", "Square Balance", 120_00, kind="tender"),
        line("sales", "Square Sales", -100_00, "OUTPUT2", -16_67, kind="sale"),
        line("clearing", "Square Cash Clearing", -20_00, kind="tender"),
    )
    invoice, payment = render(document("sales", *lines), BOOKS)
    assert _lines(invoice)[1] == ("SQ-6001", 20_00, "NONE", 0)
    assert _payment(payment)[1] == 120_00


def test_two_tenders_into_one_account_are_one_payment() -> None:
    lines = (
        line("clearing", "Square Balance", 60_00, kind="tender", text="Visa"),
        line("clearing", "Square Balance", 40_00, kind="tender", text="Amex"),
        line("sales", "Square Sales", -100_00, "OUTPUT2", -16_67, kind="sale"),
    )
    _, payment = render(document("sales", *lines), BOOKS)
    assert _payment(payment)[1] == 100_00


def test_a_day_on_which_refunds_outweigh_sales_is_a_credit_note_and_never_a_bill() -> None:
    lines = (
        line("refund", "Square Returns", 48_00, "OUTPUT2", 8_00, kind="refund"),
        line("sales", "Square Sales", -12_00, "OUTPUT2", -2_00, kind="sale"),
        line("clearing", "Square Balance", -36_00, kind="tender"),
    )
    note, payment = render(document("sales", *lines), BOOKS)
    assert note.kind == "credit_note"
    assert [one[1] for one in _lines(note)] == [48_00, -12_00]
    assert _payment(payment)[1] == 36_00


def test_a_settlement_in_clearing_style_is_paid_into_clearing() -> None:
    invoice, payment = render(examples.april_clearing(), BOOKS)
    assert sum(one[1] for one in _lines(invoice)) == 42_358_18
    assert _payment(payment)[:2] == ("id-AM-6000", 42_358_18)


def test_a_settlement_part_in_bank_style_comes_to_nothing_and_the_last_to_the_deposit() -> None:
    (april,), (may,) = render(examples.april_bank(), BOOKS), render(examples.may_bank(), BOOKS)
    assert [one.kind for one in (april, may)] == ["invoice", "invoice"]
    assert sum(one[1] for one in _lines(april)) == 0
    assert sum(one[1] for one in _lines(may)) == 47_563_02
    assert ("AM-6005", -42_358_18, "NONE", 0) in _lines(april)
    assert ("AM-6005", 42_358_18, "NONE", 0) in _lines(may)


def test_a_settlement_that_owes_is_a_credit_note_paid_out_of_clearing() -> None:
    lines = (
        line("fee", "Amazon Fulfilment Fees", 50_00, kind="fee"),
        line("clearing", "Amazon.com Clearing", -50_00),
    )
    note, payment = render(document("settlement", *lines, source="amazon"), BOOKS)
    assert (note.kind, _payment(payment)[:2]) == ("credit_note", ("id-AM-6000", 50_00))


def test_money_paid_to_amazon_within_a_settlement_stays_a_line() -> None:
    lines = (
        line("sales", "Square Sales", -80_00, kind="sale"),
        line("clearing", "Amazon.com Clearing", -20_00, kind="payable_to_amazon"),
        line("clearing", "Amazon.com Clearing", 100_00),
    )
    invoice, payment = render(document("settlement", *lines, source="amazon"), BOOKS)
    assert _lines(invoice) == [("SQ-2000", 80_00, "NONE", 0), ("AM-6000", 20_00, "NONE", 0)]
    assert _payment(payment)[1] == 100_00
    assert _record(invoice)["LineAmountTypes"] == "NoTax"


def test_a_payout_is_received_with_clearing_less_fees() -> None:
    (received,) = render(payout(), BOOKS)
    record = _record(received)
    assert (record["Type"], record["BankAccount"], record["Reference"]) == (
        "RECEIVE", {"AccountID": "id-090"}, received.mark,
    )  # fmt: skip
    assert _lines(received) == [("SQ-3000", -7_95, "NONE", 0), ("SQ-6000", 277_88, "NONE", 0)]


def test_a_payout_that_takes_money_back_is_spent() -> None:
    (spent,) = render(payout(bank=-30_00, fee=2_00), BOOKS)
    assert _record(spent)["Type"] == "SPEND"
    assert _lines(spent) == [("SQ-3000", 2_00, "NONE", 0), ("SQ-6000", 28_00, "NONE", 0)]


def test_a_payout_out_of_a_bank_account_is_a_transfer_and_the_fees_are_spent_there() -> None:
    transfer, fees = render(payout(clearing="Savings"), BOOKS)
    record = _record(transfer)
    assert record["FromBankAccount"] == {"AccountID": "id-091"}
    assert record["ToBankAccount"] == {"AccountID": "id-090"}
    assert (record["Amount"], record["Reference"]) == (269_93, transfer.mark)
    assert (_record(fees)["Type"], _record(fees)["BankAccount"]) == ("SPEND", {"AccountID": "id-091"})
    assert (_lines(fees), fees.mark) == ([("SQ-3000", 7_95, "NONE", 0)], f"{transfer.mark}-P1")


def test_a_payout_taken_back_out_of_the_bank_goes_the_other_way() -> None:
    transfer, _ = render(payout(bank=-30_00, fee=2_00, clearing="Savings"), BOOKS)
    assert _record(transfer)["FromBankAccount"] == {"AccountID": "id-090"}
    assert _record(transfer)["Amount"] == 30_00


def test_a_payout_between_three_bank_accounts_has_no_home() -> None:
    lines = (
        line("bank", "Checking", 10_00),
        line("clearing", "Savings", -4_00, kind="payout"),
        line("clearing", "Savings", -6_00, kind="payout", text="other"),
    )
    with pytest.raises(NeedsMapping, match="several bank accounts"):
        render(document("payout", *lines), BOOKS)


def test_an_adjustment_is_a_posted_journal_whose_narration_ends_with_the_mark() -> None:
    (journal,) = render(examples.adjustment(), BOOKS)
    record = _record(journal)
    assert str(record["Narration"]).endswith(f" [{journal.mark}]")
    assert (record["Status"], record["LineAmountTypes"]) == ("POSTED", "NoTax")
    lines = record["JournalLines"]
    assert isinstance(lines, list)
    assert [(one["AccountCode"], one["LineAmount"], one["TaxType"]) for one in lines] == [
        ("SQ-8001", 40_00, "NONE"),
        ("SQ-6001", -40_00, "NONE"),
    ]


def test_a_very_long_narration_keeps_its_mark() -> None:
    (journal,) = render(replace(examples.adjustment(), narration="x" * 900), BOOKS)
    narration = str(_record(journal)["Narration"])
    assert len(narration) == 500
    assert narration.endswith(f"[{journal.mark}]")


@pytest.mark.parametrize(
    ("name", "said"),
    [("Checking", "a bank account"), ("Receivable", "the receivable account"), ("Rounding", "system accounts")],
)
def test_a_journal_on_an_account_that_takes_none_asks_for_another(name: str, said: str) -> None:
    lines = (line("adjustment", name, 1_00), line("clearing", "Square Cash Clearing", -1_00))
    with pytest.raises(NeedsMapping, match=said):
        render(document("adjustment", *lines), BOOKS)


def test_a_journal_in_a_foreign_currency_asks_for_a_base_currency_account() -> None:
    with pytest.raises(NeedsMapping, match="GBP only"):
        render(replace(examples.adjustment(), currency="USD"), BOOKS)


def test_the_rate_of_a_foreign_settlement_is_turned_over_for_xero() -> None:
    lines = (line("sales", "Square Sales", -748_97, kind="sale"), line("clearing", "Amazon.com Clearing", 748_97))
    foreign = document("settlement", *lines, source="amazon", currency="USD", rate="1.29")
    invoice, payment = render(foreign, replace(BOOKS, currency="CAD"))
    assert _record(invoice)["CurrencyRate"] == _record(payment)["CurrencyRate"] == "0.775194"
    assert b'"CurrencyRate":0.775194' in wire("Invoices", [invoice.payload])
    assert "CurrencyRate" not in _record(render(foreign, replace(BOOKS, currency="USD"))[0])


def test_an_account_that_is_not_there_or_archived_is_named() -> None:
    with pytest.raises(NeedsMapping, match="no account Nowhere"):
        render(_sale_on("Nowhere"), BOOKS)
    with pytest.raises(NeedsMapping, match="Old is archived"):
        render(_sale_on("Old"), BOOKS)


def test_a_sales_line_on_a_bank_account_asks_for_another() -> None:
    with pytest.raises(NeedsMapping, match="Checking is a bank account"):
        render(_sale_on("Checking"), BOOKS)


@pytest.mark.parametrize(("code", "said"), [("OUTPUT9", "no tax rate OUTPUT9"), ("RROUTPUT", "switched off")])
def test_a_tax_rate_that_is_not_there_or_off_is_named(code: str, said: str) -> None:
    with pytest.raises(NeedsMapping, match=said):
        render(_sale_on("Square Sales", code), BOOKS)


def test_australian_books_have_their_own_word_for_out_of_scope() -> None:
    books = replace(BOOKS, tax_rates=(TaxRate(code="BASEXCLUDED", name="BAS Excluded"),))
    (invoice, _) = render(_sale_on("Square Sales"), books)
    assert [one[2] for one in _lines(invoice)] == ["BASEXCLUDED"]


def test_a_line_of_profit_and_loss_without_a_tax_code_is_held_in_books_with_vat() -> None:
    with pytest.raises(NeedsMapping, match="no tax code, which books with VAT or GST want"):
        render(_sale_on("Square Sales", ""), BOOKS)
    (invoice, _) = render(_sale_on("Square Sales", ""), replace(BOOKS, country="US"))
    assert [one[2] for one in _lines(invoice)] == ["NONE"]


def test_tracking_stands_on_profit_and_loss_only_and_must_exist() -> None:
    tracked = _sale_on("Square Sales", tracking=(("Location", "Main St"),))
    invoice, _ = render(tracked, BOOKS)
    lines = _record(invoice)["LineItems"]
    assert isinstance(lines, list)
    assert lines[0]["Tracking"] == [{"Name": "Location", "Option": "Main St"}]
    with pytest.raises(NeedsMapping, match="Location: Harbour"):
        render(_sale_on("Square Sales", tracking=(("Location", "Harbour"),)), BOOKS)
    with pytest.raises(NeedsMapping, match="takes two"):
        render(_sale_on("Square Sales", tracking=(("A", "1"), ("B", "2"), ("C", "3"))), BOOKS)


def test_a_source_without_a_contact_sends_the_owner_to_the_set_up() -> None:
    with pytest.raises(NeedsMapping, match="no contact Square"):
        render(cafe_day(), replace(BOOKS, names=()))


def test_a_date_within_the_locked_period_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(Rejected) as caught:
        render(cafe_day(), replace(BOOKS, locked_until=date(2026, 11, 19)))
    assert caught.value.code == "closed_period"
    assert render(cafe_day(), replace(BOOKS, locked_until=date(2026, 11, 18)))


def test_lines_of_zero_are_left_out_and_a_document_of_zeros_is_nothing_to_write() -> None:
    lines = (line("sales", "Square Sales", 0, kind="sale"), line("clearing", "Square Balance", 0, kind="tender"))
    assert render(document("sales", *lines), BOOKS) == ()
    more = (
        *lines,
        line("tip", "Square Tips", -1_00, kind="tip"),
        line("clearing", "Square Balance", 1_00, kind="tender"),
    )
    invoice, payment = render(document("sales", *more), BOOKS)
    assert (_lines(invoice), _payment(payment)[1]) == ([("SQ-8000", 1_00, "NONE", 0)], 1_00)


def test_rendering_twice_gives_the_same_bytes() -> None:
    first, second = render(cafe_day(), BOOKS), render(cafe_day(), BOOKS)
    assert [wire("x", [one.payload]) for one in first] == [wire("x", [one.payload]) for one in second]


def _sale_on(account: str, code: str = "NONE", tracking: tuple[tuple[str, str], ...] = ()) -> Document:
    sale = replace(line("sales", account, -1_00, code, kind="sale"), tracking=tracking)
    return document("sales", sale, line("clearing", "Square Balance", 1_00, kind="tender"))


def _with(name: str, *, takes_payments: bool) -> Books:
    return replace(
        BOOKS,
        accounts=tuple(
            replace(one, takes_payments=takes_payments) if one.name == name else one for one in BOOKS.accounts
        ),
    )


def _record(piece: Piece) -> dict[str, object]:
    record = piece.payload["record"]
    assert isinstance(record, dict)
    return record


def _lines(piece: Piece) -> list[tuple[str, int, str, int]]:
    lines = _record(piece)["LineItems"]
    assert isinstance(lines, list)
    return [(one["AccountCode"], one["UnitAmount"], one["TaxType"], one["TaxAmount"]) for one in lines]


def _payment(piece: Piece) -> tuple[str, int, str]:
    record = _record(piece)
    account = record["Account"]
    assert isinstance(account, dict)
    assert isinstance(record["Amount"], int)
    return account["AccountID"], record["Amount"], str(record["Reference"])
