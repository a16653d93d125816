"""Whole documents into the stand-in's books and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from connector.domain.books import Books
from connector.domain.drift import texts
from connector.errors import AlreadyThere, OutcomeUnknown, Rejected, Unsent
from connector.targets.contract import Receipt, Rendered
from connector.targets.xero.client import XeroClient
from tests.targets.xero import examples
from tests.targets.xero.conftest import Cafe, outgoing, posted


def test_a_cafe_day_is_posted_and_reads_back_equal(cafe: Cafe, books: Books) -> None:
    rendered = [*cafe.target.render(examples.cafe_day(), books), *cafe.target.render(examples.cafe_refund(), books)]
    receipts = posted(cafe, rendered)
    assert [cafe.target.read_back(one, receipt) for one, receipt in zip(rendered, receipts, strict=True)] == [[]] * 6
    assert cafe.balances() == {
        "Square Balance": "28300",
        "Square Cash Clearing": "-800",
        "Square Gift Cards": "-2000",
        "Square Discounts": "1300",
        "Square Returns": "4000",
        "Square Sales": "-26000",
        "Square Tips": "-1800",
        "VAT": "-3000",
    }


def test_every_record_is_found_again_by_its_mark(cafe: Cafe, books: Books) -> None:
    documents = [examples.cafe_day(), examples.cafe_refund(), examples.payout(), examples.adjustment()]
    rendered = [one for document in documents for one in cafe.target.render(document, books)]
    receipts = posted(cafe, rendered)
    found = [cafe.target.find(one) for one in rendered]
    assert [[one.target_id for one in receipts] for receipts in found] == [[one.target_id] for one in receipts]
    assert {one.kind for one in rendered} == {
        "invoice", "credit_note", "payment", "bank_transaction", "manual_journal",
    }  # fmt: skip


def test_what_was_never_posted_is_not_found(cafe: Cafe, books: Books) -> None:
    posted(cafe, cafe.target.render(examples.adjustment("1"), books))
    assert cafe.target.find(cafe.target.render(examples.adjustment("2"), books)[0]) == []
    assert cafe.target.find(cafe.target.render(examples.payout(), books)[0]) == []


def test_a_payout_empties_clearing_into_the_bank(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.payout(), books)
    (receipt,) = posted(cafe, rendered)
    assert cafe.target.read_back(rendered[0], receipt) == []
    assert cafe.balances() == {"Checking": "26993", "Square Fees": "795", "Square Balance": "-27788"}


def test_a_payout_from_a_clearing_bank_account_is_a_transfer_and_spent_fees(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.payout(clearing="Savings"), books)
    receipts = posted(cafe, rendered)
    assert [one.kind for one in rendered] == ["bank_transfer", "bank_transaction"]
    assert [cafe.target.read_back(one, receipt) for one, receipt in zip(rendered, receipts, strict=True)] == [[], []]
    assert cafe.balances() == {"Checking": "26993", "Square Fees": "795", "Savings": "-27788"}
    assert [len(cafe.target.find(one)) for one in rendered] == [1, 1]


def test_a_settlement_in_clearing_style_is_paid_into_clearing(cafe: Cafe, books: Books) -> None:
    posted(cafe, cafe.target.render(examples.april_clearing(), books))
    assert cafe.balances()["Amazon.com Clearing"] == "4235818"
    assert "Accounts Receivable" not in cafe.balances()


def test_a_settlement_in_bank_style_leaves_the_last_invoice_for_the_bank_line(cafe: Cafe, books: Books) -> None:
    rendered = [*cafe.target.render(examples.april_bank(), books), *cafe.target.render(examples.may_bank(), books)]
    receipts = posted(cafe, rendered)
    assert [one.kind for one in rendered] == ["invoice", "invoice"]
    assert [cafe.target.read_back(one, receipt) for one, receipt in zip(rendered, receipts, strict=True)] == [[], []]
    assert cafe.balances()["Accounts Receivable"] == "4756302"
    assert "Amazon.com Carried Balance" not in cafe.balances()


def test_a_second_document_of_the_same_number_is_already_there_and_its_payments_wait(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.cafe_day(), books)
    posted(cafe, rendered[:1])
    again = [one.__class__(rendered=one.rendered, key=f"{one.key}-again") for one in outgoing(*rendered)]
    outcomes = cafe.target.post(again)
    assert [type(outcome) for outcome in outcomes] == [AlreadyThere, Unsent, Unsent, Unsent]


def test_the_same_key_again_gives_the_first_answer_and_nothing_twice(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.cafe_refund(), books)
    first, second = posted(cafe, rendered), posted(cafe, rendered)
    assert [one.target_id for one in first] == [one.target_id for one in second]
    assert cafe.balances()["Square Cash Clearing"] == "-4800"


def test_a_lost_answer_leaves_the_outcome_unknown_and_the_look_up_finds_the_record(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.cafe_refund(), books)
    cafe.faults.lose_answer(when="after", path_contains="/CreditNotes", method="PUT")
    outcomes = cafe.target.post(outgoing(*rendered))
    assert [type(outcome) for outcome in outcomes] == [OutcomeUnknown, Unsent]
    assert len(cafe.target.find(rendered[0])) == 1
    assert cafe.target.find(rendered[1]) == []


def test_a_call_cut_before_it_was_carried_out_is_unknown_and_not_found(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(examples.adjustment(), books)
    cafe.faults.lose_answer(when="before", method="PUT")
    (outcome,) = cafe.target.post(outgoing(rendered))
    assert isinstance(outcome, OutcomeUnknown)
    assert cafe.target.find(rendered) == []


def test_one_bad_record_in_a_batch_does_not_hold_the_others(cafe: Cafe, books: Books) -> None:
    rendered = [cafe.target.render(examples.adjustment(str(n)), books)[0] for n in range(3)]
    spoiled = _with_account(rendered[1], "no such")
    outcomes = cafe.target.post(outgoing(rendered[0], spoiled, rendered[2]))
    assert [type(outcome) for outcome in outcomes] == [Receipt, Rejected, Receipt]
    assert "no such" in str(outcomes[1])
    assert [len(cafe.target.find(one)) for one in rendered] == [1, 0, 1]


def test_a_date_the_books_locked_meanwhile_is_refused_as_closed(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.cafe_day(), books)
    cafe.settings(period_lock_date="2026-11-30")
    outcomes = cafe.target.post(outgoing(*rendered))
    refused, *payments = outcomes
    assert isinstance(refused, Rejected) and refused.code == "closed_period"
    assert [outcome.because for outcome in payments if isinstance(outcome, Unsent)] == [refused] * 3
    assert cafe.target.books().locked_until == date(2026, 11, 30)


def test_a_record_that_a_person_voided_is_found_and_said_to_be_void(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(examples.adjustment(), books)
    (receipt,) = posted(cafe, [rendered])
    kept = cafe.shelf.get("ManualJournals", receipt.target_id) or {}
    cafe.shelf.put("ManualJournals", receipt.target_id, {**kept, "Status": "VOIDED"})
    assert [one.target_id for one in cafe.target.find(rendered)] == [receipt.target_id]
    assert texts(cafe.target.read_back(rendered, receipt)) == ["The status is VOIDED."]


def test_what_a_person_changed_is_said_in_words(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.cafe_refund(), books)
    receipt = posted(cafe, rendered)[0]
    kept = cafe.shelf.get("CreditNotes", receipt.target_id) or {}
    lines = kept["LineItems"]
    assert isinstance(lines, list)
    cafe.shelf.put("CreditNotes", receipt.target_id, {**kept, "LineItems": [{**lines[0], "AccountCode": "200"}]})
    assert texts(cafe.target.read_back(rendered[0], receipt)) == [
        "The line SQ-2003 48.00 OUTPUT2 tax 8.00 is missing.",
        "The line 200 48.00 OUTPUT2 tax 8.00 was not sent.",
    ]


def test_a_record_that_is_gone_is_said_to_be_gone(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(examples.adjustment(), books)
    receipt = Receipt(target_id="00000000-0000-4000-8000-000000000000", version="")
    assert texts(cafe.target.read_back(rendered, receipt)) == ["Xero no longer has it."]


def test_a_week_of_days_goes_out_in_one_call_of_invoices_and_one_of_payments(cafe: Cafe, books: Books) -> None:
    days = [replace(examples.cafe_day(), mark=f"SQ-2026111{n}-AAAAAA") for n in range(1, 8)]
    posted(cafe, [one for day in days for one in cafe.target.render(day, books)])
    assert [call.path for call in cafe.heard("PUT")][-2:] == ["/api.xro/2.0/Invoices", "/api.xro/2.0/Payments"]
    assert cafe.balances()["Square Balance"] == str(7 * 283_00)
    assert "Accounts Receivable" not in cafe.balances()


def test_more_than_fifty_records_are_several_calls(cafe: Cafe, books: Books) -> None:
    posted(cafe, [cafe.target.render(examples.adjustment(str(n)), books)[0] for n in range(51)])
    assert len(cafe.heard("PUT", "/ManualJournals")) == 2


@pytest.mark.parametrize(
    "answer",
    [
        b'{"ManualJournals":[]}',
        b'{"ManualJournals":[{"ManualJournalID":"x","Narration":"other [SQ-20261119-OTHERS]"}]}',
        b'{"ManualJournals":[{"ManualJournalID":"x"}]}',
        b"{}",
    ],
)
def test_an_answer_that_does_not_name_what_was_sent_proves_nothing(cafe: Cafe, books: Books, answer: bytes) -> None:
    rendered = cafe.target.render(examples.adjustment(), books)
    cafe.faults.answer_with(200, answer)
    (outcome,) = cafe.target.post(outgoing(*rendered))
    assert isinstance(outcome, OutcomeUnknown)


def test_250_journals_are_looked_through_page_by_page(cafe: Cafe, books: Books) -> None:
    rendered = [cafe.target.render(examples.adjustment(str(n)), books)[0] for n in range(250)]
    receipts = posted(cafe, rendered)
    assert len({one.target_id for one in receipts}) == 250
    listed = list(XeroClient(cafe.access, page_size=100).since("manual_journal", datetime(2026, 11, 1, tzinfo=UTC)))
    assert sorted(one.mark_of("manual_journal") for one in listed) == sorted(one.mark for one in rendered)
    assert [one.target_id for one in cafe.target.find(rendered[249])] == [receipts[249].target_id]


def _with_account(rendered: Rendered, code: str) -> Rendered:
    record = rendered.payload["record"]
    assert isinstance(record, dict)
    lines = [{**line, "AccountCode": code} for line in record["JournalLines"]]
    payload: dict[str, object] = {**rendered.payload, "record": {**record, "JournalLines": lines}}
    return Rendered(part="", kind=rendered.kind, mark=rendered.mark, day=rendered.day, payload=payload)
