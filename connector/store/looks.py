"""A cheap look at many feeds: what it needs, read for all of them by a few statements, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from connector.store.bank_tables import MatchGroupRow
from connector.store.connection_tables import PolicySetRow
from connector.store.database import Transaction
from connector.store.feeds import Connection, connections_by_id
from connector.store.tables import (
    AccountMapRow,
    BookSnapshotRow,
    CursorRow,
    FactRow,
    FeedRow,
    LocationRow,
    OrganisationRow,
    PostingRow,
    ScheduleRow,
)
from connector.store.types import UTCDateTime

Place = tuple[str, str]
"""A stream and a location."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """How far a stream was read in a place, and the digest of the last answer that held nothing new."""

    position: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A source as a look needs it: its connection, its places, and how far each stream was read in each of them."""

    connection: Connection
    locations: tuple[str, ...]
    reads: Mapping[Place, Read]


@dataclass(frozen=True, slots=True, kw_only=True)
class Depends:
    """What a feed's journal depends on, as it is (`now`) and as it was when there was nothing to do (`seen`), and
    whether something waits that may go on: postings to be sent or looked up, or a day that is over by now."""

    now: str
    seen: str
    waits: bool

    @property
    def is_idle(self) -> bool:
        return self.now == self.seen and not self.waits


def known_sources(tx: Transaction, ids: Sequence[int]) -> dict[int, Known]:
    """Sources by their numbers."""
    places: dict[int, list[str]] = {}
    for number, name in tx.connection().execute(_PLACES.where(col(LocationRow.connection_id).in_(ids))):
        places.setdefault(number, []).append(name)
    reads: dict[int, dict[Place, Read]] = {}
    for row in tx.connection().execute(_CURSORS.where(col(CursorRow.connection_id).in_(ids))):
        number, stream, location, position, answer = row
        reads.setdefault(number, {})[stream, location] = Read(position=position, answer=answer)
    return {
        each.id: Known(connection=each, locations=tuple(places.get(each.id, ())), reads=reads.get(each.id, {}))
        for each in connections_by_id(tx, ids)
    }


def depends(tx: Transaction, feed_ids: Sequence[int], now: datetime) -> dict[int, Depends]:
    """What the journals of some feeds depend on: whatever the station's own `standing` asks is asked here as well."""
    rows = tx.connection().execute(_DEPENDS.where(col(FeedRow.id).in_(feed_ids)), {"now": now})
    return {row.feed_id: _depends(row, now) for row in rows}


def remember_answer(tx: Transaction, connection_id: int, place: Place, digest: str) -> None:
    """An answer held nothing new: the same one again is known at a glance."""
    stream, location = place
    row = tx.get(CursorRow, (connection_id, location, stream))
    if row is not None:
        row.answer = digest
        tx.add(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A schedule that was claimed until a moment and looked at: its run's slot, when it is due next, and, where there
    was nothing to do, when that was and what its journal depended on."""

    schedule_id: int
    until: datetime
    slot: str
    then: datetime
    good_at: datetime | None = None
    seen: str = ""


def settle(tx: Transaction, looks: Iterable[Looked]) -> None:
    """Moves schedules on that were claimed; one that was paused meanwhile stays where it is."""
    asked = [
        {
            "of": each.schedule_id,
            "was": each.until,
            "then": each.then,
            "slot": each.slot,
            "good": each.good_at,
            "fingerprint": each.seen,
        }
        for each in looks
    ]
    idle = [each for each in asked if each["good"] is not None]
    started = [each for each in asked if each["good"] is None]
    for statement, some in ((_SETTLE_IDLE, idle), (_SETTLE, started)):
        if some:
            tx.connection().execute(statement, some)


def _one(asked: Select[Any]) -> ColumnElement[int]:
    return func.coalesce(asked.correlate(FeedRow, OrganisationRow).scalar_subquery(), 0)


_OTHER = aliased(FeedRow)
_NEWEST = (
    select(func.max(FactRow.id))
    .where(col(FactRow.connection_id) == col(_OTHER.source_connection_id))
    .correlate(_OTHER)
    .scalar_subquery()
)
_OF_BOOKS = col(PostingRow.connection_id) == col(FeedRow.target_connection_id)
_ON_ITS_WAY = col(PostingRow.state).in_(("planned", "sending", "unknown"))
_LEFT = col(PostingRow.state).in_(("superseded", "voided"))
_READING = col(BookSnapshotRow.connection_id) == col(FeedRow.target_connection_id)
_MATCHED = (col(MatchGroupRow.feed_id) == col(FeedRow.id), col(MatchGroupRow.state) == "accepted")
_POLICIES = col(PolicySetRow.organisation_id) == col(FeedRow.organisation_id)
_DEPENDS = (
    select(
        col(FeedRow.id).label("feed_id"),
        col(FeedRow.journalized),
        col(FeedRow.style),
        col(FeedRow.role),
        col(FeedRow.policy),
        col(FeedRow.amends),
        col(FeedRow.late),
        col(FeedRow.deposits),
        col(FeedRow.document_kind),
        col(FeedRow.payout_kind),
        col(OrganisationRow.tax_filed_until),
    )
    .add_columns(
        _one(select(func.sum(_NEWEST)).where(col(_OTHER.target_connection_id) == col(FeedRow.target_connection_id))),
        _one(select(func.max(AccountMapRow.number)).where(col(AccountMapRow.feed_id) == col(FeedRow.id))),
        _one(select(func.max(BookSnapshotRow.id)).where(_READING)),
        _one(select(func.count()).select_from(PostingRow).where(_OF_BOOKS, _LEFT)),
        _one(select(func.count()).select_from(MatchGroupRow).where(*_MATCHED)),
        _one(select(func.max(MatchGroupRow.id)).where(*_MATCHED)),
        _one(select(func.max(PolicySetRow.number)).where(_POLICIES)),
        _one(select(func.min(PostingRow.id)).where(_OF_BOOKS, _ON_ITS_WAY)).label("on_its_way"),
        (col(ScheduleRow.wakes_at) <= bindparam("now", type_=UTCDateTime())).label("wakes"),
        col(ScheduleRow.seen),
    )
    .join(OrganisationRow, col(OrganisationRow.id) == col(FeedRow.organisation_id))
    .join(ScheduleRow, col(ScheduleRow.feed_id) == col(FeedRow.id))
)
_PLACES = select(col(LocationRow.connection_id), col(LocationRow.source_id)).order_by(col(LocationRow.source_id))
_CURSORS = select(
    col(CursorRow.connection_id),
    col(CursorRow.stream),
    col(CursorRow.location),
    col(CursorRow.position),
    col(CursorRow.answer),
)
_MOMENT = UTCDateTime()
_CLAIMED = update(ScheduleRow).where(
    col(ScheduleRow.id) == bindparam("of"), col(ScheduleRow.next_run_at) == bindparam("was", type_=_MOMENT)
)
_SETTLE = _CLAIMED.values(next_run_at=bindparam("then", type_=_MOMENT), last_slot=bindparam("slot"))
_SETTLE_IDLE = _CLAIMED.values(
    next_run_at=bindparam("then", type_=_MOMENT),
    last_slot=bindparam("slot"),
    last_good_at=bindparam("good", type_=_MOMENT),
    seen=bindparam("fingerprint"),
)


def _depends(row: Row[Any], now: datetime) -> Depends:
    month = f"{now:%Y-%m}" if row.policy == "accrue" else ""
    asked = "/".join(map(str, row[:-3]))
    return Depends(now=f"{asked}/{month}", seen=row.seen, waits=bool(row.wakes) or bool(row.on_its_way))
