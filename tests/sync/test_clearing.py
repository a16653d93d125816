"""The clearing proof over the store: what stands in the books, against the records, the payouts and the bank."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import requests

from connector.reconcile.clearing.values import Proof
from connector.reconcile.statements.door import read_statements
from connector.reconcile.statements.reading import Reading
from connector.store import outbox
from connector.store.feeds import connection_by_id, feed, set_choice
from connector.sync.bank import deposits, import_lines
from connector.sync.clearing import Proved, clearing_balances, proved
from connector.sync.connect import join
from connector.sync.drift import look
from connector.sync.house import House
from tests.sync.walking import REALM, connected, house, town, walked


class Shop:
    """A weekend of Square and a settlement of Amazon, posted into QuickBooks."""

    def __init__(self, ready: House, base_url: str, token: str) -> None:
        self.house, self.base_url, self._token = ready, base_url, token

    def proved(self, on: date | None = None, of: str = "square-quickbooks") -> Proved:
        with self.house.database.transaction() as tx:
            found = feed(tx, of)
        return proved(self.house, found, on)

    def proof(self, account: str, on: date | None = None, of: str = "square-quickbooks") -> Proof:
        return next(each for each in self.proved(on, of).proofs if each.account == account)

    def delete(self, part: str) -> int:
        """Deletes the payout's journal in the books by hand; gives the minor units it took out of clearing."""
        with self.house.database.transaction() as tx:
            posting = next(p for p in outbox.in_books(tx, 3) if part in p.payload.decode())
        body = {"Id": posting.target_id, "SyncToken": posting.target_version}
        address = f"{self.base_url}/v3/company/{REALM}/journalentry"
        token = {"Authorization": f"Bearer {self._token}"}
        answer = requests.post(address, json=body, params={"operation": "delete"}, headers=token, timeout=10)
        answer.raise_for_status()
        with self.house.database.transaction() as tx:
            target = connection_by_id(tx, 3)
        look(self.house, target, at_once=True)
        return posting.id


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    with town(folder) as here, house(folder) as ready:
        connected(ready, here, "quickbooks")
        walked(ready)
        yield Shop(ready, here.quickbooks.base_url, here.personal_token("quickbooks"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The same shop with the other choices: the bookkeeper codes Square's deposits, Amazon's go to the bank account."""
    folder = tmp_path_factory.mktemp("other")
    with town(folder) as here, house(folder) as ready:
        connected(ready, here, "quickbooks")
        with ready.database.transaction() as tx:
            square, amazon = feed(tx, "square-quickbooks"), feed(tx, "amazon-quickbooks")
            set_choice(tx, square.id, "deposits", "bank feed")
        join(ready, amazon.name, amazon.source, amazon.target, "bank")
        walked(ready)
        yield Shop(ready, here.quickbooks.base_url, "")


def named(proof: Proof) -> list[tuple[str, str, int]]:
    return [(item.cause, item.text, item.amount) for item in proof.items]


def test_at_every_date_the_open_items_sum_to_the_balance_and_nothing_is_unexplained(shop: Shop) -> None:
    for of, first, days in (("square-quickbooks", date(2026, 3, 13), 8), ("amazon-quickbooks", date(2026, 4, 17), 20)):
        for number in range(days):
            for proof in shop.proved(first + timedelta(days=number), of).proofs:
                assert sum(item.amount for item in proof.items) == proof.by_documents, proof
                assert proof.unexplained == 0, proof


def test_what_is_left_after_the_payouts_is_named_and_is_what_the_books_hold(shop: Shop) -> None:
    proof = shop.proof("Square Balance")
    assert named(proof) == [("next batch", "payment MAINP000009", 6200)]
    assert (proof.by_documents, proof.in_books) == (6200, 6200)
    assert {item.cause for item in shop.proof("Square Cash Clearing").items} == {"cash not banked"}


def test_a_failed_payout_is_in_transit_until_it_was_sent_again(shop: Shop) -> None:
    said = [named(shop.proof("Square Balance", date(2026, 3, day))) for day in (17, 18)]
    assert ("in transit", "payout po_main_000001 failed, to be sent again", 2906) in said[0]
    assert said[1] == [("next batch", "payment MAINP000009", 6200)]


def test_the_month_part_of_a_settlement_waits_in_clearing_until_the_deposit(shop: Shop) -> None:
    april = shop.proof("Amazon.com Clearing", date(2026, 4, 30), "amazon-quickbooks")
    assert named(april) == [("next batch", "settlement 18273645546 of Amazon.com, 2026-04", 4235818)]
    may = shop.proof("Amazon.com Clearing", date(2026, 5, 3), "amazon-quickbooks")
    assert [(cause, amount) for cause, _, amount in named(may)] == [("in transit", 4235818), ("in transit", 520484)]
    assert shop.proof("Amazon.com Clearing", date(2026, 5, 4), "amazon-quickbooks").items == ()


def test_in_bank_style_the_april_part_is_carried_until_the_last_part_takes_it_back(other: Shop) -> None:
    april = other.proof("Amazon.com Carried Balance", date(2026, 4, 30), "amazon-quickbooks")
    assert [(item.cause, item.amount) for item in april.items] == [("next batch", 4235818)]
    closed = other.proof("Amazon.com Carried Balance", None, "amazon-quickbooks")
    assert (closed.items, closed.in_books) == ((), 0)


def test_in_both_styles_one_deposit_stands_against_the_bank(shop: Shop, other: Shop) -> None:
    for each in (shop, other):
        with each.house.database.transaction() as tx:
            found = feed(tx, "amazon-quickbooks")
        assert [entry.amount for entry in deposits(each.house, found).entries] == [4756302]


def test_what_the_bookkeeper_codes_leaves_clearing_with_the_matched_bank_line(other: Shop) -> None:
    before = other.proof("Square Balance")
    assert (before.unexplained, before.in_books) == (0, before.by_documents)
    with other.house.database.transaction() as tx:
        square = feed(tx, "square-quickbooks")
    text = "Date,Description,Amount,Currency\n2026-03-16,SQUARE INC L260316000002,117.11,USD\n"
    read = read_statements("bank.csv", text.encode(), Reading(account="Checking"))
    import_lines(other.house, square.target, "Checking", read)
    assert deposits(other.house, square, apply_certain=True).accepted_now == 1
    after = other.proof("Square Balance")
    assert (after.settled, after.by_documents) == (11711, before.by_documents - 11711)
    (uncoded,) = [item for item in after.items if item.cause == "missing posting"]
    assert (uncoded.amount, after.unexplained) == (11711, 0)
    assert sum(item.amount for item in after.items) == after.in_books
    assert "po_main_000002" not in str([item.text for item in other.proof("Square Balance", date(2026, 3, 17)).items])


def test_the_balances_that_the_demo_shows_have_the_same_items(shop: Shop) -> None:
    with shop.house.database.transaction() as tx:
        found = feed(tx, "square-quickbooks")
    items = {balance.account: balance.open_items for balance in clearing_balances(shop.house, found)}
    assert items["Square Balance"] == shop.proof("Square Balance").items
    assert items["Square Gift Cards"] == ()


def test_a_day_that_is_deleted_in_the_books_is_an_edit_of_that_amount(shop: Shop) -> None:
    """Last, for it changes the books of the tests above."""
    before = shop.proof("Square Balance")
    shop.delete("SQ-20260317")
    proof = shop.proof("Square Balance")
    new = [item for item in proof.items if item not in before.items]
    assert [(item.cause, item.day) for item in new] == [("edit in the books", date(2026, 3, 17))]
    assert proof.in_books == proof.by_documents + new[0].amount and proof.unexplained == 0
