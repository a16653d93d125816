"""Matches in the books of Xero: what they post, what taking them back leaves, deposits of another hand, and locks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
import requests

from connector.reconcile.statements.door import read_statements
from connector.reconcile.statements.reading import Reading
from connector.sandbox.town import Town
from connector.store import outbox
from connector.store.feeds import Connection, Feed, connection, feed, set_choice
from connector.store.matches import Match
from connector.store.tables import DocumentRow
from connector.sync.at_bank import AtBank, at_bank
from connector.sync.bank import deposits, import_lines
from connector.sync.decide import Choice, choose, undo
from connector.sync.deposits import adopt_deposit
from connector.sync.house import House
from connector.sync.journalize import read_books
from connector.sync.post import post
from tests.sync.walking import connected, house, town, walked

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
HEADING = "Date,Description,Amount,Currency\n"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A weekend of Square in Xero, whose deposits are booked when the bank shows them. Tests share it: each has an
    amount and a line of its own."""

    house: House
    town: Town

    @property
    def books(self) -> Connection:
        with self.house.database.transaction() as tx:
            return connection(tx, "xero")

    @property
    def feed(self) -> Feed:
        with self.house.database.transaction() as tx:
            return feed(tx, "square-xero")

    def match(self, row: str, item: str = "", account: str = "") -> Match:
        """Keeps a bank line and says what it is: the open deposit of its amount, or an account of the books."""
        read = read_statements("bank.csv", f"{HEADING}{row}\n".encode(), Reading(account="Checking"))
        import_lines(self.house, self.books, "Checking", read)
        tied = deposits(self.house, self.feed)
        line = max(each.id for each in tied.lines)
        of = [each.entry_id for each in tied.entries if not account and each.amount == int(item)]
        return choose(self.house, self.feed, Choice(lines=(line,), items=tuple(of), rest=account), by="Ada")

    def posted(self, match: Match) -> list[outbox.Posting]:
        with self.house.database.transaction() as tx:
            return outbox.of_period(tx, self.feed.id, match.period)

    def days(self, match: Match) -> list[date]:
        numbers = [each.document_id for each in self.posted(match)]
        with self.house.database.transaction() as tx:
            return sorted(tx.get_one(DocumentRow, number).date for number in numbers)

    def kinds(self, match: Match) -> list[tuple[str, str]]:
        return [(each.target_kind, each.state) for each in self.posted(match)]

    def post(self) -> dict[str, int]:
        return post(self.house, self.books).counts

    def balances(self) -> dict[str, int]:
        return self.house.books(self.books).balances()

    def told(self) -> list[AtBank]:
        return at_bank(self.house, self.feed, FIRST, LAST)

    def call(self, path: str, body: dict[str, object], method: str = "POST") -> requests.Response:
        token = self.town.personal_token("xero")
        headers = {"Authorization": f"Bearer {token}", "Xero-Tenant-Id": self.books.external_id,
                   "Accept": "application/json"}  # fmt: skip
        answer = requests.request(method, f"{self.town.xero.base_url}{path}", json=body, headers=headers, timeout=10)
        answer.raise_for_status()
        return answer


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("xero")
    with town(folder) as here, house(folder) as ready:
        connected(ready, here, "xero")
        with ready.database.transaction() as tx:
            set_choice(tx, feed(tx, "square-xero").id, "deposits", "match")
        walked(ready)
        yield Shop(house=ready, town=here)


def test_a_matched_payout_is_money_received_in_xero_once_and_unmatching_takes_it_back(shop: Shop) -> None:
    before = shop.balances()
    made = shop.match("2026-03-16,SQUARE INC L260316000002,117.11,USD", item="11711")
    assert shop.post()["posted"] == 1 and shop.post()["posted"] == 0
    assert shop.balances()["Checking"] == before.get("Checking", 0) + 11711
    assert shop.kinds(made)[0][1] == "verified"
    undone = undo(shop.house, made.id, by="Ben", reason="another shop's")
    assert shop.post()["posted"] == 1
    assert shop.balances() == before
    assert [state for _, state in shop.kinds(undone)] == ["verified", "verified"]


def test_a_fee_of_the_bank_is_money_spent_in_xero(shop: Shop) -> None:
    made = shop.match("2026-03-20,MONTHLY ACCOUNT FEE,-12.34,USD", account="Bank Fees")
    before = shop.balances()
    assert shop.post()["posted"] == 1
    assert shop.balances()["Bank Fees"] == before.get("Bank Fees", 0) + 1234
    assert shop.kinds(made) == [("bank_transaction", "verified")]


def test_the_books_tell_what_stands_at_the_bank_by_whom_and_what_is_matched_there(shop: Shop) -> None:
    shop.match("2026-03-21,PARKING,-7.77,USD", account="Bank Fees")
    shop.post()
    (mine,) = [each for each in shop.told() if each.amount == -777]
    assert (mine.is_ours, mine.is_matched, mine.coded_to) == (True, False, ("Bank Fees",))
    address = f"{shop.town.xero.base_url}/_sandbox/reconcile"
    requests.post(address, json={"id": mine.target_id}, timeout=10).raise_for_status()
    (matched,) = [each for each in shop.told() if each.amount == -777]
    assert matched.is_matched


def test_a_deposit_that_the_bookkeeper_booked_is_adopted_and_stays_when_the_match_is_undone(shop: Shop) -> None:
    chart = shop.house.books(shop.books).books()
    bank, clearing = chart.account("Checking"), chart.account("Square Cash Clearing")
    assert bank and clearing
    theirs = {
        "Type": "RECEIVE", "Date": "2026-03-18", "BankAccount": {"AccountID": bank.account_id},
        "Contact": {"Name": "Till"}, "LineAmountTypes": "NoTax",
        "LineItems": [{"Description": "Cash", "Quantity": 1, "UnitAmount": 89.80, "AccountCode": clearing.number}],
    }  # fmt: skip
    answer = shop.call("/api.xro/2.0/BankTransactions", {"BankTransactions": [theirs]}, "PUT").json()
    identity = answer["BankTransactions"][0]["BankTransactionID"]
    before = shop.balances()
    made = shop.match("2026-03-18,CASH DEPOSIT,89.80,USD", item="8980")
    assert shop.post()["rejected"] == 1
    (waiting,) = shop.posted(made)
    assert "by another hand" in waiting.reason
    adopt_deposit(shop.house, waiting.mark, identity, by="Ada")
    assert shop.post()["posted"] == 0 and shop.balances() == before
    assert [each.is_ours for each in shop.told() if each.target_id == identity] == [True]
    undo(shop.house, made.id, by="Ben")
    assert shop.post()["posted"] == 0 and shop.balances() == before  # it is the bookkeeper's, and stays


def test_in_a_locked_period_an_unmatched_line_is_taken_back_on_the_first_open_day(shop: Shop) -> None:
    made = shop.match("2026-03-23,COURIER,-5.55,USD", account="Bank Fees")
    shop.post()
    lock = {"period_lock_date": "2026-03-31"}
    requests.post(f"{shop.town.xero.base_url}/_sandbox/settings", json=lock, timeout=10).raise_for_status()
    read_books(shop.house, shop.feed, shop.house.books(shop.books), afresh=True)
    undo(shop.house, made.id, by="Ben", reason="private")
    assert shop.post()["posted"] == 1
    assert shop.days(made) == [date(2026, 3, 23), date(2026, 4, 1)]
