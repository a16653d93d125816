"""The outbox: taken in order, under a lease with a fence; nobody confirms for somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from connector.domain.drift import Difference
from connector.store import outbox, postings
from connector.store.database import Database
from connector.store.journal import keep_period
from connector.store.outbox import LEASE, Posting
from connector.store.plans import FeedPlace
from connector.store.tables import PostingRow
from tests.store.given import NOW, database, feed_in, plan, sales, share

EARLIER, LATER = date(2026, 11, 19), date(2026, 11, 20)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Database]:
    with database(tmp_path) as ready:
        yield ready


@pytest.fixture
def place(opened: Database) -> FeedPlace:
    return feed_in(opened)


def planned(opened: Database, place: FeedPlace, *, parts: tuple[str, ...] = ("",), days: int = 2) -> None:
    """Documents of two days, the later one first in the database."""
    documents = [sales(share(1200 + n), day=day) for n, day in enumerate((LATER, EARLIER)[:days])]
    with opened.transaction() as tx:
        keep_period(tx, place, plan(*documents, parts=parts))


def claim(opened: Database, place: FeedPlace, *, limit: int = 50, minutes: int = 0, owner: str = "me") -> list[Posting]:
    with opened.transaction() as tx:
        at = NOW + timedelta(minutes=minutes)
        wanted = outbox.Claim(owner=owner, now=at, limit=limit)
        return outbox.claim(tx, place.target_connection_id, wanted)


def confirm(opened: Database, posting: Posting, target_id: str = "100") -> bool:
    with opened.transaction() as tx:
        return outbox.confirm(tx, posting, target_id=target_id, version="0", trace_id="trace")


def abandoned(opened: Database, place: FeedPlace, *, after: timedelta, alone: bool = False) -> int:
    with opened.transaction() as tx:
        return outbox.abandoned(tx, place.target_connection_id, now=NOW + after, alone=alone)


def row(opened: Database, posting: Posting) -> PostingRow:
    with opened.transaction() as tx:
        return tx.get_one(PostingRow, posting.id)


def test_postings_are_taken_in_the_order_of_their_documents_dates(opened: Database, place: FeedPlace) -> None:
    planned(opened, place)
    assert [taken.day for taken in claim(opened, place)] == [str(EARLIER), str(LATER)]


def test_a_posting_is_named_and_leased_before_anything_is_sent(opened: Database, place: FeedPlace) -> None:
    planned(opened, place, days=1)
    (taken,) = claim(opened, place)
    kept = row(opened, taken)
    assert (kept.state, kept.lease_owner, kept.lease_until, kept.attempts) == ("sending", "me", NOW + LEASE, 1)
    assert kept.key.startswith("p1") and kept.mark and kept.payload and kept.fence == taken.fence == 1
    with opened.transaction() as tx:
        assert postings.attempts_of(tx, taken.id) == [(1, NOW, "", "")]


def test_what_is_taken_is_not_taken_again(opened: Database, place: FeedPlace) -> None:
    planned(opened, place)
    assert len(claim(opened, place)) == 2
    assert claim(opened, place, owner="another", minutes=60) == []


def test_no_more_are_taken_than_a_batch_holds(opened: Database, place: FeedPlace) -> None:
    planned(opened, place, parts=("P1", "P2"))
    first, second = claim(opened, place, limit=1), claim(opened, place, limit=10)
    assert [taken.part for taken in first] == ["P1"]
    assert {(taken.day, taken.part) for taken in second} == {(str(LATER), "P1"), (str(LATER), "P2")}


def test_parts_of_a_document_are_taken_together_in_their_order(opened: Database, place: FeedPlace) -> None:
    planned(opened, place, parts=("", "P1", "P2"), days=1)
    assert [taken.part for taken in claim(opened, place)] == ["", "P1", "P2"]


@pytest.mark.parametrize("state", ["unknown", "rejected", "planned"])
def test_a_part_waits_for_the_part_before_it(state: str, opened: Database, place: FeedPlace) -> None:
    planned(opened, place, parts=("", "P1"))
    (first,) = claim(opened, place, limit=1)
    with opened.transaction() as tx:
        outbox.settle_as(tx, first, state, "why", NOW + timedelta(hours=1))
    others = claim(opened, place)
    assert {taken.day for taken in others} == {str(LATER)}, "the other document does not wait"
    assert len(others) == 2


def test_a_part_goes_when_the_part_before_it_is_in_the_books(opened: Database, place: FeedPlace) -> None:
    planned(opened, place, parts=("", "P1"), days=1)
    (first,) = claim(opened, place, limit=1)
    assert claim(opened, place) == []
    assert confirm(opened, first)
    assert [taken.part for taken in claim(opened, place)] == ["P1"]


def test_a_posting_that_is_to_wait_waits(opened: Database, place: FeedPlace) -> None:
    planned(opened, place, days=1)
    (taken,) = claim(opened, place)
    with opened.transaction() as tx:
        outbox.settle_as(tx, taken, "planned", "busy", NOW + timedelta(minutes=5))
    assert claim(opened, place, minutes=4) == []
    (again,) = claim(opened, place, minutes=5)
    assert (again.key, again.attempts, again.fence) == (taken.key, 2, 2)


def test_who_lost_the_lease_can_confirm_nothing(opened: Database, place: FeedPlace) -> None:
    """A sender that was taken for dead comes back with a receipt: the state stays what the living made of it."""
    planned(opened, place, days=1)
    (zombie,) = claim(opened, place)
    assert abandoned(opened, place, after=LEASE + timedelta(seconds=1)) == 1
    assert not confirm(opened, zombie, "zombie's")
    with opened.transaction() as tx:
        assert not outbox.settle_as(tx, zombie, "rejected", "zombie")
        (lost,) = outbox.unknown(tx, place.target_connection_id)
        again = outbox.resend(tx, lost, owner="another", now=NOW + timedelta(hours=1))
    assert again is not None and again.key == zombie.key
    assert confirm(opened, again, "100")
    assert not confirm(opened, zombie, "zombie's")
    assert (row(opened, zombie).state, row(opened, zombie).target_id) == ("posted", "100")


def test_an_unknown_part_is_taken_again_only_after_the_parts_before_it(opened: Database, place: FeedPlace) -> None:
    """The books refuse a payment for good whose invoice they do not hold yet."""
    planned(opened, place, parts=("", "P1"), days=1)
    claim(opened, place)
    abandoned(opened, place, after=LEASE * 2)
    with opened.transaction() as tx:
        invoice, payment = outbox.unknown(tx, place.target_connection_id)
        assert outbox.resend(tx, payment, owner="me", now=NOW) is None
        again = outbox.resend(tx, invoice, owner="me", now=NOW)
        assert again is not None
        assert outbox.resend(tx, payment, owner="me", now=NOW) is None
    assert confirm(opened, again, "100")
    with opened.transaction() as tx:
        assert outbox.resend(tx, payment, owner="me", now=NOW) is not None


def test_an_unknown_posting_is_taken_again_by_one_only(opened: Database, place: FeedPlace) -> None:
    planned(opened, place, days=1)
    claim(opened, place)
    abandoned(opened, place, after=LEASE * 2)
    with opened.transaction() as tx:
        (lost,) = outbox.unknown(tx, place.target_connection_id)
        first = outbox.resend(tx, lost, owner="me", now=NOW)
        assert first is not None and first.fence == lost.fence + 1
        assert outbox.resend(tx, lost, owner="another", now=NOW) is None
        assert outbox.resend(tx, replace(lost, fence=lost.fence - 1), owner="third", now=NOW) is None


@pytest.mark.parametrize(
    ("after", "alone", "gone"), [(LEASE / 2, False, 0), (LEASE / 2, True, 1), (LEASE * 2, False, 1)]
)
def test_a_sender_is_taken_for_dead_when_its_lease_ran_out_or_nobody_else_is_alive(
    after: timedelta, alone: bool, gone: int, opened: Database, place: FeedPlace
) -> None:
    planned(opened, place, days=1)
    (taken,) = claim(opened, place)
    assert abandoned(opened, place, after=after, alone=alone) == gone
    assert row(opened, taken).state == ("unknown" if gone else "sending")


MOVED = Difference(kind="date", text="The date differs.")


def test_a_kind_of_record_that_the_books_change_while_taking_it_is_not_sent_again(
    opened: Database, place: FeedPlace
) -> None:
    planned(opened, place)
    (first,) = claim(opened, place, limit=1)
    confirm(opened, first, "id-1")
    with opened.transaction() as tx:
        outbox.verify(tx, first, [MOVED], at_birth=True)
    assert claim(opened, place) == [], "the next would be changed as well"
    with opened.transaction() as tx:
        (born,) = (each for each in postings.postings_of(tx, first.document_id))
        assert (born.state, born.drift) == ("drifted", "birth date")


def test_reading_back_verifies_or_says_what_differs(opened: Database, place: FeedPlace) -> None:
    planned(opened, place)
    for taken, differences in zip(claim(opened, place), ([], [MOVED]), strict=True):
        confirm(opened, taken, f"id-{taken.id}")
        with opened.transaction() as tx:
            assert outbox.verify(tx, taken, differences)
    with opened.transaction() as tx:
        states = {posting.state: posting.reason for posting in tx.exec(select(PostingRow))}
        assert outbox.posted(tx, place.target_connection_id) == []
        assert postings.counts(tx, place.feed_id) == {"drifted": 1, "verified": 1}
    assert states == {"verified": "", "drifted": "The date differs."}
    assert claim(opened, place) == []


def test_every_attempt_is_kept_with_what_came_of_it(opened: Database, place: FeedPlace) -> None:
    planned(opened, place, days=1)
    (first,) = claim(opened, place)
    with opened.transaction() as tx:
        outbox.settle_as(tx, first, "planned", "The books are busy.", NOW)
    (second,) = claim(opened, place, minutes=1)
    confirm(opened, second)
    with opened.transaction() as tx:
        attempts = postings.attempts_of(tx, first.id)
    assert [(n, outcome, trace) for n, _, outcome, trace in attempts] == [
        (1, "planned: The books are busy.", ""),
        (2, "posted", "trace"),
    ]


def test_an_attempt_that_never_went_out_is_not_counted(opened: Database, place: FeedPlace) -> None:
    planned(opened, place, days=1)
    (taken,) = claim(opened, place)
    with opened.transaction() as tx:
        outbox.not_sent(tx, taken)
        assert outbox.settle_as(tx, taken, "planned", "It waits.")
        assert postings.attempts_of(tx, taken.id) == []
    kept = row(opened, taken)
    assert (kept.state, kept.attempts, kept.last_sent_at) == ("planned", 0, None)


def test_an_attempt_that_another_has_taken_over_is_not_taken_back(opened: Database, place: FeedPlace) -> None:
    planned(opened, place, days=1)
    (taken,) = claim(opened, place)
    assert abandoned(opened, place, after=timedelta(hours=1)) == 1
    with opened.transaction() as tx:
        outbox.not_sent(tx, taken)
    assert row(opened, taken).attempts == 1
