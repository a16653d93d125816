"""Versions of the account map against real books: from which day they are, what keeps the older one, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connector.store.account_maps import keep_map
from connector.store.feeds import Feed, feed
from connector.store.ledger import documents_of, read_document
from connector.sync.accounts import open_accounts
from connector.sync.explain import explain
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.map_shown import shown_map
from connector.sync.post import post
from connector.sync.status import status
from tests.sync.walking import MAP, connected, documents_in, house, town, walked

SECOND = "slots: {bank: Checking, service_charge: Square Service Charge Income, tips: Tips of the new map}\n"


@pytest.fixture
def posted(tmp_path: Path) -> Iterator[tuple[House, str]]:
    with town(tmp_path) as shops, house(tmp_path) as ready:
        connected(ready, shops, "quickbooks")
        walked(ready)
        yield ready, shops.quickbooks.base_url


def square(ready: House) -> Feed:
    with ready.database.transaction() as tx:
        return feed(tx, "square-quickbooks")


def versions(ready: House) -> dict[date, int]:
    here = square(ready).id
    with ready.database.transaction() as tx:
        return {row.date: row.map_version for row in documents_of(tx, here) if row.kind == "sales"}


def test_row_38_a_posted_document_keeps_the_version_it_was_made_with(posted: tuple[House, str]) -> None:
    ready, address = posted
    before, made_with = documents_in(address), versions(ready)
    here = square(ready).id
    with ready.database.transaction() as tx:
        assert keep_map(tx, here, SECOND, author="Ana", reason="a tip jar of its own") == 2
    journalize(ready, square(ready))
    post(ready, square(ready).target)
    assert documents_in(address) == before
    assert versions(ready) == made_with
    assert set(made_with.values()) == {1}


def test_days_before_a_version_begins_are_made_with_the_one_before(tmp_path: Path) -> None:
    with town(tmp_path) as shops, house(tmp_path) as ready:
        connected(ready, shops, "quickbooks")
        here = square(ready).id
        with ready.database.transaction() as tx:
            keep_map(tx, here, SECOND, author="Ana", valid_from=date(2026, 11, 21))
        walked(ready)
        made_with = versions(ready)
        assert {day: number for day, number in made_with.items() if number != 1 + (day >= date(2026, 11, 21))} == {}
        assert set(made_with.values()) >= {1}


def test_explain_tells_the_version_and_why_each_line_stands_where_it_does(posted: tuple[House, str]) -> None:
    ready, _ = posted
    here = square(ready).id
    with ready.database.transaction() as tx:
        keep_map(tx, here, MAP + "codes: [{kind: sale, account: Elsewhere}]\n", author="Ana")
        rows = [row for row in documents_of(tx, here) if row.kind == "sales"]
        mark = read_document(tx, rows[0]).mark
    told = explain(ready, mark)
    assert told.made_with is not None
    assert told.made_with.number == 1
    reasons = {each.line.account: each.why for each in told.lines}
    assert reasons["Square Sales"] == ("Square proposes it for the slot sales",)


def test_the_map_is_shown_with_what_decides_and_what_waits(posted: tuple[House, str]) -> None:
    ready, _ = posted
    here = square(ready).id
    with ready.database.transaction() as tx:
        keep_map(tx, here, "codes: [{kind: sale, code: Food, account: Sales of food}]\n")
    rows = {(row.kind, row.code): row for row in shown_map(ready, square(ready))}
    food, bank = rows["sale", "Food"], rows["bank", ""]
    assert (food.account, food.why, food.is_there) == ("Sales of food", "the map decides sale 'Food'", False)
    assert (bank.account, bank.why) == ("", "The bank account of Square is never guessed.")
    assert rows["tender", "CARD"].is_there


def test_what_waits_says_for_which_decisions_and_goes_when_they_are_there(tmp_path: Path) -> None:
    with town(tmp_path) as shops, house(tmp_path) as ready:
        connected(ready, shops, "quickbooks")
        here = square(ready).id
        with ready.database.transaction() as tx:
            keep_map(tx, here, "slots: {service_charge: Square Service Charge Income}\n")
        walked(ready)
        waiting = [each for each in status(ready)[0].waiting if each.state == "held"]
        assert {each.waits_for for each in waiting} == {("slot bank",)}
        assert all(each.amount > 0 and each.currency for each in waiting)
        here = square(ready).id
        with ready.database.transaction() as tx:
            keep_map(tx, here, MAP)
        journalize(ready, square(ready))
        open_accounts(ready, square(ready))
        post(ready, square(ready).target)
        assert not [each for each in status(ready)[0].waiting if each.state == "held"]
