"""Schedules: when feeds are due, claimed by compare-and-set; and the streams that a provider says have news.

Any number of processes may claim: of those that saw a schedule due at one moment, one moves it on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, bindparam, delete, func, inspect, update
from sqlalchemy import select as plain_select
from sqlmodel import col, or_, select

from connector.domain.schedule import ScheduleKind
from connector.errors import Unreadable
from connector.store.database import Transaction, insert_missing
from connector.store.tables import (
    ConnectionRow,
    FeedRow,
    LeaseRow,
    LocationRow,
    OrganisationRow,
    ScheduleRow,
    StreamDueRow,
)
from connector.store.types import UTCDateTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a feed runs by itself. `provider` is its source's; `closes_at` the latest hour after midnight at which one
    of its places closes. `hour` is None where the source's quiet delay decides; `next_run_at` is None while it, or its
    organisation, is paused; `gap` is the longest time between two runs; `last_good_at` the end of the last
    run, or look, that found everything well; `enabled_at` when it was made or resumed."""

    id: int
    feed_id: int
    source_connection_id: int
    target_connection_id: int
    provider: str
    closes_at: int
    kind: ScheduleKind
    cron: str
    hour: int | None
    zone: str
    starts_on: date | None
    gap: timedelta
    next_run_at: datetime | None
    last_slot: str
    last_good_at: datetime | None
    enabled_at: datetime
    paused_at: datetime | None
    paused_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSchedule:
    """What the owner decides about when a feed runs, with the first run that follows from it."""

    kind: ScheduleKind = "daily"
    cron: str = ""
    hour: int | None = None
    zone: str = "UTC"
    starts_on: date | None = None
    gap: timedelta
    next_run_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DueStream:
    """A stream of a connection that has news since a moment."""

    connection_id: int
    stream: str
    since: datetime


def set_schedule(tx: Transaction, feed_id: int, new: NewSchedule, now: datetime) -> None:
    """Makes a feed's schedule, or changes it; one that is paused, or whose organisation is, stays so."""
    row = tx.exec(select(ScheduleRow).where(ScheduleRow.feed_id == feed_id)).first()
    row = row or ScheduleRow(feed_id=feed_id, enabled_at=now, looked_over_at=now, audited_at=now)
    row.kind, row.cron, row.hour, row.zone = new.kind, new.cron, new.hour, new.zone
    row.starts_on, row.gap_seconds = new.starts_on, int(new.gap.total_seconds())
    row.wakes_at = now  # what may be journalized follows from the schedule
    row.next_run_at = None if row.paused_at or _organisation_paused(tx, feed_id) else new.next_run_at
    tx.add(row)
    tx.flush()


def schedule_of(tx: Transaction, feed_id: int) -> Schedule | None:
    """When a feed runs; None where it only runs by hand."""
    found = tx.exec(_SCHEDULES.where(ScheduleRow.feed_id == feed_id)).first()
    return _schedule(*found) if found else None


def schedules(tx: Transaction) -> list[Schedule]:
    return [_schedule(*found) for found in tx.exec(_SCHEDULES.order_by(col(ScheduleRow.feed_id)))]


def schedules_of_source(tx: Transaction, connection_id: int) -> list[Schedule]:
    """The schedules of the feeds that one source flows into."""
    wanted = _SCHEDULES.where(FeedRow.source_connection_id == connection_id).order_by(col(ScheduleRow.feed_id))
    return [_schedule(*found) for found in tx.exec(wanted)]


def schedules_into(tx: Transaction, connection_id: int) -> list[Schedule]:
    """The schedules of the feeds that flow into one target."""
    wanted = _SCHEDULES.where(FeedRow.target_connection_id == connection_id).order_by(col(ScheduleRow.feed_id))
    return [_schedule(*found) for found in tx.exec(wanted)]


def claim_due(tx: Transaction, now: datetime, until: datetime, limit: int) -> list[Schedule]:
    """Claims schedules whose moment has come, the longest overdue first: they are due again at `until`, unless whoever
    claimed them has moved them on by then. Of those that claim at one moment, one gets each; given as they were."""
    wanted = _DUE.where(col(ScheduleRow.next_run_at) <= now)
    wanted = wanted.order_by(col(ScheduleRow.next_run_at), col(ScheduleRow.id)).limit(limit)
    due = [_schedule(row, row, row.provider, row.closes_at) for row in tx.connection().execute(wanted)]
    claim = update(ScheduleRow).where(col(ScheduleRow.next_run_at) <= now)
    claim = claim.where(col(ScheduleRow.id).in_([each.id for each in due])).values(next_run_at=until)
    won = {number for (number,) in tx.connection().execute(claim.returning(col(ScheduleRow.id)))} if due else set()
    return [each for each in due if each.id in won]


def to_look_over(tx: Transaction, before: datetime, limit: int) -> list[int]:
    """Feeds that run by themselves and whose calendar was last looked over before a moment, the longest ago first."""
    wanted = select(ScheduleRow.feed_id).where(
        col(ScheduleRow.looked_over_at) < before, col(ScheduleRow.next_run_at).is_not(None)
    )
    return list(tx.exec(wanted.order_by(col(ScheduleRow.looked_over_at)).limit(limit)))


def looked_over(tx: Transaction, feed_id: int, now: datetime) -> None:
    """The calendar of a feed was looked over."""
    looked = update(ScheduleRow).where(col(ScheduleRow.feed_id) == feed_id).values(looked_over_at=now)
    tx.connection().execute(looked)


def to_audit(tx: Transaction, before: datetime, limit: int) -> list[tuple[int, datetime]]:
    """Feeds that run by themselves and were last audited before a moment, and when, the longest ago first."""
    wanted = select(ScheduleRow.feed_id, ScheduleRow.audited_at).where(
        col(ScheduleRow.audited_at) < before, col(ScheduleRow.next_run_at).is_not(None)
    )
    found = tx.exec(wanted.order_by(col(ScheduleRow.audited_at)).limit(limit))
    return [(feed_id, at) for feed_id, at in found if at is not None]


def audited(tx: Transaction, feed_id: int, now: datetime) -> None:
    """The audit of a feed was asked for."""
    tx.connection().execute(update(ScheduleRow).where(col(ScheduleRow.feed_id) == feed_id).values(audited_at=now))


def mark_good(tx: Transaction, feed_ids: Sequence[int], now: datetime) -> None:
    """A run, or a look that found nothing new, ended well for these feeds."""
    for start in range(0, len(feed_ids), 500):
        some = feed_ids[start : start + 500]
        tx.connection().execute(update(ScheduleRow).where(col(ScheduleRow.feed_id).in_(some)).values(last_good_at=now))


def mark_read(tx: Transaction, connection_id: int, now: datetime) -> None:
    """A source was read to its end: none of its feeds is silent."""
    feeds = select(FeedRow.id).where(FeedRow.source_connection_id == connection_id)
    tx.connection().execute(update(ScheduleRow).where(col(ScheduleRow.feed_id).in_(feeds)).values(last_read_at=now))


def make_due(tx: Transaction, feed_ids: Sequence[int], now: datetime) -> None:
    """Brings the next run of these feeds forward to now, unless they are paused or due already."""
    later = (col(ScheduleRow.feed_id).in_(list(feed_ids)), col(ScheduleRow.next_run_at) > now)
    tx.connection().execute(update(ScheduleRow).where(*later).values(next_run_at=now))


def pause_feed(tx: Transaction, feed_id: int, now: datetime, because: str) -> None:
    """Nothing of the feed runs by itself until it is resumed. Raises Unreadable where it has no schedule."""
    row = _row(tx, feed_id)
    row.paused_at, row.paused_because, row.next_run_at = row.paused_at or now, because, None
    tx.add(row)


def resume_feed(tx: Transaction, feed_id: int, now: datetime) -> bool:
    """Runs once for all that was missed, then as planned; gives False where the organisation is still paused."""
    row = _row(tx, feed_id)
    is_free = not _organisation_paused(tx, feed_id)
    if row.paused_at is not None or row.next_run_at is None:
        row.paused_at, row.paused_because, row.enabled_at = None, "", now
        row.next_run_at = now if is_free else None
        tx.add(row)
    return is_free


def pause_organisation(tx: Transaction, name: str, now: datetime, because: str) -> int:
    """Nothing of the organisation runs by itself until it is resumed; gives how many feeds wait. Raises Unreadable."""
    organisation = _organisation(tx, name)
    organisation.paused_at, organisation.paused_because = organisation.paused_at or now, because
    rows = _schedules_of(tx, organisation)
    for row in rows:
        row.next_run_at = None
    return len(rows)


def resume_organisation(tx: Transaction, name: str, now: datetime) -> int:
    """Its feeds run once for all that was missed, but for those that are paused themselves; gives how many."""
    organisation = _organisation(tx, name)
    if organisation.paused_at is None:
        return 0
    organisation.paused_at, organisation.paused_because = None, ""
    rows = [row for row in _schedules_of(tx, organisation) if row.paused_at is None]
    for row in rows:
        row.next_run_at, row.enabled_at = now, now
    return len(rows)


def paused_organisations(tx: Transaction) -> dict[str, str]:
    """Which organisations are paused, and why."""
    rows = tx.exec(select(OrganisationRow).where(col(OrganisationRow.paused_at).is_not(None)))
    return {row.name: row.paused_because for row in rows}


def mark_due(tx: Transaction, connection_id: int, stream: str, now: datetime) -> None:
    """A stream has news. Marked again before it was taken, it is due since the first time."""
    insert_missing(tx, StreamDueRow, {"connection_id": connection_id, "stream": stream, "due_since": now})


def due_streams(tx: Transaction, limit: int) -> list[DueStream]:
    """What was marked and not taken yet, the longest due first."""
    rows = tx.exec(select(StreamDueRow).order_by(col(StreamDueRow.due_since)).limit(limit))
    return [DueStream(connection_id=row.connection_id, stream=row.stream, since=row.due_since) for row in rows]


def take_due(tx: Transaction, marks: Iterable[DueStream]) -> list[DueStream]:
    """Takes marks away, once what they ask for is under way; gives those that nobody else had taken."""
    connection = tx.connection()
    return [
        each
        for each in marks
        if connection.execute(
            _TAKE, {"of": each.connection_id, "named": each.stream, "since": each.since}
        ).rowcount
    ]  # fmt: skip


def hold_lease(tx: Transaction, name: str, holder: str, now: datetime, lasts: timedelta) -> bool:
    """Whether this process does, or goes on doing, the work of that name, of which there should be one."""
    until = now + lasts
    insert_missing(tx, LeaseRow, {"name": name, "holder": holder, "until": until})
    mine = or_(col(LeaseRow.holder) == holder, col(LeaseRow.until) <= now)
    taken = update(LeaseRow).where(col(LeaseRow.name) == name, mine).values(holder=holder, until=until)
    return bool(tx.connection().execute(taken).rowcount)


def give_up_lease(tx: Transaction, name: str, holder: str) -> None:
    """Another process may take it at once."""
    tx.exec(delete(LeaseRow).where(col(LeaseRow.name) == name, col(LeaseRow.holder) == holder))


_CLOSES_AT = (
    select(func.coalesce(func.max(LocationRow.closes_at), 0))
    .where(col(LocationRow.connection_id) == col(FeedRow.source_connection_id))
    .correlate(FeedRow)
    .scalar_subquery()
)
_SCHEDULES = (
    select(ScheduleRow, FeedRow, ConnectionRow.provider, _CLOSES_AT)
    .join(FeedRow, col(FeedRow.id) == col(ScheduleRow.feed_id))
    .join(ConnectionRow, col(ConnectionRow.id) == col(FeedRow.source_connection_id))
)
_DUE = (
    plain_select(*inspect(ScheduleRow).columns, col(FeedRow.source_connection_id), col(FeedRow.target_connection_id))
    .add_columns(col(ConnectionRow.provider), _CLOSES_AT.label("closes_at"))
    .join(FeedRow, col(FeedRow.id) == col(ScheduleRow.feed_id))
    .join(ConnectionRow, col(ConnectionRow.id) == col(FeedRow.source_connection_id))
)
_TAKE = delete(StreamDueRow).where(
    col(StreamDueRow.connection_id) == bindparam("of"),
    col(StreamDueRow.stream) == bindparam("named"),
    col(StreamDueRow.due_since) == bindparam("since", type_=UTCDateTime()),
)


def _row(tx: Transaction, feed_id: int) -> ScheduleRow:
    row = tx.exec(select(ScheduleRow).where(ScheduleRow.feed_id == feed_id)).first()
    if row is None:
        raise Unreadable("The feed has no schedule yet: connector schedule set FEED.")
    return row


def _organisation(tx: Transaction, name: str) -> OrganisationRow:
    row = tx.exec(select(OrganisationRow).where(OrganisationRow.name == name)).first()
    if row is None:
        known = ", ".join(tx.exec(select(OrganisationRow.name).order_by(OrganisationRow.name))) or "none yet"
        raise Unreadable(f"There is no organisation {name!r}; there are: {known}.")
    return row


def _schedules_of(tx: Transaction, organisation: OrganisationRow) -> list[ScheduleRow]:
    feeds = select(FeedRow.id).where(FeedRow.organisation_id == organisation.id)
    return list(tx.exec(select(ScheduleRow).where(col(ScheduleRow.feed_id).in_(feeds))))


def _organisation_paused(tx: Transaction, feed_id: int) -> bool:
    organisation = tx.get_one(OrganisationRow, tx.get_one(FeedRow, feed_id).organisation_id)
    return organisation.paused_at is not None


def _schedule(row: ScheduleRow | Row[Any], feed: FeedRow | Row[Any], provider: str, closes_at: int) -> Schedule:
    return Schedule(
        id=row.id or 0,
        feed_id=row.feed_id,
        source_connection_id=feed.source_connection_id,
        target_connection_id=feed.target_connection_id,
        provider=provider,
        closes_at=int(closes_at),
        kind=cast(ScheduleKind, row.kind),
        cron=row.cron,
        hour=row.hour,
        zone=row.zone,
        starts_on=row.starts_on,
        gap=timedelta(seconds=row.gap_seconds),
        next_run_at=row.next_run_at,
        last_slot=row.last_slot,
        last_good_at=row.last_good_at,
        enabled_at=row.enabled_at,
        paused_at=row.paused_at,
        paused_because=row.paused_because,
    )
