"""What a bookkeeper does to our documents in the books is told, and never fought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import requests

from connector.errors import Rejected, Unreadable
from connector.store import outbox
from connector.store.connection_findings import connection_findings
from connector.store.feeds import connection_by_id, feeds
from connector.store.ledger import documents_of, shelves_of, unconserved
from connector.store.outbox import Posting
from connector.store.tables import PostingRow
from connector.sync.drift import Looked, accept, adopt, detach, doubted, look, restore
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import post
from tests.sync.walking import NOW, REALM, connected, documents_in, house, town, walked


class Shop:
    """A weekend of Square and a settlement in QuickBooks, posted; and a bookkeeper's hand in the books."""

    def __init__(self, ready: House, base_url: str, token: str) -> None:
        self.house, self.base_url, self._token = ready, base_url, token

    @property
    def postings(self) -> list[Posting]:
        with self.house.database.transaction() as tx:
            return outbox.in_books(tx, self.target)

    @property
    def target(self) -> int:
        return 3

    def first_journal(self) -> Posting:
        return next(each for each in self.postings if each.target_kind == "JournalEntry")

    def posting(self, mark: str) -> Posting:
        with self.house.database.transaction() as tx:
            found = outbox.by_mark(tx, mark)
        assert found is not None
        return found

    def look(self) -> Looked | None:
        with self.house.database.transaction() as tx:
            target = connection_by_id(tx, self.target)
        return look(self.house, target, at_once=True)

    def told(self) -> list[str]:
        with self.house.database.transaction() as tx:
            return [finding.message for finding in connection_findings(tx, self.target)]

    def by_hand(self, posting: Posting, operation: str = "update", **fields: object) -> None:
        body = {"Id": posting.target_id, "SyncToken": posting.target_version, "sparse": True, **fields}
        address = f"{self.base_url}/v3/company/{REALM}/journalentry"
        asked = {"operation": operation} if operation != "update" else {}
        token = {"Authorization": f"Bearer {self._token}"}
        requests.post(address, json=body, params=asked, headers=token, timeout=10).raise_for_status()

    def run(self) -> int:
        """Journalizes and posts everything; gives how many were posted."""
        with self.house.database.transaction() as tx:
            found = feeds(tx)
            target = connection_by_id(tx, self.target)
        for each in found:
            journalize(self.house, each)
        with self.house.database.transaction() as tx:
            assert [name for each in found for name in unconserved(tx, each.id)] == []
        return post(self.house, target).posted


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with town(tmp_path) as here, house(tmp_path) as ready:
        connected(ready, here, "quickbooks")
        walked(ready)
        yield Shop(ready, here.quickbooks.base_url, here.personal_token("quickbooks"))


def test_what_stands_as_it_was_posted_is_no_news(shop: Shop) -> None:
    found = shop.look()
    assert found is not None and (found.drifted, found.doubled) == (0, 0) and found.seen > 0
    assert shop.told() == []


def test_the_books_are_looked_at_once_a_day(shop: Shop) -> None:
    with shop.house.database.transaction() as tx:
        target = connection_by_id(tx, shop.target)
    assert look(shop.house, target) is not None
    assert look(shop.house, target) is None
    tomorrow = replace(shop.house, now=lambda: NOW + timedelta(days=1))
    assert look(tomorrow, target) is not None


def test_a_moved_date_is_told_and_only_once_accepted_no_more(shop: Shop) -> None:
    first = shop.first_journal()
    shop.by_hand(first, TxnDate="2026-12-24")
    found = shop.look()
    assert found is not None and found.drifted == 1
    assert "the date is 2026-12-24" in shop.told()[0] and first.mark in shop.told()[0]
    assert shop.posting(first.mark).state == "drifted" and shop.posting(first.mark).drift == "date"
    assert shop.run() == 0, "nothing is written over by itself"
    accept(shop.house, first.mark, by="Ada", reason="belongs to December")
    assert shop.told() == [] and shop.posting(first.mark).state == "verified"
    again = shop.look()
    assert again is not None and again.drifted == 0


def test_an_edit_that_is_restored_is_as_it_was_sent(shop: Shop) -> None:
    first = shop.first_journal()
    shop.by_hand(first, TxnDate="2026-12-24")
    shop.look()
    restore(shop.house, first.mark, by="Ada")
    assert shop.posting(first.mark).state == "verified" and shop.told() == []
    again = shop.look()
    assert again is not None and again.drifted == 0


def test_a_deleted_document_is_told_and_not_posted_again_by_the_next_run(shop: Shop) -> None:
    first, before = shop.first_journal(), documents_in(shop.base_url)
    shop.by_hand(first, "delete")
    shop.look()
    assert shop.posting(first.mark).drift == "gone"
    assert shop.run() == 0
    assert len(documents_in(shop.base_url)) == len(before) - 1


def test_a_deleted_document_that_is_restored_is_made_anew_under_its_next_version(shop: Shop) -> None:
    first, before = shop.first_journal(), documents_in(shop.base_url)
    shop.by_hand(first, "delete")
    shop.look()
    restore(shop.house, first.mark, by="Ada")
    assert shop.run() == 1
    after = documents_in(shop.base_url)
    assert len(after) == len(before)
    assert sorted(total for _, _, total in after) == sorted(total for _, _, total in before)
    assert first.mark not in str(after), "its mark is never given twice"
    assert shop.run() == 0
    found = shop.look()
    assert found is not None and found.drifted == 0


def test_a_detached_document_is_theirs_and_its_movements_are_listed(shop: Shop) -> None:
    first = shop.first_journal()
    shop.by_hand(first, TxnDate="2026-12-24")
    shop.look()
    detach(shop.house, first.mark, by="Ada", reason="booked by hand")
    assert shop.told() == []
    assert shop.run() == 0, "it is not made again"
    with shop.house.database.transaction() as tx:
        ignored = [shelf for each in feeds(tx) for shelf, n in shelves_of(tx, each.id) if shelf.code == "detached"]
        marks = [row.mark for each in feeds(tx) for row in documents_of(tx, each.id)]
    assert [shelf.state for shelf in ignored] == ["ignored"] and "Ada: booked by hand" in ignored[0].detail
    assert first.mark in marks, "what was posted stays to be seen"


def doubles(shop: Shop) -> None:
    """The first journal is in the books once more, under the same mark."""
    address = f"{shop.base_url}/v3/company/{REALM}/journalentry"
    token = {"Authorization": f"Bearer {shop._token}"}
    held = requests.get(f"{address}/{shop.first_journal().target_id}", headers=token, timeout=10).json()["JournalEntry"]
    copy = {name: value for name, value in held.items() if name not in ("Id", "SyncToken", "MetaData")}
    requests.post(address, json=copy, headers=token, timeout=10).raise_for_status()


def test_a_double_that_the_books_showed_late_is_found_by_the_sweep_of_the_seventh_day(shop: Shop) -> None:
    """It bears the day of posting, which the looks of the days between do not reach back to."""
    with shop.house.database.transaction() as tx:
        target = connection_by_id(tx, shop.target)
    told = []
    for day in (0, 3, 4, 7):
        if day == 4:
            doubles(shop)
        found = look(replace(shop.house, now=partial(NOW.__add__, timedelta(days=day))), target)
        told.append(found.doubled if found else None)
    assert told == [0, 0, 0, 1]


def test_a_mark_that_stands_twice_is_told_and_stops_posting(shop: Shop) -> None:
    doubles(shop)
    found = shop.look()
    assert found is not None and found.doubled == 1
    assert "holds a second document marked" in shop.told()[0]
    with pytest.raises(Rejected, match="I9: a mark stands twice"):
        shop.run()


def test_there_is_nothing_to_decide_about_a_document_that_stands_as_posted(shop: Shop) -> None:
    with pytest.raises(Unreadable, match="nothing to decide"):
        accept(shop.house, shop.first_journal().mark, by="Ada")
    with pytest.raises(Unreadable, match="No document with the mark"):
        detach(shop.house, "SQ-20260101-AAAAAA", by="Ada")


def test_a_document_edited_before_its_answer_reached_us_is_shown_and_taken_as_ours(shop: Shop) -> None:
    first = shop.first_journal()
    shop.by_hand(first, TxnDate="2026-12-24")
    with shop.house.database.transaction() as tx:
        row = tx.get_one(PostingRow, first.id)
        row.state, row.target_id, row.last_sent_at = "unknown", None, NOW - timedelta(hours=1)
        tx.add(row)
    shop.run()
    waiting = shop.posting(first.mark)
    assert waiting.state == "unknown" and f"connector drift adopt {first.mark}" in waiting.reason
    (seen,) = doubted(shop.house, first.mark)
    assert "the date is 2026-12-24" in seen.differences[0].text
    assert shop.posting(first.mark) == waiting, "looking changes nothing"
    with pytest.raises(Unreadable, match="no such record"):
        adopt(shop.house, first.mark, "999", by="Ada")
    adopt(shop.house, first.mark, by="Ada")
    taken = shop.posting(first.mark)
    assert (taken.state, taken.target_id, taken.drift) == ("drifted", first.target_id, "date")
    restore(shop.house, first.mark, by="Ada")
    assert shop.posting(first.mark).state == "verified"
    assert shop.run() == 0, "it was never written twice"


def test_there_is_nothing_to_adopt_where_the_outcome_is_known(shop: Shop) -> None:
    with pytest.raises(Unreadable, match="is not waiting to be found out about"):
        adopt(shop.house, shop.first_journal().mark, by="Ada")


def test_a_document_deleted_after_it_was_looked_at_is_told_before_it_is_restored(shop: Shop) -> None:
    first = shop.first_journal()
    shop.by_hand(first, TxnDate="2026-12-24")
    shop.look()
    shop.by_hand(shop.posting(first.mark), "delete")
    with pytest.raises(Rejected):
        restore(shop.house, first.mark, by="Ada")
    assert shop.posting(first.mark).drift == "gone"
    restore(shop.house, first.mark, by="Ada")
    assert shop.run() == 1


def test_a_clearing_account_that_is_not_proved_stops_posting_until_a_look_proves_it_anew(shop: Shop) -> None:
    shop.look()
    with shop.house.database.transaction() as tx:
        tx.connection().exec_driver_sql("update clearing_proof set explained_minor = explained_minor + 1")
    with pytest.raises(Rejected, match=r"I5: .* connector drift look proves it anew"):
        shop.run()
    shop.look()
    assert shop.run() == 0 and shop.told() == []


def test_money_put_on_a_clearing_account_by_hand_is_told_and_stops_nothing(shop: Shop) -> None:
    body = {
        "TxnDate": "2026-11-20",
        "Line": [_line("Square Balance", "Debit", shop), _line("Checking", "Credit", shop)],
    }
    token = {"Authorization": f"Bearer {shop._token}"}
    requests.post(f"{shop.base_url}/v3/company/{REALM}/journalentry", json=body, headers=token, timeout=10)
    shop.look()
    assert [told for told in shop.told() if "7.77 USD cannot be explained" in told]
    assert shop.run() == 0


def _line(account: str, side: str, shop: Shop) -> dict[str, object]:
    with shop.house.database.transaction() as tx:
        target = connection_by_id(tx, shop.target)
    found = shop.house.books(target).books().account(account)
    assert found is not None
    detail = {"PostingType": side, "AccountRef": {"value": found.account_id}}
    return {"Amount": 7.77, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}
