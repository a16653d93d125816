"""Writing over a record in the books and voiding one: done while nobody touched it, refused with the reason else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.domain.books import Books
from connector.domain.document import Document
from connector.errors import OutcomeUnknown, Rejected
from connector.sandbox.faults import Fault
from connector.targets.contract import Receipt
from tests.targets.xero import examples
from tests.targets.xero.conftest import Cafe, posted
from tests.targets.xero.examples import document, line


def unpaid(fee: int = 2_385_16) -> Document:
    """A settlement in bank style: an invoice that waits for the line of the bank."""
    rest = 7_900_00 - fee
    return examples.settlement(
        "2026-05",
        line("fee", "Amazon Fulfilment Fees", fee, kind="fee"),
        line("sales", "Square Sales", -7_900_00, kind="sale"),
        line("bank", "Checking", rest),
        day=examples.DAY,
    )


def owed(fee: int = 50_00) -> Document:
    """The same the other way round: a credit note that waits."""
    lines = (line("fee", "Amazon Fulfilment Fees", fee, kind="fee"), line("bank", "Checking", -fee))
    return document("settlement", *lines, source="amazon")


def corrected(count: int) -> Document:
    """An adjustment of the same mark, for another amount."""
    lines = (
        line("gift_card", "Square Gift Cards", count, kind="gift_card_sold"),
        line("clearing", "Square Cash Clearing", -count, kind="tender"),
    )
    return document("adjustment", *lines, period="1")


@pytest.mark.parametrize(
    ("first", "second", "account", "minor"),
    [
        (corrected(40_00), corrected(45_00), "Square Gift Cards", "4500"),
        (unpaid(), unpaid(fee=2_000_00), "Amazon Fulfilment Fees", "200000"),
        (owed(), owed(fee=60_00), "Amazon Fulfilment Fees", "6000"),
        (examples.payout(), examples.payout(fee=9_00), "Square Fees", "900"),
    ],
    ids=["journal", "invoice", "credit note", "bank transaction"],
)
def test_an_untouched_record_is_written_over_by_its_id(
    cafe: Cafe, books: Books, first: Document, second: Document, account: str, minor: str
) -> None:
    (before,), (after,) = cafe.target.render(first, books), cafe.target.render(second, books)
    (receipt,) = posted(cafe, [before])
    made = cafe.target.replace(after, receipt)
    assert (made.target_id, made.differences) == (receipt.target_id, ())
    assert made.version != receipt.version
    assert cafe.target.read_back(after, made) == []
    assert cafe.balances()[account] == minor
    (call,) = cafe.heard("POST")
    assert call.path.endswith(receipt.target_id)
    assert receipt.target_id.encode() in call.body


def test_a_record_that_a_person_changed_meanwhile_is_not_written_over(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(corrected(40_00), books)
    (receipt,) = posted(cafe, [rendered])
    cafe.edit("ManualJournals", receipt.target_id, Date="2026-11-20")
    before = len(cafe.heard("POST"))
    with pytest.raises(Rejected, match="A person has changed") as caught:
        cafe.target.replace(rendered, receipt)
    assert caught.value.code == "changed_meanwhile"
    assert len(cafe.heard("POST")) == before


def test_what_a_person_changed_is_restored_once_that_change_was_looked_at(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(corrected(40_00), books)
    (receipt,) = posted(cafe, [rendered])
    cafe.edit("ManualJournals", receipt.target_id, Date="2026-11-20")
    (seen,) = cafe.target.find(rendered)
    made = cafe.target.replace(rendered, seen)
    assert cafe.target.read_back(rendered, made) == []


def test_a_second_try_of_what_was_written_over_answers_it_again(cafe: Cafe, books: Books) -> None:
    (before,), (after,) = cafe.target.render(corrected(40_00), books), cafe.target.render(corrected(45_00), books)
    (receipt,) = posted(cafe, [before])
    cafe.faults.lose_answer(when="after", method="POST")
    with pytest.raises(OutcomeUnknown):
        cafe.target.replace(after, receipt)
    again = cafe.target.replace(after, receipt)
    assert again.target_id == receipt.target_id
    assert len(cafe.heard("POST")) == 1


def test_a_paid_invoice_is_not_written_over(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.cafe_day(), books)
    posted(cafe, rendered)
    (seen,) = cafe.target.find(rendered[0])
    with pytest.raises(Rejected, match="paid or credited") as caught:
        cafe.target.replace(rendered[0], seen)
    assert caught.value.code == "paid"


def test_a_payout_that_was_matched_with_the_bank_is_neither_written_over_nor_deleted(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(examples.payout(), books)
    (receipt,) = posted(cafe, [rendered])
    cafe.match(receipt.target_id)
    (seen,) = cafe.target.find(rendered)
    for act in (cafe.target.replace, cafe.target.void):
        with pytest.raises(Rejected, match="matched with a line of the bank") as caught:
            act(rendered, seen)
        assert caught.value.code == "matched"
    assert cafe.heard("POST") == []


def test_a_payment_and_a_bank_transfer_are_never_edited(cafe: Cafe, books: Books) -> None:
    payment = cafe.target.render(examples.cafe_refund(), books)[1]
    transfer = cafe.target.render(examples.payout(clearing="Savings"), books)[0]
    for rendered in (payment, transfer):
        with pytest.raises(Rejected, match=r"never edits a .*: delete .* then post it again"):
            cafe.target.replace(rendered, Receipt(target_id="00000000-0000-4000-8000-000000000000", version=""))


def test_a_locked_month_refuses_the_writing_over_and_the_voiding(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(corrected(40_00), books)
    (receipt,) = posted(cafe, [rendered])
    cafe.settings(period_lock_date="2026-11-30")
    for act in (cafe.target.replace, cafe.target.void):
        with pytest.raises(Rejected) as caught:
            act(rendered, receipt)
        assert caught.value.code == "closed_period"
    assert cafe.balances()["Square Gift Cards"] == "4000"


def test_a_record_that_is_gone_is_not_written_over(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(corrected(40_00), books)
    (receipt,) = posted(cafe, [rendered])
    cafe.edit("ManualJournals", receipt.target_id, Status="VOIDED")
    for held in (receipt, replace(receipt, target_id="00000000-0000-4000-8000-000000000000")):
        with pytest.raises(Rejected, match="no longer in Xero") as caught:
            cafe.target.replace(rendered, held)
        assert caught.value.code == "gone"


@pytest.mark.parametrize(
    "document",
    [
        corrected(40_00),
        unpaid(),
        owed(),
        examples.payout(),
        examples.payout(clearing="Savings"),
        examples.cafe_refund(),
    ],
    ids=["journal", "invoice", "credit note", "bank transaction", "bank transfer", "paid credit note"],
)
def test_a_voided_document_leaves_nothing_in_the_books(cafe: Cafe, books: Books, document: Document) -> None:
    rendered = cafe.target.render(document, books)
    receipts = posted(cafe, rendered)
    for one, receipt in zip(rendered, receipts, strict=True):
        left = cafe.target.void(one, receipt)
        assert left.target_id == receipt.target_id
        assert "gone" in [each.kind for each in cafe.target.read_back(one, left)]
    assert cafe.balances() == {}


def test_the_payments_of_a_day_are_deleted_before_its_invoice_is_voided(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.cafe_day(), books)
    receipts = posted(cafe, rendered)
    cafe.target.void(rendered[0], receipts[0])
    assert [call.path.split("/")[3] for call in cafe.heard("POST")] == ["Payments"] * 3 + ["Invoices"]
    assert cafe.balances() == {}
    for one, receipt in zip(rendered[1:], receipts[1:], strict=True):
        assert cafe.target.void(one, receipt).target_id == receipt.target_id
    assert len(cafe.heard("POST")) == 4


def test_an_invoice_with_a_payment_of_somebody_else_is_not_voided(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(unpaid(), books)
    (receipt,) = posted(cafe, [rendered])
    cafe.pay(rendered.mark, "090", 5)
    with pytest.raises(Rejected, match="by somebody else") as caught:
        cafe.target.void(rendered, receipt)
    assert caught.value.code == "paid"


def test_a_day_of_which_one_payment_is_matched_keeps_all_of_them(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.cafe_day(), books)
    receipts = posted(cafe, rendered)
    cafe.match(receipts[3].target_id)
    with pytest.raises(Rejected, match="matched"):
        cafe.target.void(rendered[0], receipts[0])
    assert cafe.heard("POST") == []


def test_what_a_person_changed_is_not_voided_unseen(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(corrected(40_00), books)
    (receipt,) = posted(cafe, [rendered])
    cafe.edit("ManualJournals", receipt.target_id, Date="2026-11-20")
    with pytest.raises(Rejected, match="A person has changed"):
        cafe.target.void(rendered, receipt)
    (seen,) = cafe.target.find(rendered)
    cafe.target.void(rendered, seen)
    assert cafe.balances() == {}


def test_voiding_twice_is_voiding_once(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(corrected(40_00), books)
    (receipt,) = posted(cafe, [rendered])
    cafe.faults.lose_answer(when="after", method="POST")
    with pytest.raises(OutcomeUnknown):
        cafe.target.void(rendered, receipt)
    assert cafe.target.void(rendered, receipt).target_id == receipt.target_id
    assert len(cafe.heard("POST")) == 1


def test_an_answer_that_shows_no_end_proves_nothing(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(corrected(40_00), books)
    (receipt,) = posted(cafe, [rendered])
    cafe.faults.add(Fault(status=200, body=b'{"ManualJournals":[{"Status":"POSTED"}]}', method="POST"))
    with pytest.raises(OutcomeUnknown, match="POSTED"):
        cafe.target.void(rendered, receipt)
