"""Money that stands on a bank account already, whoever entered it."""

from __future__ import annotations

from datetime import date, timedelta

from connector.domain.books import Account, Books
from connector.domain.document import Document
from connector.targets.contract import Receipt
from tests.targets.xero import examples
from tests.targets.xero.conftest import Cafe, posted

FIRST, LAST = examples.DAY - timedelta(days=3), examples.DAY + timedelta(days=3)


def test_a_deposit_of_the_amount_is_found(cafe: Cafe, books: Books) -> None:
    (receipt,) = _posted(cafe, books, examples.payout())
    (found,) = cafe.target.banked(_bank(books), [269_93], FIRST, LAST)
    assert (found.standing.kind, found.standing.target_id) == ("bank_transaction", receipt.target_id)
    assert found.is_matched is False  # nobody matched it with a line of the bank yet


def test_money_that_left_is_found_as_a_negative_amount_only(cafe: Cafe, books: Books) -> None:
    _posted(cafe, books, examples.payout(bank=-30_00, fee=2_00))
    assert cafe.target.banked(_bank(books), [30_00], FIRST, LAST) == []
    assert _kinds(cafe, _bank(books), [-30_00], FIRST, LAST) == ["bank_transaction"]


def test_a_transfer_is_found_at_both_its_ends(cafe: Cafe, books: Books) -> None:
    _posted(cafe, books, examples.payout(clearing="Savings"))
    assert _kinds(cafe, _bank(books), [269_93], FIRST, LAST) == ["bank_transfer"]
    assert _kinds(cafe, _bank(books, "Savings"), [-269_93], FIRST, LAST) == ["bank_transfer"]


def test_a_payment_straight_into_the_bank_is_found(cafe: Cafe, books: Books) -> None:
    (receipt,) = _posted(cafe, books, examples.may_bank())
    assert receipt.target_id
    mark = cafe.target.render(examples.may_bank(), books)[0].mark
    cafe.pay(mark, "090", 47563)
    found = cafe.target.banked(_bank(books), [47_563_00], date(2026, 11, 20), date(2026, 11, 22))
    assert [one.standing.kind for one in found] == ["payment"]


def test_a_refund_out_of_the_bank_is_money_that_left(cafe: Cafe, books: Books) -> None:
    note = examples.document(
        "refund",
        examples.line("refund", "Square Returns", 48_00, "OUTPUT2", 8_00, kind="refund"),
        examples.line("clearing", "Checking", -48_00, kind="refund_tender"),
    )
    _posted(cafe, books, note)
    assert _kinds(cafe, _bank(books), [-48_00], FIRST, LAST) == ["payment"]
    assert cafe.target.banked(_bank(books), [48_00], FIRST, LAST) == []


def test_another_amount_account_or_day_and_what_was_deleted_is_not_found(cafe: Cafe, books: Books) -> None:
    (receipt,) = _posted(cafe, books, examples.payout())
    bank = _bank(books)
    assert cafe.target.banked(bank, [269_94], FIRST, LAST) == []
    assert cafe.target.banked(_bank(books, "Savings"), [269_93], FIRST, LAST) == []
    assert cafe.target.banked(bank, [269_93], FIRST, examples.DAY - timedelta(days=1)) == []
    assert len(cafe.target.banked(bank, [269_93], examples.DAY, examples.DAY)) == 1
    cafe.edit("BankTransactions", receipt.target_id, Status="DELETED")
    assert cafe.target.banked(bank, [269_93], FIRST, LAST) == []


def _posted(cafe: Cafe, books: Books, document: Document) -> list[Receipt]:
    return posted(cafe, cafe.target.render(document, books))


def _kinds(cafe: Cafe, bank: Account, amounts: list[int], first: date, last: date) -> list[str]:
    return [found.standing.kind for found in cafe.target.banked(bank, amounts, first, last)]


def _bank(books: Books, name: str = "Checking") -> Account:
    found = books.account(name)
    assert found
    return found
