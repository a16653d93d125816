"""Records as received, their facts, and the cursors: the first hand-over, one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import get_args

import msgspec
from sqlmodel import col, select

from connector.domain.facts import About, Bucket, BucketKey, Fact, Problem, period_name
from connector.errors import Broken, RetryLater
from connector.store.database import Transaction
from connector.store.pages import PageWriter, page_with
from connector.store.tables import CursorRow, FactRow, RecordRow

_ABOUTS: Mapping[str, type[About]] = {kind.__name__: kind for kind in get_args(About)}
_TRANSLATE_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecord:
    """A record that is new or changed: its row, to hang the fact on."""

    record_id: int
    source_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPlace:
    """Where a record's bytes lie: its page and its ordinal within it."""

    record_id: int
    stream: str
    source_id: str
    version: int
    page_id: int
    ordinal: int


def keep_page(tx: Transaction, connection_id: int, stream: str, body: bytes, now: datetime) -> int:
    """Stores an answer's bytes once and gives the page's id."""
    known = page_with(tx, connection_id, stream, hashlib.sha256(body).hexdigest())
    if known is not None:
        return known
    writer = PageWriter(tx, connection_id, stream, now)
    writer.write(body)
    return writer.close()[0]


def keep_answer(
    tx: Transaction, connection_id: int, stream: str, body: bytes, bodies: Sequence[tuple[str, bytes]], now: datetime
) -> list[NewRecord]:
    """Rows for the records (source id, bytes) of an answer that are new or changed, and its page; of an answer that
    tells nothing new, nothing is kept."""
    return _keep(tx, connection_id, stream, cache(lambda: keep_page(tx, connection_id, stream, body, now)), bodies)


def keep_records(
    tx: Transaction, connection_id: int, stream: str, page_id: int, bodies: Sequence[tuple[str, bytes]]
) -> list[NewRecord]:
    """Rows for the records (source id, bytes) of a page that are new or changed; one seen unchanged is no work."""
    return _keep(tx, connection_id, stream, lambda: page_id, bodies)


def _keep(
    tx: Transaction, connection_id: int, stream: str, page: Callable[[], int], bodies: Sequence[tuple[str, bytes]]
) -> list[NewRecord]:
    current = _current(tx, connection_id, stream, [source_id for source_id, _ in bodies])
    made = []
    for ordinal, (source_id, body) in enumerate(bodies):
        digest = hashlib.sha256(body).hexdigest()
        before = current.get(source_id)
        if before and before.digest == digest:
            continue
        if before:
            before.is_current = False
            tx.add(before)
        row = RecordRow(
            connection_id=connection_id,
            stream=stream,
            source_id=source_id,
            version=before.version + 1 if before else 1,
            digest=digest,
            page_id=page(),
            ordinal=ordinal,
        )
        tx.add(row)
        tx.flush()
        current[source_id] = row
        made.append(NewRecord(record_id=row.id or 0, source_id=source_id, version=row.version))
    return made


def keep_fact(tx: Transaction, connection_id: int, record_id: int, fact: Fact) -> None:
    """Stores what a record was translated to; the fact of its older version is history from now on."""
    older = select(FactRow).where(
        FactRow.connection_id == connection_id,
        FactRow.stream == fact.stream,
        FactRow.source_id == fact.source_id,
        col(FactRow.is_current).is_(True),
    )
    for row in tx.exec(older):
        row.is_current = False
        tx.add(row)
    tx.add(_row(connection_id, record_id, fact))


def fill_row(row: FactRow, fact: Fact) -> None:
    """Writes a fact into the row of the same record."""
    anew = _row(row.connection_id, row.record_id, fact)
    for name in _TRANSLATED:
        setattr(row, name, getattr(anew, name))


_TRANSLATED = ("period_name", "location", "kind", "occurred_at", "business_day", "currency", "movement_count", "about",
               "buckets", "vector", "problems")  # fmt: skip


def _row(connection_id: int, record_id: int, fact: Fact) -> FactRow:
    return FactRow(
        connection_id=connection_id,
        record_id=record_id,
        stream=fact.stream,
        source_id=fact.source_id,
        period_name=period_name(fact),
        translate_version=_TRANSLATE_VERSION,
        location=fact.location,
        kind=type(fact.about).__name__,
        occurred_at=fact.occurred_at,
        business_day=fact.business_day,
        currency=fact.currency,
        movement_count=fact.movement_count,
        about=msgspec.json.encode(fact.about),
        buckets=_packed_buckets(fact.buckets),
        vector=fact.vector,
        problems=msgspec.json.encode(fact.problems),
    )


def facts(tx: Transaction, connection_id: int, period: str = "") -> list[Fact]:
    """The current facts of a connection, of one period where it is named, in the order they came."""
    wanted = select(FactRow).where(FactRow.connection_id == connection_id, col(FactRow.is_current).is_(True))
    if period:
        wanted = wanted.where(FactRow.period_name == period)
    return [fact_of_row(row) for row in tx.exec(wanted.order_by(col(FactRow.id)))]


def record_place(tx: Transaction, connection_id: int, stream: str, source_id: str) -> RecordPlace:
    """Where the current version of a record lies; raises Broken where there is none."""
    found = place_of_record(tx, connection_id, stream, source_id)
    if found is None:
        raise Broken(f"There is no record {stream}/{source_id}.")
    return found


def place_of_record(tx: Transaction, connection_id: int, stream: str, source_id: str) -> RecordPlace | None:
    """The same; None where there is none."""
    row = _current(tx, connection_id, stream, [source_id]).get(source_id)
    if row is None:
        return None
    return RecordPlace(
        record_id=row.id or 0,
        stream=row.stream,
        source_id=row.source_id,
        version=row.version,
        page_id=row.page_id,
        ordinal=row.ordinal,
    )


def current_records(tx: Transaction, connection_id: int, stream: str) -> list[RecordPlace]:
    """Where the current records of a stream lie, by page and ordinal."""
    rows = tx.exec(
        select(RecordRow)
        .where(RecordRow.connection_id == connection_id, RecordRow.stream == stream)
        .where(col(RecordRow.is_current).is_(True))
        .order_by(col(RecordRow.page_id), col(RecordRow.ordinal))
    )
    return [
        RecordPlace(
            record_id=r.id or 0,
            stream=r.stream,
            source_id=r.source_id,
            version=r.version,
            page_id=r.page_id,
            ordinal=r.ordinal,
        )
        for r in rows
    ]


def position(tx: Transaction, connection_id: int, location: str, stream: str) -> str:
    """How far a stream has been read; empty at the start."""
    row = tx.get(CursorRow, (connection_id, location, stream))
    return row.position if row else ""


def cursor_moves(tx: Transaction, connection_id: int, location: str, stream: str) -> int:
    """How often a cursor was moved: who reads a stream sees by it that nobody else does."""
    row = tx.get(CursorRow, (connection_id, location, stream))
    return row.moves if row else 0


def move_cursor(
    tx: Transaction, connection_id: int, location: str, stream: str, to: str, moves: int | None = None
) -> None:
    """Moves the cursor; only ever called in the transaction that stored the records it passes.

    Raises RetryLater where it was not moved `moves` times before: another worker reads the stream, and what this one
    holds may be older than what is stored."""
    row = tx.get(CursorRow, (connection_id, location, stream))
    if moves is not None and (row.moves if row else 0) != moves:
        raise RetryLater(f"Another worker has read {stream} meanwhile; nothing of this reading was kept.")
    if row is None:
        row = CursorRow(connection_id=connection_id, location=location, stream=stream, position=to)
    row.position, row.moves = to, row.moves + 1
    tx.add(row)


def _current(tx: Transaction, connection_id: int, stream: str, ids: Iterable[str]) -> dict[str, RecordRow]:
    wanted = list(dict.fromkeys(ids))
    found: dict[str, RecordRow] = {}
    for start in range(0, len(wanted), 500):
        rows = tx.exec(
            select(RecordRow)
            .where(RecordRow.connection_id == connection_id, RecordRow.stream == stream)
            .where(col(RecordRow.is_current).is_(True), col(RecordRow.source_id).in_(wanted[start : start + 500]))
        )
        found.update({row.source_id: row for row in rows})
    return found


def fact_of_row(row: FactRow) -> Fact:
    """The fact that a row holds."""
    return Fact(
        stream=row.stream,
        source_id=row.source_id,
        about=msgspec.json.decode(row.about, type=_ABOUTS[row.kind]),
        location=row.location,
        occurred_at=row.occurred_at,
        business_day=row.business_day,
        currency=row.currency,
        buckets=_unpacked_buckets(row.buckets),
        vector=row.vector,
        problems=msgspec.json.decode(row.problems, type=tuple[Problem, ...]),
    )


_Packed = tuple[str, str, str, str, str, str, str, str, int, int]


def _packed_buckets(buckets: Iterable[Bucket]) -> bytes:
    return msgspec.msgpack.encode([
        (key.kind, key.code, key.currency, key.period, key.tax_code, key.parent, key.location, key.channel, amount, n)
        for key, amount, n in ((bucket.key, bucket.amount, bucket.count) for bucket in buckets)
    ])  # fmt: skip


def _unpacked_buckets(packed: bytes) -> tuple[Bucket, ...]:
    rows = msgspec.msgpack.decode(packed, type=list[_Packed])
    return tuple(
        Bucket(
            key=BucketKey(
                kind=kind,
                code=code,
                currency=currency,
                period=period,
                tax_code=tax_code,
                parent=parent,
                location=location,
                channel=channel,
            ),
            amount=amount,
            count=count,
        )
        for kind, code, currency, period, tax_code, parent, location, channel, amount, count in rows
    )
