"""The second hand-over: what a day calls for, kept; what is in the books, untouched; every movement in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlmodel import col, select

from connector.domain.document import Document, Held
from connector.store import outbox
from connector.store.buckets import stored, sums
from connector.store.database import Database, Transaction
from connector.store.journal import in_books, is_kept, keep_period
from connector.store.ledger import documents_of, read_document, shelves_of, unconserved
from connector.store.plans import FeedPlace, PeriodPlan
from connector.store.tables import AllocationRow, BucketRow, PeriodRow, PostingRow
from connector.sync.amend import UNRESOLVED, Wanted, rest
from tests.store.given import DAY, DRINKS, FOOD, NOW, database, deposit, feed_in, plan, sales, share

NO_BANK = Held(
    key="square|ML1|L1|transfer|1", code="unmapped_bank", reason="The bank is never guessed.", currency="USD"
)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Database]:
    with database(tmp_path) as ready:
        yield ready


@pytest.fixture
def place(opened: Database) -> FeedPlace:
    return feed_in(opened)


def keep(opened: Database, place: FeedPlace, wanted: PeriodPlan, *before: Document) -> str:
    """Keeps a plan, and checks that every movement is then in exactly one place. `before` are its documents under the
    map that posted ones were made with, where that was another."""
    with opened.transaction() as tx:
        if is_kept(tx, place.feed_id, DAY, wanted.digest):
            return "unchanged"
        older = {document.key: document for document in before}
        documents = tuple(planned.document for planned in wanted.documents)
        calls = Wanted(documents=documents, held=wanted.held, ignored=wanted.ignored, as_before=older)
        left = rest(calls, in_books(tx, place.feed_id, DAY), remark, holds=False)
        rest_plan = replace(plan(*left.documents, held=left.held), ignored=left.ignored)
        outcome = keep_period(tx, place, rest_plan, wanted.digest)
        assert unconserved(tx, place.feed_id) == []
        there = {key: of for key, of in stored(tx, list(tx.exec(select(PeriodRow)))).items() if of != (0, 0)}
        assert there == sums(wanted.shares)
    return outcome


def remark(document: Document, version: int) -> str:
    return f"{document.mark[:-2]}V{version}"


def post_all(opened: Database, place: FeedPlace, after: int = 0) -> None:
    """As a station would: claimed, sent, confirmed."""
    with opened.transaction() as tx:
        for number, taken in enumerate(claimed(tx, place), after):
            outbox.confirm(tx, taken, target_id=str(100 + number), version="0", trace_id="trace")


def claimed(tx: Transaction, place: FeedPlace) -> list[outbox.Posting]:
    return outbox.claim(tx, place.target_connection_id, outbox.Claim(owner="me", now=NOW, limit=50))


def kept(opened: Database, place: FeedPlace) -> list[Document]:
    with opened.transaction() as tx:
        return [read_document(tx, row) for row in documents_of(tx, place.feed_id)]


def posted(opened: Database) -> list[tuple[str, str | None]]:
    with opened.transaction() as tx:
        return [(row.state, row.target_id) for row in tx.exec(select(PostingRow).order_by(col(PostingRow.id)))]


def test_the_same_plan_again_is_no_work(opened: Database, place: FeedPlace) -> None:
    assert keep(opened, place, plan(sales(share(1200)))) == "written"
    assert keep(opened, place, plan(sales(share(1200)))) == "unchanged"
    assert kept(opened, place) == [sales(share(1200))]


def test_a_day_that_changes_before_it_is_posted_is_made_anew(opened: Database, place: FeedPlace) -> None:
    keep(opened, place, plan(sales(share(1200)), deposit(1200)))
    assert keep(opened, place, plan(sales(share(900), share(50, of=DRINKS)))) == "written"
    assert kept(opened, place) == [sales(share(900), share(50, of=DRINKS))]
    assert posted(opened) == [("planned", None)]


def test_a_day_that_was_refused_by_the_books_is_made_anew(opened: Database, place: FeedPlace) -> None:
    keep(opened, place, plan(sales(share(1200))))
    with opened.transaction() as tx:
        (taken,) = claimed(tx, place)
        outbox.settle_as(tx, taken, "rejected", "The period is closed.")
    assert keep(opened, place, plan(sales(share(1200), account="Sales Food"))) == "written"
    assert [line.account for line in kept(opened, place)[0].lines] == ["Sales Food", "Square Balance"]
    assert posted(opened) == [("planned", None)]


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_a_day_that_changes_while_its_outcome_is_not_known_waits_for_the_outcome(
    state: str, opened: Database, place: FeedPlace
) -> None:
    sent_and(opened, place, state)
    assert keep(opened, place, plan(sales(share(1500, 2)))) == "changed"
    assert kept(opened, place) == [sales(share(1200))]
    with opened.transaction() as tx:
        ((shelf, movements),) = shelves_of(tx, place.feed_id)
        (allocated,) = tx.exec(select(AllocationRow).where(AllocationRow.shelf_id == shelf.id))
    assert (shelf.state, shelf.code, movements, allocated.amount_minor) == ("held", UNRESOLVED, 1, 300)


@pytest.mark.parametrize("state", ["posted", "verified", "drifted"])
def test_a_day_that_changes_after_posting_gets_a_correction_of_only_the_difference(
    state: str, opened: Database, place: FeedPlace
) -> None:
    sent_and(opened, place, state)
    assert keep(opened, place, plan(sales(share(1500, 2)))) == "changed"
    first, correction = kept(opened, place)
    assert first == sales(share(1200)), "what is in the books is never edited"
    assert (correction.version, correction.date, correction.key) == (2, first.date, first.key)
    assert [(line.account, line.amount) for line in correction.lines] == [("Sales", -300), ("Square Balance", 300)]
    assert correction.mark != first.mark
    assert correction.narration == "Square · Main St · sales · correction 1, the source changed it"
    assert posted(opened) == [(state, "100"), ("planned", None)]


def test_a_correction_that_was_not_sent_yet_is_made_anew(opened: Database, place: FeedPlace) -> None:
    sent_and(opened, place, "verified")
    keep(opened, place, plan(sales(share(1500, 2))))
    keep(opened, place, plan(sales(share(1300, 2))))
    assert [(each.version, each.lines[0].amount) for each in kept(opened, place)] == [(1, -1200), (2, -100)]
    assert keep(opened, place, plan(sales(share(1200)))) == "unchanged", "the source took its change back"
    assert kept(opened, place) == [sales(share(1200))]


def sent_and(opened: Database, place: FeedPlace, state: str) -> None:
    keep(opened, place, plan(sales(share(1200))))
    with opened.transaction() as tx:
        claimed(tx, place)
        tx.exec(update(PostingRow).values(state=state, target_id="100"))


def test_each_further_change_after_posting_adds_its_own_difference(opened: Database, place: FeedPlace) -> None:
    keep(opened, place, plan(sales(share(1200))))
    post_all(opened, place)
    for wanted in (sales(share(1500, 2)), sales(share(1500, 2), share(80, of=DRINKS)), sales(share(1200))):
        assert keep(opened, place, plan(wanted)) == "changed"
        post_all(opened, place, after=len(kept(opened, place)))
    assert [each.lines[0].amount for each in kept(opened, place)] == [-1200, -300, -80, 380]


def test_a_day_that_nothing_calls_for_any_more_is_taken_back(opened: Database, place: FeedPlace) -> None:
    keep(opened, place, plan(sales(share(1200))))
    post_all(opened, place)
    assert keep(opened, place, plan()) == "changed"
    assert [line.amount for line in kept(opened, place)[1].lines] == [1200, -1200]


def test_a_day_that_is_held_after_posting_is_not_taken_back(opened: Database, place: FeedPlace) -> None:
    keep(opened, place, plan(sales(share(1200))))
    post_all(opened, place)
    waiting = Held(key="other", code="S1", reason="It does not add up.", currency="USD", shares=(share(1500, 2),))
    assert keep(opened, place, plan(held=(waiting,))) == "changed"
    assert kept(opened, place) == [sales(share(1200))]


def test_a_deposit_whose_bank_is_mapped_later_is_written_beside_what_is_posted(
    opened: Database, place: FeedPlace
) -> None:
    assert keep(opened, place, plan(sales(share(1200)), held=(NO_BANK,))) == "written"
    post_all(opened, place)
    with opened.transaction() as tx:
        assert [shelf.code for shelf, _ in shelves_of(tx, place.feed_id)] == ["unmapped_bank"]
    assert keep(opened, place, plan(sales(share(1200)), deposit(1200))) == "written"
    assert kept(opened, place) == [sales(share(1200)), deposit(1200)]
    assert posted(opened) == [("posted", "100"), ("planned", None)]
    with opened.transaction() as tx:
        assert shelves_of(tx, place.feed_id) == []
    assert keep(opened, place, plan(sales(share(1200)), deposit(1200))) == "unchanged"


def test_a_part_that_was_held_is_written_later_with_its_movements(opened: Database, place: FeedPlace) -> None:
    waiting = Held(key="drinks", code="unmapped", reason="No account.", currency="USD", shares=(share(80, of=DRINKS),))
    keep(opened, place, plan(sales(share(1200)), held=(waiting,)))
    post_all(opened, place)
    drinks = sales(share(80, of=DRINKS), key="drinks")
    assert keep(opened, place, plan(sales(share(1200)), drinks)) == "written"
    assert sorted(document.key for document in kept(opened, place)) == sorted([sales(share(1)).key, drinks.key])
    assert posted(opened) == [("posted", "100"), ("planned", None)]


def test_a_new_map_does_not_rewrite_what_is_posted(opened: Database, place: FeedPlace) -> None:
    keep(opened, place, plan(sales(share(1200))))
    post_all(opened, place)
    keep(opened, place, plan(sales(share(1200), account="Other Sales")), sales(share(1200)))
    assert kept(opened, place) == [sales(share(1200))]
    assert posted(opened) == [("posted", "100")]


def test_a_lost_amount_is_found(opened: Database, place: FeedPlace) -> None:
    keep(opened, place, plan(sales(share(1200), share(80, of=DRINKS))))
    with opened.transaction() as tx:
        tx.exec(update(AllocationRow).where(col(AllocationRow.amount_minor) == 80).values(amount_minor=79))
        assert unconserved(tx, place.feed_id) == ["sale Drinks"]


def test_a_lost_movement_of_nothing_is_found(opened: Database, place: FeedPlace) -> None:
    keep(opened, place, plan(sales(share(1200, 3))))
    with opened.transaction() as tx:
        tx.exec(update(AllocationRow).values(movement_count=2))
        assert unconserved(tx, place.feed_id) == ["sale Food"]


def test_money_in_no_place_and_money_in_two_places_is_found(opened: Database, place: FeedPlace) -> None:
    keep(opened, place, plan(sales(share(1200), share(80, of=DRINKS))))
    with opened.transaction() as tx:
        tx.exec(delete(AllocationRow).where(col(AllocationRow.amount_minor) == 80))
        (food,) = tx.exec(select(BucketRow).where(BucketRow.code == FOOD.code))
        tx.add(AllocationRow(bucket_id=food.id or 0, document_id=1, line_n=0, amount_minor=1200, movement_count=1))
        tx.flush()
        assert sorted(unconserved(tx, place.feed_id)) == ["sale Drinks", "sale Food"]


def test_a_document_is_read_back_as_it_was_kept(opened: Database, place: FeedPlace) -> None:
    wanted = sales(share(1200, 4), share(-80, of=DRINKS))
    keep(opened, place, plan(wanted))
    assert kept(opened, place) == [wanted]
