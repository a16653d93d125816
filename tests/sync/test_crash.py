"""The process dies after any commit, or just before it, and the next run gets there by itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connector import faults
from connector.store.feeds import feeds
from connector.store.ledger import unconserved
from connector.sync.house import House
from tests.sync.walking import balances_in, connected, documents_in, house, town, walked


class Died(BaseException):
    """The process is gone: nothing that catches errors may catch this."""


class Killer:
    """Ends the process at the nth point of a name; counts how often the point was reached."""

    def __init__(self, point: str, at: int) -> None:
        self.point, self.at, self.reached = point, at, 0

    def __call__(self, name: str) -> None:
        if name == self.point:
            self.reached += 1
            if self.reached == self.at:
                raise Died


def run_and_die(folder: Path, killer: Killer) -> bool:
    """One run of the whole way; true when it was killed."""
    faults.arm(killer)
    try:
        with house(folder) as opened:
            walked(opened)
    except Died:
        return True
    finally:
        faults.arm(None)
    return False


@pytest.mark.parametrize("target", ["quickbooks", "xero"])
def test_killed_after_every_commit_the_books_hold_each_document_once(target: str, tmp_path: Path) -> None:
    """Each run dies at a later commit than the one where the run before died, until a run comes through: with
    CHAOS=all at the next, else three further on."""
    step = 1 if os.environ.get("CHAOS") == "all" else 3
    with town(tmp_path) as opened:
        with house(tmp_path) as first:
            connected(first, opened, target)
        at = opened.xero if target == "xero" else opened.quickbooks
        deaths = 0
        while run_and_die(tmp_path, Killer("commit.after", 1 + step * deaths)):
            deaths += 1
            assert deaths < 200, "the runs do not get anywhere"
        assert step * deaths > 20
        with house(tmp_path) as last:
            again = walked(last)
            check_conserved(last)
        assert sum(done.posted + done.adopted for done in again.values()) == 0
        written, balances = documents_in(at.base_url), balances_in(at.base_url)
    assert written == fresh_documents(target, tmp_path)
    assert balances["Square Balance"] == 6200


def fresh_documents(target: str, tmp_path: Path) -> list[tuple[str, str, str]]:
    """What the books hold when nothing ever went wrong."""
    folder = tmp_path / "fresh"
    folder.mkdir()
    with town(folder) as opened, house(folder) as only:
        connected(only, opened, target)
        walked(only)
        return documents_in((opened.xero if target == "xero" else opened.quickbooks).base_url)


@pytest.mark.parametrize("point", ["fetch.page_received", "commit.before", "lease.committed", "send.after"])
def test_killed_at_a_point_between_the_commits_nothing_is_doubled_or_lost(point: str, tmp_path: Path) -> None:
    with town(tmp_path) as opened:
        with house(tmp_path) as first:
            connected(first, opened, "quickbooks")
        for at in (1, 3, 2):
            run_and_die(tmp_path, Killer(point, at))
        with house(tmp_path) as last:
            walked(last)
            check_conserved(last)
        written = documents_in(opened.quickbooks.base_url)
    assert written == fresh_documents("quickbooks", tmp_path)


def check_conserved(house: House) -> None:
    with house.database.transaction() as tx:
        for feed in feeds(tx):
            assert unconserved(tx, feed.id) == []
