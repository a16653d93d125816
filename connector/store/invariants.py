"""What must hold at any time, asked of the database: each question gives the names of what breaks it, none when all is
well. The numbers are those of docs/decisions/0010."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from connector.domain.money import decimal_text
from connector.store.connection_findings import connection_findings
from connector.store.database import Transaction
from connector.store.ledger import unconserved
from connector.store.match_checks import over_allocated, unbalanced_groups
from connector.store.outbox import GONE, IN_BOOKS
from connector.store.paid_out import unequal_payouts
from connector.store.proofs import unproved
from connector.store.tables import (
    ConnectionRow,
    CursorRow,
    DocumentRow,
    FeedRow,
    LineRow,
    PostingRow,
    ScheduleRow,
)

CLOCKS_DIFFER = timedelta(minutes=15)
MOST_NAMED = 5
GRACE = timedelta(hours=1)
ACTIVE = "active"

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})")

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

Question = Callable[[Transaction, int, datetime], list[str]]


def conservation(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """I1: each movement is in one document or on one list."""
    return [name for feed_id in _feeds(tx, connection_id) for name in unconserved(tx, feed_id)]


def balance(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """I3: the lines of each document sum to nothing."""
    rows = tx.exec(
        select(DocumentRow.mark, DocumentRow.currency, func.sum(LineRow.amount_minor))
        .join(LineRow, col(LineRow.document_id) == col(DocumentRow.id))
        .where(col(DocumentRow.feed_id).in_(_feeds(tx, connection_id)))
        .group_by(col(DocumentRow.id))
        .having(func.sum(LineRow.amount_minor) != 0)
    )
    return [f"{mark} is off by {decimal_text(int(off), currency)}" for mark, currency, off in rows]


def at_most_once(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """I9: one mark, one record: neither two live postings of ours, nor two in the books as last looked at."""
    rows = tx.exec(
        select(PostingRow.mark)
        .where(PostingRow.connection_id == connection_id, col(PostingRow.state).not_in(GONE))
        .group_by(PostingRow.mark)
        .having(func.count() > 1)
    )
    doubled = [each.subject for each in connection_findings(tx, connection_id) if each.code == "doubled_mark"]
    return sorted({*rows, *doubled})


def receipts(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """I10: what counts as being in the books has the books' own id."""
    rows = tx.exec(
        select(PostingRow.mark)
        .where(
            PostingRow.connection_id == connection_id,
            col(PostingRow.state).in_(IN_BOOKS),
            func.coalesce(PostingRow.target_id, "") == "",
        )
        .order_by(PostingRow.mark)
    )
    return list(rows)


def cursors(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """I14: no stream claims to be read beyond what can have happened yet."""
    sources = select(FeedRow.source_connection_id).where(FeedRow.target_connection_id == connection_id)
    rows = tx.exec(select(CursorRow).where(col(CursorRow.connection_id).in_(sources)))
    return [f"{row.stream} {row.location}".strip() for row in rows if _newest(row.position) > now + CLOCKS_DIFFER]


def payouts(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """I6: a payout is the sum of its entries."""
    return unequal_payouts(tx, connection_id)


def silence(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """I26: of every feed that runs by itself the source was read to its end, or had nothing new, within twice the
    feed's longest gap. Only reading ends a silence, and a silence stops only sending, so it never holds itself up; one
    whose source waits for a new consent is not silent, that is told."""
    return [name for name, row, state in _begun(tx, connection_id, now) if state == ACTIVE and _is_silent(row, now)]


QUESTIONS: Mapping[str, Question] = {
    "I1": conservation,
    "I3": balance,
    "I5": unproved,
    "I6": payouts,
    "I9": at_most_once,
    "I10": receipts,
    "I14": cursors,
    "I16": over_allocated,
    "I17": unbalanced_groups,
    "I26": silence,
}


def overdue(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """Feeds that are not silent, but have not come to a good end for as long: sending may be what ends that."""
    silent = silence(tx, connection_id, now)
    found = [name for name, row, _ in _begun(tx, connection_id, now) if now > _until(row, row.last_good_at)]
    return [name for name in found if name not in silent]


ALARMS: Mapping[str, Question] = {"late": overdue}
"""Rules whose breach is told and stops nothing."""


def alarms(tx: Transaction, connection_id: int, now: datetime) -> dict[str, list[str]]:
    """As breaches, of the rules that stop nothing."""
    asked = {number: ask(tx, connection_id, now) for number, ask in ALARMS.items()}
    return {number: found[:MOST_NAMED] for number, found in asked.items() if found}


def breaches(tx: Transaction, connection_id: int, now: datetime) -> dict[str, list[str]]:
    """What is broken for a target connection: the number of the rule and the first names; empty when all is well."""
    asked = {number: ask(tx, connection_id, now) for number, ask in QUESTIONS.items()}
    return {number: found[:MOST_NAMED] for number, found in asked.items() if found}


def targets(tx: Transaction) -> list[int]:
    return [row or 0 for row in tx.exec(select(ConnectionRow.id).where(ConnectionRow.side == "target"))]


def _feeds(tx: Transaction, connection_id: int) -> list[int]:
    return [row or 0 for row in tx.exec(select(FeedRow.id).where(FeedRow.target_connection_id == connection_id))]


def _begun(tx: Transaction, connection_id: int, now: datetime) -> list[tuple[str, ScheduleRow, str]]:
    """Feeds that run by themselves and ever were due (one that starts some day is silent by right), each with the
    state of its source."""
    rows = tx.exec(
        select(FeedRow.name, ScheduleRow, ConnectionRow.state)
        .join(ScheduleRow, col(ScheduleRow.feed_id) == col(FeedRow.id))
        .join(ConnectionRow, col(ConnectionRow.id) == col(FeedRow.source_connection_id))
        .where(FeedRow.target_connection_id == connection_id, col(ScheduleRow.next_run_at).is_not(None))
        .order_by(FeedRow.name)
    )
    return [(name, row, state) for name, row, state in rows if row.last_slot or (row.next_run_at or now) < now]


def _is_silent(row: ScheduleRow, now: datetime) -> bool:
    return now > max(_until(row, row.last_good_at), _until(row, row.last_read_at))


def _until(row: ScheduleRow, last: datetime | None) -> datetime:
    """How long a feed may go on from there before it is told."""
    since = max(row.enabled_at, last or row.enabled_at)
    return since + 2 * timedelta(seconds=row.gap_seconds) + GRACE


def _newest(position: str) -> datetime:
    found = [datetime.fromisoformat(text) for text in _MOMENT.findall(position)]
    return max(found, default=_LONG_AGO)
