"""The fault matrix, rows 41 to 69: what may go wrong on the way into the books. Each ends healed, drained and checked
against the books' own ledger."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from connector.errors import ConnectorError, Rejected
from connector.sandbox.quickbooks import app as quickbooks
from connector.sandbox.quickbooks.company import DEFAULTS, REALM
from connector.sandbox.settings import Settings
from connector.sandbox.xero import app as xero
from connector.store import outbox
from connector.store.outbox import Posting
from connector.sync.connect import Wanted, connect
from connector.sync.drift import look, restore
from connector.sync.house import House
from connector.sync.journalize import journalize, read_books
from connector.sync.post import post
from connector.sync.pull import pull
from connector.transport.oauth import Grant
from tests.chaos.oracle import assert_all_well, doubled, fair, waiting
from tests.chaos.world import PLACES, Died, World, feed_of, source_of, target_of, walk, world


def unknown_in(made: World) -> list[Posting]:
    with made.house() as house:
        target = target_of(house).id
        with house.database.transaction() as tx:
            return outbox.unknown(tx, target)


def stopped_in(made: World) -> set[str]:
    with made.house() as house:
        target = target_of(house).id
        with house.database.transaction() as tx:
            return outbox.stopped_kinds(tx, target)


def tries(made: World, work: Callable[[House], object] = walk) -> None:
    """A run that may give up."""
    with made.house() as house, suppress(ConnectorError):
        work(house)


def test_row_41_what_was_intended_before_a_crash_is_sent_once_afterwards(connected: World) -> None:
    connected.dies_at("intent.committed")
    assert connected.run()
    assert connected.documents() == []
    assert_all_well(connected)


def test_row_42_a_request_that_was_lost_on_the_way_is_one_document(ready: World) -> None:
    ready.goes_wrong("lost_request")
    ready.run()
    assert len(ready.documents()) < len(fair(ready.books).documents)
    assert_all_well(ready)


def test_row_43_executed_and_the_response_lost_is_adopted(ready: World) -> None:
    ready.goes_wrong("lost_answer")
    assert ready.post().waiting > 0
    before = len(ready.documents())
    ready.passes(seconds=300)
    assert ready.post().adopted > 0
    assert len(ready.documents()) >= before
    assert_all_well(ready)


@pytest.mark.parametrize("point", ["wire.after", "send.after", "confirm.before"])
def test_row_44_executed_and_dead_before_the_receipt_is_adopted(point: str, ready: World) -> None:
    def hook(name: str) -> None:
        if name == point and ready.writes():
            raise Died

    ready.hook = hook
    assert ready.run(lambda house: post(house, target_of(house)))
    assert ready.documents() != []
    assert_all_well(ready)


def test_row_45_a_request_acted_on_after_we_gave_it_up_is_one_document(ready: World) -> None:
    ready.goes_wrong("late", seconds=200)
    ready.run()
    assert_all_well(ready)


def test_row_46_a_late_request_is_one_document_though_the_books_ignore_keys(ready: World) -> None:
    ready.weather[ready.books].forgets_keys = True
    ready.goes_wrong("late", seconds=200)
    for _ in range(12):
        ready.post()
        ready.passes(seconds=60)
    assert doubled(ready) == []
    assert_all_well(ready)


def test_row_47_one_look_at_an_index_that_lags_behind_is_not_enough(ready: World) -> None:
    """The list is later than the time to settle, and the books have forgotten the key."""
    ready.weather[ready.books].forgets_keys = True
    ready.weather[ready.books].lag = timedelta(seconds=330)
    ready.goes_wrong("lost_answer")
    for _ in range(12):
        ready.post()
        ready.passes(seconds=60)
    assert doubled(ready) == []
    assert_all_well(ready)


def test_row_48_a_document_of_another_hand_under_our_number_is_not_adopted(tmp_path: Path) -> None:
    with world("quickbooks", tmp_path) as made:
        made.goes_wrong("lost_request")
        made.post()
        (unknown,) = unknown_in(made)
        line = {"DetailType": "JournalEntryLineDetail", "Amount": 1}
        entry = made.by_hand(
            "POST",
            "/journalentry",
            {
                "DocNumber": unknown.mark,
                "TxnDate": "2026-03-10",
                "Line": [
                    line | {"JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account}}}
                    for side, account in zip(("Debit", "Credit"), accounts_of(made), strict=True)
                ],
            },
        )["JournalEntry"]
        made.passes(seconds=301)
        done = made.post()
        assert (done.adopted, done.waiting) == (0, 1)
        assert "another document" in waiting(made)[0]
        made.by_hand("POST", "/journalentry?operation=delete", {"Id": entry["Id"], "SyncToken": entry["SyncToken"]})
        assert_all_well(made)


def accounts_of(made: World) -> list[str]:
    found = made.by_hand("GET", "/query?query=select * from Account")["QueryResponse"]["Account"]
    banks = [each["Id"] for each in found if each["AccountType"] in ("Bank", "Income")]
    return banks[:2]


def test_row_48_an_invoice_of_another_hand_is_not_overwritten_in_xero(tmp_path: Path) -> None:
    with world("xero", tmp_path) as made:
        mark = next(m for kind, m, _ in fair("xero").documents if kind == "Invoices" and "AZ" not in m[:2])
        line = {"Description": "by hand", "Quantity": 1, "UnitAmount": 1, "AccountCode": income_code(made)}
        made.by_hand(
            "PUT",
            "/Invoices",
            {"Type": "ACCREC", "Contact": {"Name": "Ada"}, "InvoiceNumber": mark, "Date": "2026-03-09",
             "DueDate": "2026-03-09", "LineItems": [line], "Status": "DRAFT"},
        )  # fmt: skip
        made.post()
        held = [each for each in made.documents() if each[:2] == ("Invoices", mark)]
        assert [str(total).rstrip("0").rstrip(".") for _, _, total in held] == ["1"], held
        assert mark in str(waiting(made))


def income_code(made: World) -> str:
    accounts = made.by_hand("GET", "/Accounts")["Accounts"]
    return next(str(each["Code"]) for each in accounts if each["Type"] in ("REVENUE", "SALES"))


def test_row_49_an_old_answer_is_never_given_to_a_new_body(ready: World) -> None:
    """The books refuse it and keep that answer for its key; then the source changes, and the new body has a new key."""
    with ready.house() as house:
        pull(house, source_of(house))
        journalize(house, feed_of(house))
    ready.lock("2026-03-31")
    assert ready.post().rejected > 0
    ready.lock("")
    ready.shop_changes()
    ready.passes(minutes=1)
    with ready.house() as house:
        read_books(house, feed_of(house), house.books(target_of(house)), afresh=True)
        pull(house, source_of(house))
        journalize(house, feed_of(house))
        done = post(house, target_of(house))
    assert done.posted > 0 and not [each for each in waiting(ready) if "20260310" in each], waiting(ready)
    assert_all_well(ready, is_changed=True)


def test_row_50_of_a_batch_the_good_are_posted_and_the_bad_refused_one_by_one(tmp_path: Path) -> None:
    with world("xero", tmp_path) as made:
        switch(made, archive_account="Square Cash Clearing")
        done = made.post()
        assert (done.rejected, done.posted) == (1, len(fair("xero").documents) - 1)
        written = len(made.writes())
        made.run()
        assert len(made.writes()) == written, "what was refused is not sent again by itself"
        switch(made, restore_account="Square Cash Clearing")
        assert_all_well(made)


def switch(made: World, **wish: str) -> None:
    requests.post(f"http://{PLACES[made.books]}/_sandbox/settings", json=wish, timeout=5).raise_for_status()


def test_row_51_a_batch_answered_with_one_missing_is_looked_up(tmp_path: Path) -> None:
    with world("xero", tmp_path) as made:
        made.goes_wrong("one_missing")
        done = made.post()
        assert done.waiting > 0
        assert_all_well(made)


def test_row_52_a_number_that_is_taken_is_looked_up_and_adopted(ready: World) -> None:
    """The list lags so far behind that it is sent again, and the books have forgotten the key."""
    if ready.books == "quickbooks":
        Settings(ready.shelves["quickbooks"], DEFAULTS).change({"warn_duplicate_journal_number": True})
    ready.weather[ready.books].forgets_keys = True
    ready.weather[ready.books].lag = timedelta(minutes=20)
    ready.goes_wrong("lost_answer", path="/Invoices" if ready.books == "xero" else "/journalentry")
    for _ in range(10):
        ready.run(lambda house: post(house, target_of(house)))
        ready.passes(seconds=60)
    refused = [each for each in ready.wire.heard if each.method != "GET" and each.status == 400]
    assert refused or ready.books == "xero", "it was sent again and refused"
    assert_all_well(ready)


def test_row_53_a_period_that_is_closed_is_held_with_its_date_and_nothing_else_is_chosen(ready: World) -> None:
    ready.lock("2026-03-31")
    done = ready.post()
    assert done.posted == 0 and ready.documents() == []
    assert "2026-03-31" in str(waiting(ready)) or "closed" in str(waiting(ready)).lower()
    ready.run()
    assert ready.documents() == []
    assert_all_well(ready)


def test_row_54_a_lock_between_the_guard_and_the_write_ends_like_one_before(ready: World) -> None:
    locked: list[str] = []

    def hook(point: str) -> None:
        if point == "lease.committed" and not locked:
            locked.append(point)
            ready.lock("2026-03-31")

    ready.hook = hook
    ready.run()
    assert locked and ready.documents() == []
    assert_all_well(ready)


def test_row_55_what_the_books_change_while_taking_it_drifts_at_birth_and_stops_its_kind(ready: World) -> None:
    ready.goes_wrong("redated")
    done = ready.post()
    assert done.drifted > 0
    assert stopped_in(ready)
    count = len(ready.documents())
    ready.run()
    assert len(ready.documents()) == count or ready.books == "xero"
    assert_all_well(ready)


def test_row_57_books_that_forbid_it_keep_the_queue(ready: World) -> None:
    ready.goes_wrong("forbidden", times=99)
    ready.run()
    assert ready.documents() == [] and waiting(ready)
    assert_all_well(ready)


def test_row_58_books_that_were_disconnected_go_on_where_they_stopped_once_connected_again(ready: World) -> None:
    for token in ready.shelves[ready.books].all("oauth_token"):
        ready.shelves[ready.books].remove("oauth_token", str(token["token"]))
    with ready.house() as house:
        try:
            walk(house)
        except ConnectorError as error:
            assert "onnect" in str(error)
    assert ready.documents() == []
    module = quickbooks if ready.books == "quickbooks" else xero
    grant = Grant(access_token=module.desk_for(ready.shelves[ready.books], ready.clock, "").issue_personal_token())
    account = REALM if ready.books == "quickbooks" else ""
    with ready.house() as house:
        wanted = Wanted(
            organisation="Main", provider=ready.books, base_url=f"http://{PLACES[ready.books]}", account=account
        )
        connect(house, wanted, grant)
    assert_all_well(ready)


def test_row_60_who_wakes_up_without_its_lease_confirms_nothing(ready: World) -> None:
    """While one sleeps with the answer in its hand, another takes over, looks it up and adopts it."""
    slept: list[str] = []
    ready.alone = False

    def hook(point: str) -> None:
        if point == "wire.after" and not slept and ready.writes():
            slept.append(point)
            for _ in range(3):
                ready.passes(minutes=11)
                ready.run(lambda house: post(house, target_of(house)))

    ready.hook = hook
    ready.run(lambda house: post(house, target_of(house)))
    assert slept
    ready.alone = True
    assert_all_well(ready)


@pytest.mark.parametrize("minutes", [-2, 2])
def test_row_61_two_instances_with_clocks_apart_post_each_document_once(minutes: int, ready: World) -> None:
    busy: list[str] = []
    ready.alone = False

    def hook(point: str) -> None:
        if point in ("lease.committed", "send.after", "confirm.committed") and ready.alive == 1:
            busy.append(point)
            ready.passes(minutes=minutes)
            ready.run(lambda house: post(house, target_of(house)))
            ready.passes(minutes=-minutes)

    ready.hook = hook
    ready.run(lambda house: post(house, target_of(house)))
    assert busy
    ready.alone = True
    assert_all_well(ready)


def test_row_64_a_document_that_was_deleted_is_told_and_not_posted_again(posted: World) -> None:
    mark = posted.deletes()
    posted.passes(days=1)
    posted.run()
    posted.run()
    assert mark not in str(posted.documents())
    assert f"{mark} is drifted" in str(waiting(posted))
    assert_all_well(posted)


def test_row_65_a_document_that_was_edited_is_told_with_the_difference(posted: World) -> None:
    mark = posted.edits()
    posted.passes(days=1)
    posted.run()
    assert f"{mark} is drifted: the date is 2026-03-13" in str(waiting(posted)).replace("The", "the")
    assert_all_well(posted)


def test_row_66_an_account_that_is_gone_holds_what_needs_it(ready: World) -> None:
    switch(ready, archive_account="Square Cash Clearing")
    ready.run()
    ready.run()
    assert "account_archived" in str(waiting(ready)) or "rejected" in str(waiting(ready))
    switch(ready, restore_account="Square Cash Clearing")
    assert_all_well(ready)


def test_row_67_a_version_that_is_stale_is_read_again_and_never_written_over(posted: World) -> None:
    mark = posted.edits()
    with posted.house() as house:
        look(house, target_of(house), at_once=True)
        posted.passes(minutes=1)
        posted.edits("2026-03-14")
        with pytest.raises(Rejected):
            restore(house, mark, by="Ada")
        posted.passes(minutes=1)
        look(house, target_of(house), at_once=True)
    assert f"{mark} is drifted" in str(waiting(posted))
    assert_all_well(posted)


def test_row_68_books_that_are_down_for_two_days_cost_little_and_then_get_everything(ready: World) -> None:
    ready.goes_wrong("server_error", at=ready.books, times=10_000)
    for _ in range(24):
        tries(ready, lambda house: post(house, target_of(house)))
        ready.passes(hours=2)
    assert ready.documents() == []
    assert_all_well(ready)


def test_row_69_books_that_cannot_be_reached_are_not_stormed(ready: World) -> None:
    houses = dict(ready.wire.houses)
    ready.wire.houses.clear()
    for _ in range(8):
        tries(ready, lambda house: post(house, target_of(house)))
        ready.passes(minutes=20)
    ready.wire.houses.update(houses)
    assert_all_well(ready)
