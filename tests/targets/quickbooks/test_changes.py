"""What people did to our records in the books, and what we may do to them ourselves."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.document import Document
from connector.domain.drift import Standing, texts
from connector.errors import OutcomeUnknown, Rejected
from connector.targets.contract import Receipt
from tests.targets.quickbooks.by_hand import by_hand, delete_by_hand, held
from tests.targets.quickbooks.given import MARK, NOW, Company, document, line

HOUR = timedelta(hours=1)


def takings(amount: int = 10825) -> Document:
    return document(
        line("clearing", "Undeposited Funds", amount),
        line("sales", "Sales of Product Income", -amount, text="Sales, food"),
    )


def moved(amount: int = 26993) -> Document:
    lines = line("bank", "Checking", amount), line("clearing", "Undeposited Funds", -amount)
    return document(*lines, kind="transfer")


@pytest.mark.parametrize("wanted", [takings(), moved()], ids=["journal", "transfer"])
def test_new_record_is_among_the_changes_with_its_mark_and_version(american: Company, wanted: Document) -> None:
    rendered = american.render(wanted)
    receipt = american.post(rendered)
    assert american.open.changed(NOW - HOUR) == [
        Standing(kind=rendered.kind, target_id=receipt.target_id, version="0", mark=MARK, changed_at=NOW)
    ]
    assert american.open.changed(NOW + HOUR) == []


def test_record_that_a_person_edited_stands_with_another_version(american: Company) -> None:
    receipt = american.post(american.render(takings()))
    by_hand(american, {"Id": receipt.target_id, "SyncToken": "0", "sparse": True, "TxnDate": "2026-11-20"})
    assert [(each.version, each.is_gone) for each in american.open.changed(NOW - HOUR)] == [("1", False)]


@pytest.mark.parametrize("wanted", [takings(), moved()], ids=["journal", "transfer"])
def test_record_that_a_person_deleted_is_gone_and_its_mark_untold(american: Company, wanted: Document) -> None:
    rendered = american.render(wanted)
    receipt = american.post(rendered)
    delete_by_hand(american, rendered, receipt)
    assert american.open.changed(NOW - HOUR) == [
        Standing(kind=rendered.kind, target_id=receipt.target_id, version="", is_gone=True)
    ]


def test_foreign_journal_is_among_the_changes_too(american: Company) -> None:
    sides = [("Debit", "1"), ("Credit", "2")]
    lines = [
        {
            "DetailType": "JournalEntryLineDetail",
            "Amount": 5,
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account}},
        }
        for side, account in sides
    ]
    by_hand(american, {"Line": lines, "DocNumber": "17"})
    assert [each.mark for each in american.open.changed(NOW - HOUR)] == ["17"]


def test_deletions_older_than_thirty_days_are_not_passed_over_in_silence(american: Company) -> None:
    with pytest.raises(Rejected, match="does not list any more which were deleted") as refused:
        american.open.changed(NOW - timedelta(days=31))
    assert refused.value.code == "changes_unlisted"


def test_deletions_among_more_than_a_thousand_changes_are_not_passed_over_in_silence(american: Company) -> None:
    american.fill("Transfer", 1000)
    with pytest.raises(Rejected, match="kind Transfer") as refused:
        american.open.changed(NOW - HOUR)
    assert refused.value.code == "changes_unlisted"


def test_full_list_of_all_kinds_is_asked_again_for_each(american: Company) -> None:
    rendered = american.render(takings())
    delete_by_hand(american, rendered, american.post(rendered))
    american.fill("Transfer", 999)
    standings = american.open.changed(NOW - HOUR)
    assert (len(standings), sum(each.is_gone for each in standings)) == (1000, 1)


@pytest.mark.parametrize(
    ("before", "after"), [(takings(), takings(500)), (moved(), moved(500))], ids=["journal", "transfer"]
)
def test_record_is_written_over_and_its_balances_with_it(american: Company, before: Document, after: Document) -> None:
    receipt = american.post(american.render(before))
    wanted = american.render(after)
    written = american.open.replace(wanted, receipt)
    assert (written.target_id, written.version, written.differences) == (receipt.target_id, "1", ())
    assert american.open.read_back(wanted, written) == []
    assert american.balances()["Undeposited Funds"] in ("500", "-500")


def test_record_that_a_person_changed_is_not_written_over(american: Company) -> None:
    receipt = american.post(american.render(takings()))
    by_hand(american, {"Id": receipt.target_id, "SyncToken": "0", "sparse": True, "PrivateNote": "mine"})
    with pytest.raises(Rejected, match="A person has changed SQ-20261119-7F3K2Q") as refused:
        american.open.replace(american.render(takings(500)), receipt)
    assert refused.value.code == "5010"
    assert american.open.read_back(american.render(takings()), receipt) == []


def test_writing_over_whose_answer_was_lost_can_be_repeated(american: Company) -> None:
    receipt = american.post(american.render(takings()))
    wanted = american.render(takings(500))
    american.faults.lose_answer(when="after", path_contains="journalentry")
    with pytest.raises(OutcomeUnknown):
        american.open.replace(wanted, receipt)
    assert american.open.replace(wanted, receipt) == Receipt(target_id=receipt.target_id, version="1")


def test_writing_over_within_closed_books_is_refused(american: Company) -> None:
    receipt = american.post(american.render(takings()))
    wanted = american.render(takings(500))
    american.set(book_close_date="2026-11-30")
    with pytest.raises(Rejected) as refused:
        american.open.replace(wanted, receipt)
    assert refused.value.code == "closed_period"


def test_record_that_was_deleted_cannot_be_written_over(american: Company) -> None:
    rendered = american.render(takings())
    receipt = american.post(rendered)
    delete_by_hand(american, rendered, receipt)
    with pytest.raises(Rejected) as refused:
        american.open.replace(rendered, receipt)
    assert refused.value.code == "610"


@pytest.mark.parametrize("wanted", [takings(), moved()], ids=["journal", "transfer"])
def test_record_without_voiding_is_deleted_and_a_repeat_does_nothing(american: Company, wanted: Document) -> None:
    rendered = american.render(wanted)
    receipt = american.post(rendered)
    left = american.open.void(rendered, receipt)
    assert (left.target_id, left.version) == (receipt.target_id, "")
    assert american.control("trial-balance") == {}
    assert texts(american.open.read_back(rendered, left)) == [
        f"QuickBooks has no {rendered.kind} {receipt.target_id} any more"
    ]
    assert american.open.void(rendered, receipt).target_id == receipt.target_id


def test_record_that_a_person_changed_is_not_voided(american: Company) -> None:
    rendered = american.render(takings())
    receipt = american.post(rendered)
    by_hand(american, {"Id": receipt.target_id, "SyncToken": "0", "sparse": True, "PrivateNote": "mine"})
    with pytest.raises(Rejected, match="A person has changed"):
        american.open.void(rendered, receipt)
    assert held(american, "JournalEntry", receipt)["PrivateNote"] == "mine"
    assert american.open.void(rendered, replace(receipt, version="1")).target_id == receipt.target_id
