"""Notices in the store: what is to be told to whom, written down before anything is sent, and each told once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import col, select

from connector.domain.finding import Finding
from connector.store.connection_findings import URGENT, told_of
from connector.store.database import Transaction, insert_missing
from connector.store.findings import finding_of
from connector.store.tables import (
    ConnectionFindingRow,
    ConnectionRow,
    FeedRow,
    FindingRow,
    MembershipRow,
    NoticeRow,
    OrganisationRow,
    PersonRow,
)

Row = FindingRow | ConnectionFindingRow

LEASE = timedelta(minutes=10)  # one that began to send and died is followed by another after that
FIRST_WAIT, LONGEST_WAIT, MOST_ATTEMPTS = timedelta(minutes=1), timedelta(hours=6), 15
DAY_BEGINS = timedelta(hours=6)  # UTC: a digest is there when work begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One finding as a notice tells it: of a feed, or of a connection."""

    organisation: str
    feed: str = ""
    connection: str = ""
    finding: Finding
    first_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What goes to one person on one way in one message. `sealed` is the webhook's secret as it is kept."""

    name: str
    person_id: int
    person: str
    email: str
    webhook: str
    sealed: str
    way: str
    kind: str
    attempts: int
    told: tuple[Told, ...]


def make_notices(tx: Transaction, now: datetime) -> int:
    """Writes down what every person is to be told and was not yet: what blocks, or ends a consent, at once, the rest
    where the digest is due; nothing that is closed or muted. Gives how many."""
    made = 0
    for person in tx.exec(select(PersonRow).order_by(col(PersonRow.id))):
        ways = [way for way, address in (("mail", person.email), ("webhook", person.webhook)) if address]
        if not ways:
            continue
        open_rows: list[Row] = [*_open(tx, person.id or 0, now), *_open_of_connections(tx, person.id or 0)]
        digest = _is_due(person, now)
        if digest:
            person.digested_at = now
            tx.add(person)
        for way in ways:
            untold = _untold(tx, open_rows, person.id or 0, way)
            at_once = [row for row in untold if _is_urgent(row) and person.at_once]
            made += _write(tx, person.id or 0, way, "at once", at_once, now)
            rest = [row for row in untold if row not in at_once] if digest else []
            made += _write(tx, person.id or 0, way, person.digest, rest, now)
    return made


def claim(tx: Transaction, now: datetime) -> str | None:
    """The name of a batch to be sent now, taken so that nobody else sends it; None where nothing is left."""
    wanted = select(NoticeRow.batch).where(_waits(now)).order_by(col(NoticeRow.id)).limit(1)
    name = tx.exec(wanted).first()
    if name is None:
        return None
    taken = update(NoticeRow).where(col(NoticeRow.batch) == name, _waits(now))
    done = tx.connection().execute(taken.values(not_before=now + LEASE, attempts=NoticeRow.attempts + 1))
    return name if done.rowcount else None


def batch(tx: Transaction, name: str) -> Batch:
    """Everything that a message needs."""
    first = _rows(tx, name)[0]
    person = tx.get_one(PersonRow, first.person_id)
    return Batch(
        name=name,
        person_id=first.person_id,
        person=person.name,
        email=person.email,
        webhook=person.webhook,
        sealed=person.webhook_secret,
        way=first.way,
        kind=first.kind,
        attempts=first.attempts,
        told=(*_told_of_feeds(tx, name), *_told_of_connections(tx, name)),
    )


def sent(tx: Transaction, name: str, now: datetime) -> None:
    for row in _rows(tx, name):
        row.sent_at, row.reason = now, ""
        tx.add(row)


def failed(tx: Transaction, name: str, reason: str, now: datetime, *, for_good: bool) -> None:
    """It is tried again later, each time after twice as long; never again after the last attempt, or where it is
    refused for good. The reason stays."""
    for row in _rows(tx, name):
        row.reason = reason
        if for_good or row.attempts >= MOST_ATTEMPTS:
            row.given_up_at = now
        else:
            row.not_before = now + min(FIRST_WAIT * 2 ** (row.attempts - 1), LONGEST_WAIT)
        tx.add(row)


def _told_of_feeds(tx: Transaction, name: str) -> Iterator[Told]:
    wanted = (
        select(FindingRow, FeedRow.name, OrganisationRow.name)
        .join(NoticeRow, col(NoticeRow.finding_row_id) == col(FindingRow.id))
        .join(FeedRow, col(FeedRow.id) == col(FindingRow.feed_id))
        .join(OrganisationRow, col(OrganisationRow.id) == col(FeedRow.organisation_id))
        .where(NoticeRow.batch == name)
        .order_by(col(NoticeRow.id))
    )
    for row, feed, organisation in tx.exec(wanted):
        yield Told(organisation=organisation, feed=feed, finding=finding_of(row), first_seen=row.first_seen)


def _told_of_connections(tx: Transaction, name: str) -> Iterator[Told]:
    wanted = (
        select(ConnectionFindingRow, ConnectionRow.name, OrganisationRow.name)
        .join(NoticeRow, col(NoticeRow.connection_finding_id) == col(ConnectionFindingRow.id))
        .join(ConnectionRow, col(ConnectionRow.id) == col(ConnectionFindingRow.connection_id))
        .join(OrganisationRow, col(OrganisationRow.id) == col(ConnectionRow.organisation_id))
        .where(NoticeRow.batch == name)
        .order_by(col(NoticeRow.id))
    )
    for row, connection, organisation in tx.exec(wanted):
        yield Told(organisation=organisation, connection=connection, finding=told_of(row), first_seen=row.first_seen)


def _is_due(person: PersonRow, now: datetime) -> bool:
    if person.digest == "off":
        return False
    return person.digested_at is None or _slot(person.digest, person.digested_at) < _slot(person.digest, now)


def _slot(digest: str, moment: datetime) -> tuple[int, ...]:
    day = (moment - DAY_BEGINS).date()
    return tuple(day.isocalendar()[:2]) if digest == "weekly" else (day.toordinal(),)


def _open(tx: Transaction, person_id: int, now: datetime) -> Sequence[FindingRow]:
    mine = select(MembershipRow.organisation_id).where(MembershipRow.person_id == person_id)
    feeds = select(FeedRow.id).where(col(FeedRow.organisation_id).in_(mine))
    muted = col(FindingRow.muted_until)
    wanted = select(FindingRow).where(
        col(FindingRow.feed_id).in_(feeds), col(FindingRow.closed_at).is_(None), or_(muted.is_(None), muted <= now)
    )
    return tx.exec(wanted.order_by(col(FindingRow.id))).all()


def _open_of_connections(tx: Transaction, person_id: int) -> Sequence[ConnectionFindingRow]:
    mine = select(MembershipRow.organisation_id).where(MembershipRow.person_id == person_id)
    of = select(ConnectionRow.id).where(col(ConnectionRow.organisation_id).in_(mine))
    wanted = select(ConnectionFindingRow).where(
        col(ConnectionFindingRow.connection_id).in_(of), col(ConnectionFindingRow.closed_at).is_(None)
    )
    return tx.exec(wanted.order_by(col(ConnectionFindingRow.id))).all()


def _is_urgent(row: Row) -> bool:
    return row.severity == "blocking" or (isinstance(row, ConnectionFindingRow) and row.code in URGENT)


def _untold(tx: Transaction, rows: Iterable[Row], person_id: int, way: str) -> list[Row]:
    known = select(NoticeRow.finding_row_id, NoticeRow.connection_finding_id, NoticeRow.episode).where(
        NoticeRow.person_id == person_id, NoticeRow.way == way
    )
    told = set(tx.exec(known))
    return [row for row in rows if (*_subject(row), row.episode) not in told]


def _subject(row: Row) -> tuple[int | None, int | None]:
    """What a notice points at: a finding of a feed, or one of a connection."""
    return (row.id, None) if isinstance(row, FindingRow) else (None, row.id)


def _write(tx: Transaction, person_id: int, way: str, kind: str, rows: Sequence[Row], now: datetime) -> int:
    spelled = f"{person_id}|{way}|{kind}|{[(*_subject(row), row.episode) for row in rows]}"
    name = hashlib.sha256(spelled.encode()).hexdigest()[:24]
    for row in rows:
        of_feed, of_connection = _subject(row)
        values = {
            "person_id": person_id, "finding_row_id": of_feed, "connection_finding_id": of_connection,
            "episode": row.episode, "way": way, "kind": kind, "batch": name, "made_at": now, "attempts": 0,
            "reason": "",
        }  # fmt: skip
        insert_missing(tx, NoticeRow, values)
    return len(rows)


def _waits(now: datetime) -> ColumnElement[bool]:
    later, is_open = col(NoticeRow.not_before), col(NoticeRow.sent_at).is_(None)
    return and_(is_open, col(NoticeRow.given_up_at).is_(None), or_(later.is_(None), later <= now))


def _rows(tx: Transaction, name: str) -> Sequence[NoticeRow]:
    return tx.exec(select(NoticeRow).where(NoticeRow.batch == name).order_by(col(NoticeRow.id))).all()
