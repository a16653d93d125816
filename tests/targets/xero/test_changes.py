"""What was changed in the books since a moment, whoever did it."""

from __future__ import annotations

from datetime import timedelta

from connector.domain.books import Books
from connector.domain.drift import Standing
from connector.targets.contract import Receipt
from connector.targets.xero.changes import changed
from connector.targets.xero.client import XeroClient
from tests.targets.xero import examples
from tests.targets.xero.conftest import NOW, Cafe, posted

FUTURE = NOW + timedelta(seconds=1)
DOCUMENTS = (
    examples.cafe_day(),
    examples.cafe_refund(),
    examples.payout(),
    examples.payout(clearing="Savings"),
    examples.adjustment(),
)


def test_every_record_we_wrote_is_listed_with_its_mark_and_version(cafe: Cafe, books: Books) -> None:
    rendered = [one for document in DOCUMENTS for one in cafe.target.render(document, books)]
    receipts = posted(cafe, rendered)
    listed = {(one.kind, one.target_id): one for one in cafe.target.changed(NOW)}
    sent = {(one.kind, receipt.target_id): one for one, receipt in zip(rendered, receipts, strict=True)}
    assert {key: one.mark for key, one in listed.items()} == {key: one.mark for key, one in sent.items()}
    assert {one.kind for one in listed.values()} == {
        "invoice", "credit_note", "payment", "bank_transaction", "bank_transfer", "manual_journal",
    }  # fmt: skip
    assert not any(one.is_gone for one in listed.values())
    assert all(one.changed_at and one.changed_at >= NOW for one in listed.values())


def test_what_was_not_touched_since_the_moment_is_not_listed(cafe: Cafe, books: Books) -> None:
    posted(cafe, cafe.target.render(examples.cafe_day(), books))
    assert cafe.target.changed(FUTURE) == []


def test_the_moment_is_asked_for_with_its_time_and_not_only_its_day(cafe: Cafe) -> None:
    cafe.target.changed(NOW)
    calls = cafe.heard("GET")[-6:]
    assert {call.headers["if-modified-since"] for call in calls} == {"2026-11-21T09:00:00Z"}


def test_a_journal_that_a_person_edited_has_another_version(cafe: Cafe, books: Books) -> None:
    (rendered,) = cafe.target.render(examples.adjustment(), books)
    (receipt,) = posted(cafe, [rendered])
    assert _of(cafe, receipt).version == receipt.version
    cafe.edit("ManualJournals", receipt.target_id, Date="2026-11-20")
    assert _of(cafe, receipt).version != receipt.version
    assert [one.text for one in cafe.target.read_back(rendered, receipt)] == ["The date is 2026-11-20, not 2026-11-19."]


def test_what_a_person_voided_or_deleted_is_listed_as_gone(cafe: Cafe, books: Books) -> None:
    rendered = [
        *cafe.target.render(examples.adjustment(), books),
        *cafe.target.render(examples.payout(), books),
        *cafe.target.render(examples.payout(clearing="Savings"), books)[:1],
        *cafe.target.render(examples.may_bank(), books),
    ]
    receipts = posted(cafe, rendered)
    ends = {
        "manual_journal": ("ManualJournals", "VOIDED"),
        "bank_transaction": ("BankTransactions", "DELETED"),
        "bank_transfer": ("BankTransfers", "DELETED"),
        "invoice": ("Invoices", "VOIDED"),
    }
    for one, receipt in zip(rendered, receipts, strict=True):
        collection, status = ends[one.kind]
        cafe.edit(collection, receipt.target_id, Status=status)
    gone = {one.target_id: one.mark for one in cafe.target.changed(NOW) if one.is_gone}
    assert gone == {receipt.target_id: one.mark for one, receipt in zip(rendered, receipts, strict=True)}


def test_a_payment_that_a_person_deleted_is_gone_and_its_invoice_is_touched(cafe: Cafe, books: Books) -> None:
    rendered = cafe.target.render(examples.cafe_day(), books)
    receipts = posted(cafe, rendered)
    cafe.edit("Payments", receipts[1].target_id, Status="DELETED")
    assert _of(cafe, receipts[1]).is_gone
    assert _of(cafe, receipts[0]).version != receipts[0].version
    assert cafe.target.read_back(rendered[0], receipts[0]) == []


def test_changes_are_read_page_by_page_to_the_end(cafe: Cafe, books: Books) -> None:
    rendered = [cafe.target.render(examples.adjustment(str(n)), books)[0] for n in range(7)]
    posted(cafe, rendered)
    found = changed(XeroClient(cafe.access, page_size=3), NOW)
    assert sorted(one.mark for one in found) == sorted(one.mark for one in rendered)


def test_a_record_of_somebody_else_is_listed_without_our_mark(cafe: Cafe, books: Books) -> None:
    foreign = examples.adjustment()
    (receipt,) = posted(cafe, cafe.target.render(foreign, books))
    cafe.edit("ManualJournals", receipt.target_id, Narration="Till float")
    assert _of(cafe, receipt).mark == ""


def _of(cafe: Cafe, receipt: Receipt) -> Standing:
    return next(one for one in cafe.target.changed(NOW) if one.target_id == receipt.target_id)
