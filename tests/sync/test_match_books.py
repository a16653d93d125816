"""What a match posts: once, through the outbox, in the books' own forms; and what taking it back leaves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import requests

from connector.errors import Unreadable
from connector.reconcile.statements.door import read_statements
from connector.reconcile.statements.reading import Reading
from connector.sandbox.quickbooks.company import DEFAULTS as QUICKBOOKS_SETTINGS
from connector.sandbox.settings import Settings
from connector.sandbox.town import Town
from connector.store import outbox
from connector.store.account_maps import keep_map
from connector.store.feeds import Connection, Feed, connection, feed, set_choice
from connector.store.ledger import documents_of, lines_of_document, shelves_of
from connector.store.match_checks import over_allocated, unbalanced_groups
from connector.store.match_rules import AcquirerBatch
from connector.store.matches import Match
from connector.store.tables import DocumentRow
from connector.sync.bank import Deposits, deposits, import_lines
from connector.sync.clearing import proved
from connector.sync.decide import (
    Choice,
    accept,
    choose,
    contradicted_rules,
    ignore,
    keep_batches,
    make_rule,
    retire_rule,
    undo,
    unignore,
)
from connector.sync.deposits import adopt_deposit
from connector.sync.house import House
from connector.sync.journalize import journalize, read_books
from connector.sync.post import post, post_again
from connector.sync.proposed import Coded
from connector.sync.pull import pull_file
from connector.sync.status import status
from connector.sync.undo import chosen
from tests.sync.test_bank import FOREIGN
from tests.sync.walking import MAP, NOW, REALM, connected, house, town, walked

LATER = date(2026, 12, 31)
HEADING = "Date,Description,Amount,Currency\n"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A weekend of Square in QuickBooks, whose deposits are booked when the bank shows them."""

    house: House

    @property
    def books(self) -> Connection:
        with self.house.database.transaction() as tx:
            return connection(tx, "quickbooks")

    def feed(self, name: str = "square-quickbooks") -> Feed:
        with self.house.database.transaction() as tx:
            return feed(tx, name)

    def keep(self, *rows: str) -> None:
        text = HEADING + "".join(f"{row}\n" for row in rows)
        read = read_statements("bank.csv", text.encode(), Reading(account="Checking"))
        import_lines(self.house, self.books, "Checking", read)

    def tie(self, *, certain: bool = False, of: str = "square-quickbooks") -> Deposits:
        return deposits(self.house, self.feed(of), apply_certain=certain)

    def choose(self, choice: Choice, of: str = "square-quickbooks") -> Match:
        return choose(self.house, self.feed(of), choice, by="Ada")

    def rule(self, body: dict[str, object]) -> int:
        return make_rule(self.house, self.feed(), body, by="Olga").id

    def post(self) -> dict[str, int]:
        return post(self.house, self.books).counts

    def booked(self, match: Match, of: str = "square-quickbooks") -> list[list[tuple[str, int]]]:
        """The documents of a match, oldest first: accounts with amounts, debit positive."""
        number = self.feed(of).id
        with self.house.database.transaction() as tx:
            marks = {posting.document_id for posting in outbox.of_period(tx, number, match.period)}
            rows = [row for row in documents_of(tx, number) if row.id in marks]
            return [
                [(line.account, line.amount_minor) for line in lines_of_document(tx, row.id or 0)]
                for row in sorted(rows, key=lambda row: row.version)
            ]

    def shelved(self, of: str) -> list[str]:
        number = self.feed(of).id
        with self.house.database.transaction() as tx:
            return [shelf.code for shelf, _ in shelves_of(tx, number)]

    def lines_of(self, source_ref: str, of: str) -> list[list[tuple[str, int]]]:
        number = self.feed(of).id
        with self.house.database.transaction() as tx:
            rows = [row for row in documents_of(tx, number) if row.source_ref == source_ref]
            return [[(line.account, line.amount_minor) for line in lines_of_document(tx, row.id or 0)] for row in rows]

    def mark(self, match: Match) -> str:
        number = self.feed().id
        with self.house.database.transaction() as tx:
            return outbox.of_period(tx, number, match.period)[0].mark

    def days(self, match: Match) -> list[date]:
        """The days on which the documents of a match stand."""
        number = self.feed().id
        with self.house.database.transaction() as tx:
            found = outbox.of_period(tx, number, match.period)
            return sorted(tx.get_one(DocumentRow, each.document_id).date for each in found)

    def kinds(self, match: Match) -> list[str]:
        number = self.feed().id
        with self.house.database.transaction() as tx:
            return [each.target_kind for each in outbox.of_period(tx, number, match.period)]

    def balances(self) -> dict[str, int]:
        return self.house.books(self.books).balances()

    def items(self, account: str) -> list[tuple[str, int]]:
        """What the balance by our documents is made of: the books are shared by all tests of the file."""
        (proof,) = [each for each in proved(self.house, self.feed(), LATER).proofs if each.account == account]
        assert sum(item.amount for item in proof.items) == proof.by_documents
        return [(item.cause, item.amount) for item in proof.items]

    def broken(self) -> list[str]:
        books = self.books
        with self.house.database.transaction() as tx:
            return over_allocated(tx, books.id, NOW) + unbalanced_groups(tx, books.id, NOW)


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Town]]:
    """The folder of a shop that has posted everything but its deposits, and its town; copied for each test."""
    folder = tmp_path_factory.mktemp("posted")
    with town(folder) as here:
        with house(folder) as ready:
            connected(ready, here, "quickbooks")
            with ready.database.transaction() as tx:
                set_choice(tx, feed(tx, "square-quickbooks").id, "deposits", "match")
            walked(ready)
        yield folder / "data", here


@pytest.fixture
def shop(posted: tuple[Path, Town], tmp_path: Path) -> Iterator[Shop]:
    """Its own database over the one town: each test uses amounts and days that no other test books."""
    shutil.copytree(posted[0], tmp_path / "data")
    with house(tmp_path) as ready:
        yield Shop(house=ready)


def only(done: Deposits, state: str = "proposed") -> Match:
    (found,) = [each for each in done.matches if each.state == state]
    return found


def test_a_matched_payout_is_booked_once_on_the_day_of_its_bank_line(shop: Shop) -> None:
    before = shop.balances()
    shop.keep("2026-03-16,SQUARE INC L260316000002,117.11,USD")
    done = only(shop.tie(certain=True), "accepted")
    assert shop.booked(done) == [[("Checking", 11711), ("Square Balance", -11711)]]
    assert shop.kinds(done) == ["Transfer"]
    assert shop.post()["posted"] == 1
    assert shop.post()["posted"] == 0
    shop.tie(certain=True)
    journalize(shop.house, shop.feed())
    assert (len(shop.booked(done)), shop.post()["posted"]) == (1, 0)
    after = shop.balances()
    assert (after["Checking"] - before.get("Checking", 0), after["Square Balance"] - before["Square Balance"]) == (
        11711, -11711,
    )  # fmt: skip
    assert shop.broken() == []


def test_what_a_match_booked_leaves_clearing_in_the_proof(shop: Shop) -> None:
    shop.keep("2026-03-17,SQUARE INC L260317000003,269.93,USD")
    open_before = sum(amount for _, amount in shop.items("Square Balance"))
    (payout,) = [each for each in shop.tie().entries if each.amount == 26993]
    shop.choose(Choice(lines=(1,), items=(payout.entry_id,)))
    shop.post()
    items = shop.items("Square Balance")
    assert sum(amount for _, amount in items) == open_before - 26993
    assert "unknown" not in {cause for cause, _ in items}


def test_an_unmatched_bank_line_takes_back_what_it_booked_and_keeps_its_history(shop: Shop) -> None:
    shop.keep("2026-03-18,CASH DEPOSIT,89.80,USD")
    before = shop.balances()
    (day,) = [each for each in shop.tie().entries if each.amount == 8980]
    made = shop.choose(Choice(lines=(1,), items=(day.entry_id,)))
    assert shop.post()["posted"] == 1
    undone = undo(shop.house, made.id, by="Ben", reason="not ours")
    assert shop.booked(undone)[1] == [("Checking", -8980), (day.channel, 8980)]
    assert shop.post()["posted"] == 1
    assert shop.balances() == before
    assert (undone.state, undone.accepted_by, undone.undone_by, undone.reason) == ("undone", "Ada", "Ben", "not ours")
    again = shop.choose(Choice(lines=(1,), items=(day.entry_id,)))
    assert [sum(amount for account, amount in of if account == "Checking") for of in shop.booked(again)] == [
        8980, -8980, 8980,
    ]  # fmt: skip


def test_a_match_that_is_undone_before_it_was_sent_leaves_nothing_to_send(shop: Shop) -> None:
    shop.keep("2026-03-18,CASH DEPOSIT,89.80,USD")
    (day,) = [each for each in shop.tie().entries if each.amount == 8980]
    made = shop.choose(Choice(lines=(1,), items=(day.entry_id,)))
    undo(shop.house, made.id, by="Ben")
    assert shop.booked(made) == [] and shop.post()["posted"] == 0


def test_row_100_a_match_whose_record_the_books_refuse_stays_with_its_reason_and_is_booked_once_they_take_it(
    shop: Shop,
) -> None:
    shop.keep("2026-03-21,MONTHLY ACCOUNT FEE,-7.77,USD")
    made = shop.choose(Choice(lines=(1,), rest="Bank Charges"))
    settings = f"{shop.books.base_url}/_sandbox/settings"
    requests.post(settings, json={"book_close_date": "2026-03-31"}, timeout=9).raise_for_status()
    try:
        assert shop.post()["rejected"] == 1
    finally:
        requests.post(settings, json={"book_close_date": ""}, timeout=9).raise_for_status()
    told = [each.reason for of in status(shop.house) for each in of.waiting if each.state == "rejected"]
    assert len(told) == 1 and "closed" in told[0].casefold()
    assert shop.post()["posted"] == 0, "what was refused is not sent again by itself"
    assert post_again(shop.house, shop.feed()) == 1
    assert (shop.post()["posted"], len(shop.booked(made)), shop.broken()) == (1, 1, [])


def test_a_line_is_coded_to_an_account_and_taken_back(shop: Shop) -> None:
    shop.keep("2026-03-20,MONTHLY ACCOUNT FEE,-12.34,USD")
    made = shop.choose(Choice(lines=(1,), rest="Bank Charges"))
    assert shop.booked(made) == [[("Checking", -1234), ("Bank Charges", 1234)]]
    assert made.items == ("account|Bank Charges|",) and shop.broken() == []
    assert shop.post()["posted"] == 1
    mark, of = shop.mark(made), shop.feed()
    with pytest.raises(Unreadable, match="connector reconcile match undo"), shop.house.database.transaction() as tx:
        chosen(tx, of, [mark])
    undo(shop.house, made.id, by="Ada")
    assert shop.post()["posted"] == 1


def test_a_line_is_split_over_a_deposit_and_two_accounts(shop: Shop) -> None:
    shop.keep("2026-03-21,COUNTER CREDIT,95.00,USD")
    day = next(each for each in shop.tie().entries if each.amount == 8980)
    coded = (Coded(account="Sales of Product Income", tax_code="", amount=700),
             Coded(account="Bank Charges", tax_code="", amount=-180))  # fmt: skip
    made = shop.choose(Choice(lines=(1,), items=(day.entry_id,), coded=coded))
    assert shop.booked(made) == [
        [("Checking", 9500), (day.channel, -8980), ("Sales of Product Income", -700), ("Bank Charges", 180)]
    ]
    assert shop.kinds(made) == ["Deposit"] and shop.broken() == []
    assert shop.post()["posted"] == 1


def test_a_split_that_does_not_add_up_is_refused_and_says_by_how_much(shop: Shop) -> None:
    shop.keep("2026-03-21,COUNTER CREDIT,95.00,USD")
    day = next(each for each in shop.tie().entries if each.amount == 8980)
    with pytest.raises(Unreadable, match=r"5\.20 USD off"):
        shop.choose(Choice(lines=(1,), items=(day.entry_id,)))
    assert [each.state for each in shop.tie().lines] == ["open"]


def test_an_account_that_the_books_lack_leaves_the_line_open(shop: Shop) -> None:
    shop.keep("2026-03-20,MONTHLY ACCOUNT FEE,-12.34,USD")
    with pytest.raises(Unreadable, match="no account 'Nowhere'"):
        shop.choose(Choice(lines=(1,), rest="Nowhere"))
    assert shop.tie().matches == () and shop.post()["posted"] == 0


def test_a_small_difference_is_written_off_under_the_owners_rule_and_reversed_by_undo(shop: Shop) -> None:
    shop.keep("2026-03-16,SQUARE INC L260316000002,117.08,USD")
    assert shop.tie().matches == ()
    shop.rule({"write_off": [
        {"currency": "USD", "at_most": "0.05", "percent": "1", "account": "Bank Charges", "tax": "NON",
         "channel": "Square"}]})  # fmt: skip
    done = only(shop.tie(certain=True), "accepted")
    assert (done.made.residual, done.made.write_off) == (-3, ("Bank Charges", "NON"))
    assert shop.booked(done) == [[("Checking", 11708), ("Square Balance", -11711), ("Bank Charges", 3)]]
    assert shop.post()["posted"] == 1
    undone = undo(shop.house, done.id, by="Ada")
    assert shop.booked(undone)[1] == [("Checking", -11708), ("Square Balance", 11711), ("Bank Charges", -3)]
    assert shop.post()["posted"] == 1 and shop.broken() == []


def test_takings_less_a_fee_that_a_model_says_are_booked_with_the_model_named(shop: Shop) -> None:
    shop.rule({"channels": [{
        "name": "Square Cash Clearing", "descriptors": ["WORLDPAY"], "latest": 6,
        "fee": {"name": "Worldpay 1.5 % + 0.10", "percent": "1.5", "each": "0.10",
                "band_percent": "0.5"}}]})  # fmt: skip
    day = next(each for each in shop.tie().entries if each.amount == 8980)
    assert (day.fee, day.band) == (155, 45)
    shop.keep(f"2026-03-17,WORLDPAY 5543,{(8980 - day.fee - 20) / 100:.2f},USD")
    found = only(shop.tie())
    assert (found.made.rung, found.made.confidence, found.made.fee) == (7, "likely", day.fee + 20)
    done = accept(shop.house, found.id, by="Ada")
    fee = day.fee + 20
    assert shop.booked(done) == [[("Checking", 8980 - fee), ("Square Cash Clearing", -8980), ("Square Fees", fee)]]
    assert done.made.fee_model == "by the model Worldpay 1.5 % + 0.10"
    number = shop.feed().id
    with shop.house.database.transaction() as tx:
        (row,) = [row for row in documents_of(tx, number) if "Worldpay" in row.narration]
    assert "fee by the model Worldpay 1.5 % + 0.10" in row.narration
    assert shop.post()["posted"] == 1 and shop.broken() == []
    assert sum(amount for _, amount in shop.items("Square Cash Clearing")) == sum(
        each.amount for each in shop.tie().entries if each.channel == "Square Cash Clearing"
    )


def test_outside_the_band_of_the_model_a_deposit_waits(shop: Shop) -> None:
    shop.rule({"channels": [{
        "name": "Square Cash Clearing", "descriptors": ["WORLDPAY"],
        "fee": {"percent": "1.5", "band_percent": "0.5"}}]})  # fmt: skip
    shop.keep("2026-03-17,WORLDPAY 5543,80.00,USD")
    assert [each for each in shop.tie().matches if each.made.rung == 7] == []


def test_an_acquirers_table_tells_the_fee_and_its_batch(shop: Shop) -> None:
    day = next(each for each in shop.tie().entries if each.amount == 8980)
    batch = AcquirerBatch(
        account=day.channel, day=day.day, reference="WP775501", currency="USD", gross=8980, fee=211, origin="wp.csv"
    )
    assert keep_batches(shop.house, shop.feed(), [batch]) == (1, 0)
    assert keep_batches(shop.house, shop.feed(), [batch]) == (0, 1)
    shop.keep("2026-03-18,MERCHANT WP775501,87.69,USD")
    done = only(shop.tie(certain=True), "accepted")
    assert (done.made.fee, done.made.fee_model) == (211, "told by wp.csv, batch WP775501")
    assert shop.booked(done) == [[("Checking", 8769), (day.channel, -8980), ("Square Fees", 211)]]


def test_a_rule_codes_lines_to_an_account_and_certain_ones_are_booked_where_the_feed_allows(shop: Shop) -> None:
    of = shop.feed().id
    with shop.house.database.transaction() as tx:
        set_choice(tx, of, "certain", "apply")
    number = shop.rule({"channels": [
        {"name": "account fee", "descriptors": ["ACCOUNT FEE"], "code_to": "Bank Charges",
         "approved": True}]})  # fmt: skip
    shop.keep("2026-03-22,MONTHLY ACCOUNT FEE,-7.77,USD")
    done = only(shop.tie(), "accepted")
    assert (done.accepted_by, shop.booked(done)) == ("connector", [[("Checking", -777), ("Bank Charges", 777)]])
    retire_rule(shop.house, number, by="Olga")
    shop.keep("2026-04-22,MONTHLY ACCOUNT FEE,-7.77,USD")
    assert len(shop.tie().matches) == 1


def test_a_rule_that_people_took_back_twice_only_suggests(shop: Shop) -> None:
    shop.rule({"channels": [
        {"name": "account fee", "descriptors": ["ACCOUNT FEE"], "code_to": "Bank Charges",
         "approved": True}]})  # fmt: skip
    shop.keep("2026-03-22,MONTHLY ACCOUNT FEE,-7.77,USD", "2026-04-22,MONTHLY ACCOUNT FEE,-8.88,USD")
    for each in shop.tie(certain=True).matches:
        undo(shop.house, each.id, by="Ada")
    assert contradicted_rules(shop.house, shop.feed()) == ["account fee"]
    shop.keep("2026-05-22,MONTHLY ACCOUNT FEE,-9.99,USD")
    assert {each.made.confidence for each in shop.tie(certain=True).matches if each.state == "proposed"} == {"likely"}


def test_a_line_that_is_set_aside_can_be_opened_again(shop: Shop) -> None:
    shop.keep("2026-03-20,PRIVATE,-5.00,USD")
    ignore(shop.house, 1, by="Ada", reason="private")
    with pytest.raises(Unreadable, match="with --as"):
        unignore(shop.house, 1, by=" ")
    line = unignore(shop.house, 1, by="Ben", reason="it was not")
    assert (line.state, line.reason) == ("open", "private (Ada); opened again by Ben: it was not")
    with pytest.raises(Unreadable, match="not ignored"):
        unignore(shop.house, 1, by="Ben")


def test_a_foreign_deposit_that_is_matched_lets_the_payouts_own_document_go_with_the_exchange_difference(
    shop: Shop, posted: tuple[Path, Town]
) -> None:
    name = "amazon-quickbooks"
    with taking_currencies(posted[1]):
        read_books(shop.house, shop.feed(name), shop.house.books(shop.books), afresh=True)
    rates = 'exchange: {home: CAD, rates: {USD: {2026-04-01: "1.2900"}}}\n'
    of = shop.feed(name)
    with shop.house.database.transaction() as tx:
        keep_map(tx, of.id, MAP + rates)
    pull_file(shop.house, of.source, FOREIGN)
    journalize(shop.house, of)
    waiting = shop.shelved(name)
    assert [code for code in waiting if code == "missing_deposit"] != []
    shop.keep("2026-05-01,AMAZON.COM MKTPLACE,968.56,CAD")
    found = only(shop.tie(of=name))
    assert (found.made.confidence, found.made.exchange, found.items) == ("likely", 239, ("payout|28471003777",))
    assert ("implied_rate", "1.293189", "within 2.50 % of 1.2900") in found.made.evidence
    done = accept(shop.house, found.id, by="Ada")
    journalize(shop.house, shop.feed(name))
    assert len(shop.shelved(name)) == len(waiting) - 1
    assert shop.lines_of("28471003777", name)[-1] == [
        ("Checking", 96856), ("Amazon.com Clearing", -96617), ("Exchange Gain or Loss", -239)
    ]  # fmt: skip
    assert done.period == "" and shop.broken() == []


@contextmanager
def taking_currencies(here: Town) -> Iterator[None]:
    """The books take several currencies; not for longer, for all tests of the file share them."""
    settings = Settings(here.quickbooks.shelf, QUICKBOOKS_SETTINGS)
    settings.change({"multi_currency": True})
    try:
        yield
    finally:
        settings.change({"multi_currency": False})


def booked_by_hand(here: Town, debit: str, credit: str, amount: str) -> str:
    """The bookkeeper's own journal of 24 March; gives its number."""
    lines = [
        {"Amount": float(amount), "DetailType": "JournalEntryLineDetail",
         "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account}}}
        for side, account in (("Debit", debit), ("Credit", credit))
    ]  # fmt: skip
    token = {"Authorization": f"Bearer {here.personal_token('quickbooks')}"}
    address = f"{here.quickbooks.base_url}/v3/company/{REALM}/journalentry"
    answer = requests.post(address, json={"TxnDate": "2026-03-24", "Line": lines}, headers=token, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["JournalEntry"]["Id"])


def test_what_somebody_booked_by_hand_is_adopted_for_a_match_and_stays_when_it_is_undone(
    shop: Shop, posted: tuple[Path, Town]
) -> None:
    chart = shop.house.books(shop.books).books()
    bank, charges = chart.account("Checking"), chart.account("Bank Charges")
    assert bank and charges
    theirs = booked_by_hand(posted[1], charges.account_id, bank.account_id, "4.44")
    before = shop.balances()
    shop.keep("2026-03-24,STOP PAYMENT FEE,-4.44,USD")
    shop.tie()
    made = shop.choose(Choice(lines=(1,), rest="Bank Charges"))
    assert shop.post()["rejected"] == 1
    adopt_deposit(shop.house, shop.mark(made), theirs, by="Ada")
    assert shop.post()["posted"] == 0 and shop.kinds(made) == ["JournalEntry"]
    undo(shop.house, made.id, by="Ben")
    assert shop.post()["posted"] == 0 and shop.balances() == before


def close_books(shop: Shop, here: Town, until: str) -> None:
    switch = {"book_close_date": until}
    requests.post(f"{here.quickbooks.base_url}/_sandbox/settings", json=switch, timeout=10).raise_for_status()
    read_books(shop.house, shop.feed(), shop.house.books(shop.books), afresh=True)


def test_in_closed_books_an_unmatched_line_is_taken_back_on_the_first_open_day(
    shop: Shop, posted: tuple[Path, Town]
) -> None:
    shop.keep("2026-03-25,COURIER,-5.55,USD")
    shop.tie()
    made = shop.choose(Choice(lines=(1,), rest="Bank Charges"))
    assert shop.post()["posted"] == 1
    close_books(shop, posted[1], "2026-03-31")
    try:
        undo(shop.house, made.id, by="Ben", reason="private")
        assert shop.post()["posted"] == 1
        assert shop.booked(made) == [
            [("Checking", -555), ("Bank Charges", 555)],
            [("Checking", 555), ("Bank Charges", -555)],
        ]
        assert shop.days(made) == [date(2026, 3, 25), date(2026, 4, 1)]
    finally:
        close_books(shop, posted[1], "")
