"""What already brought a payout to the bank; and the rows behind a document, attached to its record."""

from datetime import date, timedelta

import pytest

from connector.domain.books import Account
from connector.domain.document import Document, Family
from connector.errors import OutcomeUnknown
from tests.targets.quickbooks.by_hand import by_hand
from tests.targets.quickbooks.forms import day, furnished, opened, payout, post_all, render
from tests.targets.quickbooks.given import DAY, MARK, Company, document, line

ROWS = b"date,amount\n2026-11-19,412.60\n"


def checking(company: Company) -> Account:
    found = company.open.books().account("Checking")
    assert found
    return found


@pytest.mark.parametrize("family", ["journal", "deposit", "transfer"])
def test_payout_that_is_in_the_books_already_is_found_whatever_it_was_written_as(
    american: Company, family: Family
) -> None:
    records = render(american, furnished(american), payout(), family)
    receipt = post_all(american, records)[0]
    (found,) = opened(american).banked(checking(american), [40022], DAY, DAY + timedelta(days=1))
    assert (found.standing.kind, found.standing.target_id, found.standing.mark) == (
        records[0].kind,
        receipt.target_id,
        MARK,
    )


def test_deposit_that_a_person_made_is_found_without_a_mark(american: Company) -> None:
    clearing = {
        "DetailType": "DepositLineDetail",
        "Amount": 400.22,
        "DepositLineDetail": {"AccountRef": {"value": "4"}},
    }
    by_hand(
        american,
        {"TxnDate": "2026-11-20", "DepositToAccountRef": {"value": "1"}, "Line": [clearing]},
        kind="Deposit",
    )
    (found,) = opened(american).banked(checking(american), [40022], DAY, DAY + timedelta(days=1))
    assert (found.standing.kind, found.standing.mark) == ("Deposit", "")


def test_receipt_that_went_straight_to_the_bank_is_found(american: Company) -> None:
    books = furnished(american)
    post_all(american, render(american, books, day(line("clearing", "Checking", 51060)), "receipt"))
    assert [each.standing.kind for each in opened(american).banked(checking(american), [51060], DAY, DAY)] == [
        "SalesReceipt"
    ]


def test_other_amounts_days_accounts_and_directions_are_not_taken_for_the_payout(american: Company) -> None:
    moved = document(line("bank", "Checking", 500), line("clearing", "Undeposited Funds", -500), kind="transfer")
    american.post(american.render(moved))
    books, bank = opened(american), checking(american)
    assert books.banked(bank, [501], DAY, DAY) == []
    assert books.banked(bank, [-500], DAY, DAY) == []
    assert books.banked(bank, [500], DAY + timedelta(days=1), date(2026, 12, 31)) == []
    assert books.banked(bank, [500], DAY, DAY) != []
    clearing = american.open.books().account("Undeposited Funds")
    assert clearing
    assert books.banked(clearing, [-500], DAY, DAY) != []


def test_rows_behind_a_document_are_attached_to_its_record_once(american: Company) -> None:
    rendered = american.render(day_by_journal())
    receipt = american.post(rendered)
    first = opened(american).attach(receipt, rendered.kind, "rows.csv", ROWS)
    assert opened(american).attach(receipt, rendered.kind, "rows.csv", ROWS) == first
    assert opened(american).attach(receipt, rendered.kind, "more.csv", ROWS) != first
    kept = american.shelf.get("file", first)
    assert kept is not None
    assert kept["content"] == ROWS.decode()


def test_attachment_whose_answer_was_lost_is_found_and_not_made_twice(american: Company) -> None:
    rendered = american.render(day_by_journal())
    receipt = american.post(rendered)
    american.faults.lose_answer(when="after", path_contains="upload")
    with pytest.raises(OutcomeUnknown):
        opened(american).attach(receipt, rendered.kind, "rows.csv", ROWS)
    assert opened(american).attach(receipt, rendered.kind, "rows.csv", ROWS) == "1"


def day_by_journal() -> Document:
    return document(line("clearing", "Undeposited Funds", 500), line("sales", "Services", -500))
