"""Posting in bad weather: answers lost, books busy, refusals; a document is in the books once, or says why not."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connector.sandbox.faults import Fault
from connector.sandbox.square_weekend import CANARIES
from connector.sandbox.town import House as StandIn
from connector.settings import Settings
from connector.store.feeds import connection, feeds
from connector.sync.accounts import open_accounts
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import Posted, post, post_again
from connector.sync.pull import pull, pull_file
from connector.sync.status import status
from tests.opened import house as open_house
from tests.sync.walking import NOW, SETTLEMENT, connected, documents_in, town

Documents = list[tuple[str, str, str]]
WRITES = {"quickbooks": ("POST", "/journalentry"), "xero": ("PUT", "/Invoices")}
REFUSAL = {"Fault": {"Error": [{"Message": "Business Validation Error", "Detail": "No.", "code": "6000"}],
                     "type": "ValidationFault"}}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Clock:
    """The time as the test tells it."""

    at: datetime = field(default=NOW)

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A house whose outbox is full and whose books are empty."""

    house: House
    books: StandIn
    target: str
    clock: Clock

    def post(self) -> Posted:
        with self.house.database.transaction() as tx:
            found = connection(tx, self.target)
        return post(self.house, found)

    @property
    def documents(self) -> Documents:
        return documents_in(self.books.base_url)

    def lose_answer(self, when: str) -> None:
        """The next write of a document gets no answer."""
        method, path = WRITES[self.target]
        cut = Fault(cut="before" if when == "before" else "after", method=method, path_contains=path)
        self.books.faults.add(cut)

    def states(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for each in status(self.house):
            for state, count in each.postings.items():
                counts[state] = counts.get(state, 0) + count
        return counts


@contextmanager
def ready(folder: Path, target: str, *, settle: int = 0) -> Iterator[Ready]:
    """Everything is pulled and journalized, nothing is posted."""
    clock = Clock()
    with town(folder) as opened, open_house(Settings(home=folder / "data", settle_seconds=settle), clock) as house:
        connected(house, opened, target)
        with house.database.transaction() as tx:
            square, amazon, all_feeds = connection(tx, "square"), connection(tx, "amazon"), feeds(tx)
        pull(house, square)
        pull_file(house, amazon, SETTLEMENT)
        for feed in all_feeds:
            open_accounts(house, feed)
            journalize(house, feed)
        yield Ready(house=house, books=opened.houses[target], target=target, clock=clock)


@pytest.fixture(scope="module")
def fair(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Documents]:
    """What the books hold when nothing goes wrong, by target."""
    found = {}
    for target in WRITES:
        with ready(tmp_path_factory.mktemp(target), target) as house:
            house.post()
            found[target] = house.documents
    return found


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("target", list(WRITES))
def test_a_document_whose_answer_was_lost_is_in_the_books_once(
    target: str, when: str, tmp_path: Path, fair: dict[str, Documents]
) -> None:
    """Lost before the commit it is sent again; lost after it, it is found by its mark and adopted."""
    with ready(tmp_path, target) as house:
        house.lose_answer(when)
        done = house.post()
        assert (done.adopted > 0) == (when == "after")
        assert (done.rejected, done.waiting, done.drifted) == (0, 0, 0)
        assert house.documents == fair[target]
        assert set(house.states()) == {"verified"}
        again = house.post()
        assert (again.posted, again.adopted) == (0, 0)
        assert house.documents == fair[target]


@pytest.mark.parametrize("target", list(WRITES))
def test_answers_that_are_lost_again_and_again_double_nothing(
    target: str, tmp_path: Path, fair: dict[str, Documents]
) -> None:
    with ready(tmp_path, target) as house:
        for when in ("after", "before", "after", "before", "before"):
            house.lose_answer(when)
        for _ in range(6):
            house.post()
            house.clock.at += timedelta(hours=2)
        assert house.documents == fair[target]
        assert set(house.states()) == {"verified"}


def test_an_unknown_outcome_is_left_to_settle_before_the_books_are_asked(
    tmp_path: Path, fair: dict[str, Documents]
) -> None:
    with ready(tmp_path, "quickbooks", settle=300) as house:
        house.lose_answer("after")
        assert house.post().waiting == 1
        assert house.states()["unknown"] == 1
        house.clock.at = NOW + timedelta(seconds=299)
        assert house.post() == Posted(waiting=1)
        house.clock.at = NOW + timedelta(seconds=300)
        assert house.post().adopted == 1
        assert house.documents == fair["quickbooks"]


def test_a_lost_request_is_sent_again_only_after_two_looks_a_minute_apart_found_nothing(
    tmp_path: Path, fair: dict[str, Documents]
) -> None:
    """A list may show late what was written: one look is not enough."""
    with ready(tmp_path, "quickbooks", settle=300) as house:
        house.lose_answer("before")
        house.post()
        missing = len(fair["quickbooks"]) - 1
        for seconds, there in ((300, missing), (359, missing), (360, missing + 1)):
            house.clock.at = NOW + timedelta(seconds=seconds)
            house.post()
            assert len(house.documents) == there, seconds
        assert house.documents == fair["quickbooks"]


def test_in_steady_state_no_record_is_read_again(tmp_path: Path) -> None:
    """The answer to the write is what is compared."""
    with ready(tmp_path, "quickbooks") as house:
        house.books.faults.add(Fault(status=500, method="GET", times=50))
        done = house.post()
        assert (done.waiting, done.verified, done.drifted) == (0, done.posted, 0)


@pytest.mark.parametrize("target", list(WRITES))
def test_busy_books_are_left_alone_until_the_moment_they_name(
    target: str, tmp_path: Path, fair: dict[str, Documents]
) -> None:
    with ready(tmp_path, target) as house:
        method, path = WRITES[target]
        busy = Fault(status=429, body=b"{}", headers={"Retry-After": "120"}, method=method, path_contains=path)
        house.books.faults.add(busy)
        assert house.post().waiting > 0
        assert house.states()["planned"] > 0 and len(house.documents) < len(fair[target])
        house.clock.at = NOW + timedelta(seconds=119)
        assert house.post().posted == 0
        house.clock.at = NOW + timedelta(seconds=121)
        assert house.post().posted > 0
        assert house.documents == fair[target]


def test_a_refused_document_is_seen_with_the_reason_and_the_others_go_in(
    tmp_path: Path, fair: dict[str, Documents]
) -> None:
    with ready(tmp_path, "quickbooks") as house:
        house.books.faults.add(Fault(status=400, body=json.dumps(REFUSAL).encode(), path_contains="/journalentry"))
        done = house.post()
        assert (done.rejected, done.posted) == (1, len(fair["quickbooks"]) - 1)
        refused = [each for feed in status(house.house) for each in feed.waiting if each.state == "rejected"]
        assert [(each.code, each.movements > 0) for each in refused] == [("rejected", True)]
        assert "Business Validation Error" in refused[0].reason
        assert house.post().posted == 0, "what was refused for good is not sent again by itself"
        (refusing,) = [each.feed for each in status(house.house) if each.postings.get("rejected")]
        assert post_again(house.house, refusing) == 1
        assert house.post().posted == 1
        assert house.documents == fair["quickbooks"]
        assert set(house.states()) == {"verified"}


def test_books_that_end_the_consent_keep_every_document_waiting(tmp_path: Path, fair: dict[str, Documents]) -> None:
    with ready(tmp_path, "quickbooks") as house:
        for written in ("/journalentry", "/transfer"):
            house.books.faults.add(Fault(status=401, body=b"{}", path_contains=written, times=50))
        done = house.post()
        assert (done.posted, done.rejected) == (0, 0), "once they say no, nothing more is sent"
        house.books.faults.clear()
        house.clock.at += timedelta(hours=2)
        house.post()
        assert house.documents == fair["quickbooks"]


def test_a_document_of_another_hand_under_our_mark_is_not_taken_for_ours(
    tmp_path: Path, fair: dict[str, Documents]
) -> None:
    """The answer is lost after the commit; before we look, ours is another day's."""
    with ready(tmp_path, "quickbooks", settle=300) as house:
        house.lose_answer("after")
        house.post()
        with closing(sqlite3.connect(tmp_path / "data" / "connector.db")) as database, database:
            changed = "update posting set payload = replace(cast(payload as text), '2026-', '2027-')"
            assert database.execute(f"{changed} where state = 'unknown'").rowcount == 1
        house.clock.at = NOW + timedelta(seconds=301)
        assert house.post().adopted == 0
        (doubted,) = [each for feed in status(house.house) for each in feed.waiting if each.state == "unknown"]
        assert "The books hold another document marked" in doubted.reason
        assert house.documents == fair["quickbooks"]


def test_nothing_that_names_a_customer_is_kept(tmp_path: Path) -> None:
    with ready(tmp_path, "quickbooks") as house:
        house.post()
    with closing(sqlite3.connect(tmp_path / "sandbox" / "square.shop")) as shop:
        told = cells_in(shop)
    assert [name for name in CANARIES if name.encode() not in told] == [], "the shop tells them, or this shows nothing"
    kept = everything_in(tmp_path / "data" / "connector.db")
    assert b"MAINP000009" in kept
    assert [name for name in CANARIES if name.encode() in kept] == []


def everything_in(file: Path) -> bytes:
    """Each cell of each table, and the bodies of the pages unpacked."""
    with closing(sqlite3.connect(file)) as database:
        cells = cells_in(database)
        pages: dict[int, bytes] = {}
        for page, body in database.execute("select page_id, body from page_chunk order by page_id, n"):
            pages[page] = pages.get(page, b"") + body
    assert pages
    return b"\n".join([cells, *map(zlib.decompress, pages.values())])


def cells_in(database: sqlite3.Connection) -> bytes:
    tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
    rows = [row for name in tables for row in database.execute(f"select * from {name}")]
    return b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row)
