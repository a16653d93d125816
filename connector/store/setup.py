"""What set-up was told about a feed: its answers, what was open at the cut-over, and whether the feed may post."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from sqlmodel import col, delete, select

from connector.domain.cutover import Cutover, OpeningItem
from connector.store.connection_tables import FeedRow, OpeningItemRow, SetupAnswerRow
from connector.store.database import Transaction

FeedState = Literal["set up", "active"]

PREVIOUS, LAST_DAY, AGAINST, COMPLETE = "previous", "last day", "against", "openings"


def answers(tx: Transaction, feed_id: int) -> dict[str, str]:
    """What was answered, by question."""
    rows = tx.exec(select(SetupAnswerRow).where(SetupAnswerRow.feed_id == feed_id).order_by(SetupAnswerRow.question))
    return {row.question: row.answer for row in rows}


def keep_answers(tx: Transaction, feed_id: int, said: dict[str, str], *, author: str, now: datetime) -> None:
    """Keeps answers, each with who gave it and when; an empty one takes the answer back."""
    for question, answer in said.items():
        row = tx.get(SetupAnswerRow, (feed_id, question))
        if row is not None and not answer:
            tx.delete(row)
        elif answer:
            row = row or SetupAnswerRow(feed_id=feed_id, question=question, answer="", answered_at=now)
            row.answer, row.author, row.answered_at = answer, author, now
            tx.add(row)
    tx.flush()


def cutover(tx: Transaction, feed_id: int) -> Cutover:
    """The cut-over as far as it is decided."""
    said = answers(tx, feed_id)
    return Cutover(
        previous=said.get(PREVIOUS, ""),
        last_day=date.fromisoformat(said[LAST_DAY]) if said.get(LAST_DAY) else None,
        against=said.get(AGAINST, ""),
        items=tuple(_items(tx, feed_id)),
        is_complete=COMPLETE in said,
    )


def keep_items(tx: Transaction, feed_id: int, items: Iterable[OpeningItem]) -> None:
    """Keeps opening items beside those there are; one of the same slot and name takes its place, an amount of zero
    takes it away."""
    for item in items:
        gone = delete(OpeningItemRow).where(
            col(OpeningItemRow.feed_id) == feed_id,
            col(OpeningItemRow.slot) == item.slot,
            col(OpeningItemRow.name) == item.name,
            col(OpeningItemRow.currency) == item.currency,
        )
        tx.exec(gone)
        if item.amount:
            row = OpeningItemRow(
                feed_id=feed_id, slot=item.slot, name=item.name, amount_minor=item.amount, currency=item.currency
            )
            tx.add(row)
    tx.flush()


def forget_items(tx: Transaction, feed_id: int) -> None:
    tx.exec(delete(OpeningItemRow).where(col(OpeningItemRow.feed_id) == feed_id))


def set_start(tx: Transaction, feed_id: int, day: date | None) -> None:
    """The first day of a feed; what is before it is left to the method before."""
    row = tx.get_one(FeedRow, feed_id)
    row.starts_on = day
    tx.add(row)


def set_role(tx: Transaction, feed_id: int, role: str) -> None:
    """What of its source a feed posts."""
    row = tx.get_one(FeedRow, feed_id)
    row.role = role
    tx.add(row)


def set_feed_state(tx: Transaction, feed_id: int, state: FeedState) -> None:
    row = tx.get_one(FeedRow, feed_id)
    row.state = state
    tx.add(row)


def inactive_feeds(tx: Transaction, target_connection_id: int) -> dict[int, str]:
    """The feeds into these books that may not post yet: number and name."""
    rows = tx.exec(
        select(FeedRow).where(FeedRow.target_connection_id == target_connection_id, FeedRow.state != "active")
    )
    return {row.id or 0: row.name for row in rows}


def setup_state(tx: Transaction, feed_id: int) -> str:
    """Changes whenever anything that was told does."""
    told = sorted(answers(tx, feed_id).items())
    return f"{told}{list(_items(tx, feed_id))}"


def _items(tx: Transaction, feed_id: int) -> Iterable[OpeningItem]:
    rows = tx.exec(select(OpeningItemRow).where(OpeningItemRow.feed_id == feed_id).order_by(col(OpeningItemRow.id)))
    return [OpeningItem(slot=row.slot, name=row.name, amount=row.amount_minor, currency=row.currency) for row in rows]
