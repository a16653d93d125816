"""What changes after posting: shown first, corrected by the difference, taken back on demand, never silently edited."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import requests

from connector.cli.diff import plan_body
from connector.errors import Unreadable
from connector.sandbox.square import change
from connector.sandbox.square_month import fill_month
from connector.sandbox.town import Town
from connector.store.feeds import Feed, connection, feed, set_choice, set_tax_filed
from connector.store.ledger import documents_of, read_document, shelves_of, unconserved
from connector.store.tables import DocumentRow
from connector.sync.accounts import open_accounts
from connector.sync.house import House
from connector.sync.journalize import journalize, read_books
from connector.sync.plan import applicable, diff, read_plan
from connector.sync.post import Posted, post
from connector.sync.pull import pull
from connector.sync.undo import chosen, undo, undo_plan
from tests.sync.walking import balances_in, connected, documents_in, house, town


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A month of Square in QuickBooks, posted; the till can change."""

    house: House
    town: Town
    feed_id: int

    @property
    def feed(self) -> Feed:
        """As it now stands; not to be asked for within a transaction."""
        with self.house.database.transaction() as tx:
            return feed(tx, "square-quickbooks")

    def till_changes(self) -> None:
        change(self.town.square.shelf)
        with self.house.database.transaction() as tx:
            square = connection(tx, "square")
        assert pull(self.house, square).new > 0

    def documents(self) -> list[DocumentRow]:
        with self.house.database.transaction() as tx:
            assert unconserved(tx, self.feed_id) == []
            return documents_of(tx, self.feed_id)

    def post(self) -> Posted:
        return post(self.house, self.feed.target)

    @property
    def in_books(self) -> list[tuple[str, str, str]]:
        return documents_in(self.town.quickbooks.base_url)

    def close_books(self, until: str) -> None:
        switch = {"book_close_date": until}
        requests.post(f"{self.town.quickbooks.base_url}/_sandbox/settings", json=switch, timeout=10).raise_for_status()
        read_books(self.house, self.feed, self.house.books(self.feed.target), afresh=True)

    def corrections(self) -> list[DocumentRow]:
        return [row for row in self.documents() if row.version > 1]


@contextmanager
def opened(folder: Path) -> Iterator[Shop]:
    with town(folder) as here, house(folder) as ready:
        fill_month(here.square.shelf)
        connected(ready, here, "quickbooks")
        with ready.database.transaction() as tx:
            square, found = connection(tx, "square"), feed(tx, "square-quickbooks")
        shop = Shop(house=ready, town=here, feed_id=found.id)
        pull(ready, square)
        open_accounts(ready, shop.feed)
        journalize(ready, shop.feed)
        assert shop.post().rejected == 0
        yield shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path) as ready:
        yield ready


def test_diff_shows_what_would_be_corrected_and_stores_and_sends_nothing(shop: Shop) -> None:
    shop.till_changes()
    before, written = shop.documents(), shop.in_books
    plan = diff(shop.house, shop.feed)
    assert {found.action for found in plan.changes} == {"correct"}
    assert all(found.document.version == 2 for found in plan.changes)
    assert sum(plan.accounts.values()) == 0, "what a plan moves, it moves between accounts"
    assert shop.documents() == before and shop.in_books == written
    assert diff(shop.house, shop.feed) == plan


def test_a_correction_moves_the_books_by_exactly_what_the_plan_said(shop: Shop) -> None:
    shop.till_changes()
    plan, before = diff(shop.house, shop.feed), balances_in(shop.town.quickbooks.base_url)
    journalize(shop.house, shop.feed)
    assert shop.post().posted == len(plan.changes)
    after = balances_in(shop.town.quickbooks.base_url)
    moved = {name: after.get(name, 0) - before.get(name, 0) for name in {*after, *before}}
    said: dict[str, int] = {}
    for (account, _, _), amount in plan.accounts.items():
        said[account] = said.get(account, 0) + amount
    assert {name: amount for name, amount in moved.items() if amount} == {n: a for n, a in said.items() if a}
    assert diff(shop.house, shop.feed).changes == ()


def test_a_plan_on_file_is_applied_exactly_or_not_at_all(shop: Shop) -> None:
    shop.till_changes()
    plan = read_plan(json.dumps(plan_body(diff(shop.house, shop.feed))).encode())
    written = shop.in_books
    only = applicable(shop.house, shop.feed, plan)
    assert post(shop.house, shop.feed.target, only=only).posted == len(plan.documents)
    assert len(shop.in_books) == len(written) + len(plan.documents)
    assert applicable(shop.house, shop.feed, plan) == only, "applied already: nothing more is sent"
    assert post(shop.house, shop.feed.target, only=only).posted == 0


def test_a_plan_that_is_out_of_date_sends_nothing(shop: Shop) -> None:
    shop.till_changes()
    plan = read_plan(json.dumps(plan_body(diff(shop.house, shop.feed))).encode())
    with shop.house.database.transaction() as tx:
        set_choice(tx, shop.feed_id, "amends", "hold")
    written = shop.in_books
    with pytest.raises(Unreadable, match="out of date"):
        applicable(shop.house, shop.feed, plan)
    assert shop.in_books == written


def test_a_feed_that_holds_corrections_shows_them_and_sends_none(shop: Shop) -> None:
    with shop.house.database.transaction() as tx:
        set_choice(tx, shop.feed_id, "amends", "hold")
    shop.till_changes()
    journalize(shop.house, shop.feed)
    assert shop.corrections() == []
    with shop.house.database.transaction() as tx:
        assert "changed_after_posting" in {shelf.code for shelf, _ in shelves_of(tx, shop.feed_id)}
    assert shop.post().posted == 0


def test_a_correction_of_a_closed_month_goes_to_the_first_open_day_and_says_so(shop: Shop) -> None:
    shop.close_books("2026-10-31")
    shop.till_changes()
    journalize(shop.house, shop.feed)
    moved = shop.corrections()
    assert moved and {str(row.date) for row in moved} == {"2026-11-01"}
    assert all(row.prior_period and "prior period, belongs to 2026-" in row.narration for row in moved)
    assert shop.post().rejected == 0
    assert journalize(shop.house, shop.feed).changed == 0


def test_a_correction_of_a_month_whose_tax_is_filed_goes_behind_it_too(shop: Shop) -> None:
    last = shop.documents()[-1].date
    with shop.house.database.transaction() as tx:
        set_tax_filed(tx, "Main Street", last)
    shop.till_changes()
    journalize(shop.house, shop.feed)
    corrections = shop.corrections()
    with shop.house.database.transaction() as tx:
        taxed = [row for row in corrections if any(line.role == "tax" for line in read_document(tx, row).lines)]
    assert taxed and all(row.date > last and row.prior_period for row in taxed)


def test_a_correction_of_a_closed_month_is_held_where_the_owner_wants_it(shop: Shop) -> None:
    with shop.house.database.transaction() as tx:
        set_choice(tx, shop.feed_id, "late", "hold")
    shop.close_books("2026-10-31")
    shop.till_changes()
    journalize(shop.house, shop.feed)
    assert shop.corrections() == []
    with shop.house.database.transaction() as tx:
        held = [shelf for shelf, _ in shelves_of(tx, shop.feed_id) if shelf.code == "closed_period"]
    assert held and "2026-10-31" in held[0].detail
    shop.close_books("")
    journalize(shop.house, shop.feed)
    assert shop.corrections(), "it goes by itself when the books are open"


def test_what_is_undone_is_taken_back_to_the_cent_and_stays_parked(shop: Shop) -> None:
    first, found = shop.documents()[0], shop.feed
    before = balances_in(shop.town.quickbooks.base_url)
    with shop.house.database.transaction() as tx:
        rows = chosen(tx, found, [first.mark])
        lines = read_document(tx, first).lines
    plan = undo_plan(shop.house, shop.feed, rows)
    assert [found.action for found in plan.changes] == ["reverse"]
    assert shop.documents()[0] == first and len(shop.corrections()) == 0, "a plan stores nothing"
    assert undo(shop.house, shop.feed, rows, by="Ada", reason="posted twice by hand") == 1
    assert journalize(shop.house, shop.feed).changed == 0, "an unsent reversal is not taken back by a run"
    assert shop.post().posted == 1
    after = balances_in(shop.town.quickbooks.base_url)
    for line in lines:
        same = sum(each.amount for each in lines if each.account == line.account)
        assert after.get(line.account, 0) == before.get(line.account, 0) - same
    with shop.house.database.transaction() as tx:
        (parked,) = [shelf for shelf, _ in shelves_of(tx, shop.feed_id) if shelf.state == "parked"]
    assert parked.code == "undone" and "Ada: posted twice by hand" in parked.detail
    assert journalize(shop.house, shop.feed).changed == 0
    assert shop.post().posted == 0
    with shop.house.database.transaction() as tx:
        rest = chosen(tx, found, [], date(2000, 1, 1), date(2100, 1, 1))
    assert rest and first.business_key not in {row.business_key for row in rest}, "a stretch leaves out what is undone"
    with pytest.raises(Unreadable, match="not ours to take back any more: Undone by Ada"):
        undo_plan(shop.house, shop.feed, rows)
    assert {found.action for found in undo_plan(shop.house, shop.feed, rest).changes} == {"reverse"}


def test_what_is_not_in_the_books_cannot_be_undone(shop: Shop) -> None:
    found = shop.feed
    with shop.house.database.transaction() as tx:
        with pytest.raises(Unreadable, match="No document has the mark"):
            chosen(tx, found, ["SQ-20260101-AAAAAA"])
        with pytest.raises(Unreadable, match="Say which documents"):
            chosen(tx, found, [])
        with pytest.raises(Unreadable, match="ends before that, on 2026-03-01"):
            chosen(tx, found, [], date(2026, 3, 31), date(2026, 3, 1))
        with pytest.raises(Unreadable, match="in the books is dated from 2099-01-01 to 2099-01-31"):
            chosen(tx, found, [], date(2099, 1, 1), date(2099, 1, 31))
