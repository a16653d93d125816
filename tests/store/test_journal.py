"""The second hand-over: what a day calls for, kept; what is in the books, untouched; every movement in one place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlmodel import col, select

from connector.domain.document import Document, Held
from connector.store import outbox
from connector.store.buckets import stored, sums
from connector.store.database import Database, Transaction
from connector.store.documents import CHANGED
from connector.store.journal import keep_period
from connector.store.ledger import documents_of, read_document, shelves_of, unconserved
from connector.store.plans import FeedPlace, PeriodPlan
from connector.store.tables import AllocationRow, BucketRow, PeriodRow, PostingRow
from tests.store.given import DRINKS, FOOD, NOW, database, deposit, feed_in, plan, sales, share

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


def keep(opened: Database, place: FeedPlace, wanted: PeriodPlan) -> str:
    """Keeps a plan, and checks that every movement is then in exactly one place."""
    with opened.transaction() as tx:
        outcome = keep_period(tx, place, wanted)
        assert unconserved(tx, place.feed_id) == []
        assert stored(tx, list(tx.exec(select(PeriodRow)))) == sums(wanted.shares) or outcome == "changed"
    return outcome


def post_all(opened: Database, place: FeedPlace) -> None:
    """As a station would: claimed, sent, confirmed."""
    with opened.transaction() as tx:
        for number, taken in enumerate(claimed(tx, place)):
            outbox.confirm(tx, taken, target_id=str(100 + number), version="0", trace_id="trace")


def claimed(tx: Transaction, place: FeedPlace) -> list[outbox.Posting]:
    return outbox.claim(tx, place.target_connection_id, owner="me", now=NOW, limit=50)


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


@pytest.mark.parametrize("state", ["sending", "unknown", "posted", "verified", "drifted"])
def test_a_day_that_changes_after_posting_waits_on_a_shelf_and_its_document_is_untouched(
    state: str, opened: Database, place: FeedPlace
) -> None:
    keep(opened, place, plan(sales(share(1200))))
    with opened.transaction() as tx:
        claimed(tx, place)
        tx.exec(update(PostingRow).values(state=state, target_id="100"))
    assert keep(opened, place, plan(sales(share(1500, 2)))) == "changed"
    assert kept(opened, place) == [sales(share(1200))]
    assert posted(opened) == [(state, "100")]
    with opened.transaction() as tx:
        ((shelf, movements),) = shelves_of(tx, place.feed_id)
        (allocated,) = tx.exec(select(AllocationRow).where(AllocationRow.shelf_id == shelf.id))
    assert (shelf.state, shelf.code, movements) == ("held", CHANGED, 1)
    assert allocated.amount_minor == 300


def test_each_further_change_after_posting_adds_its_own_difference(opened: Database, place: FeedPlace) -> None:
    keep(opened, place, plan(sales(share(1200))))
    post_all(opened, place)
    for wanted in (sales(share(1500, 2)), sales(share(1500, 2), share(80, of=DRINKS)), sales(share(1200))):
        assert keep(opened, place, plan(wanted)) == "changed"
        with opened.transaction() as tx:
            known = stored(tx, list(tx.exec(select(PeriodRow))))
        assert {key: of for key, of in known.items() if of != (0, 0)} == sums(plan(wanted).shares)
    with opened.transaction() as tx:
        assert [shelf.code for shelf, _ in shelves_of(tx, place.feed_id)] == [CHANGED] * 3
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
    keep(opened, place, plan(sales(share(1200), account="Other Sales")))
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
