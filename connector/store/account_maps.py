"""Versions of the account map of a feed, and the books as last read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

import msgspec
from sqlmodel import col, select

from connector.domain.account_map import AccountMap
from connector.domain.books import Books
from connector.domain.map_file import read_map
from connector.errors import Unreadable
from connector.store.database import Transaction, hold
from connector.store.tables import AccountMapRow, BookSnapshotRow, FeedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class MapVersion:
    """One version of a feed's map: its number, who decided it and why, and the first day it is for."""

    number: int
    author: str
    reason: str
    valid_from: date | None


def keep_map(
    tx: Transaction, feed_id: int, text: str, *, author: str = "", reason: str = "", valid_from: date | None = None
) -> int:
    """A new version of the map, if it differs from the newest; gives the number in force. Raises Unreadable."""
    read_map(text)
    hold(tx, tx.get_one(FeedRow, feed_id).target_connection_id)
    digest = hashlib.sha256(text.encode()).hexdigest()
    newest = _newest(tx, feed_id)
    if newest and newest.digest == digest:
        return newest.number
    number = newest.number + 1 if newest else 1
    tx.add(
        AccountMapRow(
            feed_id=feed_id,
            number=number,
            body=text,
            digest=digest,
            author=author,
            reason=reason,
            valid_from=valid_from,
        )
    )
    tx.flush()
    return number


def note_decided(tx: Transaction, feed_id: int, number: int, now: datetime) -> int:
    """Notes when a version of the map was decided; the first time counts. Gives the number."""
    row = tx.exec(select(AccountMapRow).where(AccountMapRow.feed_id == feed_id, AccountMapRow.number == number)).first()
    if row is not None and row.decided_at is None:
        row.decided_at = now
        tx.add(row)
    return number


def map_versions(tx: Transaction, feed_id: int) -> list[MapVersion]:
    """Every version, newest first."""
    rows = tx.exec(
        select(AccountMapRow).where(AccountMapRow.feed_id == feed_id).order_by(col(AccountMapRow.number).desc())
    )
    return [
        MapVersion(number=row.number, author=row.author, reason=row.reason, valid_from=row.valid_from) for row in rows
    ]


def map_version(tx: Transaction, feed_id: int, number: int) -> AccountMap:
    """A version by its number, 0 for the one in force; raises Unreadable, naming those there are."""
    if not number:
        return account_map(tx, feed_id)
    row = tx.exec(select(AccountMapRow).where(AccountMapRow.feed_id == feed_id, AccountMapRow.number == number)).first()
    if row is None:
        known = ", ".join(str(each.number) for each in map_versions(tx, feed_id)) or "none yet"
        raise Unreadable(f"There is no version {number} of this map; there are: {known}.")
    return _read(row)


def account_map(tx: Transaction, feed_id: int) -> AccountMap:
    """The map in force; empty where nothing was decided yet."""
    row = _newest(tx, feed_id)
    return _read(row) if row else AccountMap()


def dated_maps(tx: Transaction, feed_id: int) -> tuple[AccountMap, tuple[tuple[date, AccountMap], ...]]:
    """The newest map, and the older ones that are still for the days before it: oldest first, each with the first day
    that it is not for. The first map there ever was is for all days before as well."""
    rows = tx.exec(
        select(AccountMapRow).where(AccountMapRow.feed_id == feed_id).order_by(col(AccountMapRow.number).desc())
    ).all()
    if not rows:
        return AccountMap(), ()
    newest, until = rows[0], rows[0].valid_from
    earlier: list[tuple[date, AccountMap]] = []
    for row in rows[1:]:
        if until is None:
            break
        if row.valid_from is None or row.valid_from < until:
            earlier.append((until, _read(row)))
            until = row.valid_from
    return _read(newest), tuple(reversed(earlier))


def map_as_posted(tx: Transaction, feed_id: int, number: int) -> AccountMap:
    """An older version of the map, with what only the newest decides filled in: by it a correction finds the accounts
    of the document it corrects, and whatever is new since still has a home."""
    newest = account_map(tx, feed_id)
    row = tx.exec(select(AccountMapRow).where(AccountMapRow.feed_id == feed_id, AccountMapRow.number == number)).first()
    old = _read(row) if row else AccountMap()
    return replace(
        newest,
        number=number,
        slots={**newest.slots, **old.slots},
        codes={**newest.codes, **old.codes},
        places={**newest.places, **old.places},
        taxes={**newest.taxes, **old.taxes},
        locations={**newest.locations, **old.locations},
        exchange=old.exchange or newest.exchange,
        country=old.country or newest.country,
    )


def keep_books(tx: Transaction, connection_id: int, books: Books, now: datetime) -> None:
    """Remembers the books as read; a reading equal to the newest only moves its time."""
    hold(tx, connection_id)
    body = msgspec.json.encode(books).decode()
    newest = _snapshot(tx, connection_id)
    if newest and newest.body == body:
        newest.read_at = now
        tx.add(newest)
        return
    tx.add(BookSnapshotRow(connection_id=connection_id, kind="books", read_at=now, body=body))


def books(tx: Transaction, connection_id: int) -> tuple[Books, datetime, int] | None:
    """The books as last read, when, and the number of the reading; None where they never were."""
    row = _snapshot(tx, connection_id)
    return (msgspec.json.decode(row.body, type=Books), row.read_at, row.id or 0) if row else None


def _read(row: AccountMapRow) -> AccountMap:
    return _read_text(row.body, row.number)


@lru_cache(maxsize=16)
def _read_text(body: str, number: int) -> AccountMap:
    """A version never changes, and is asked for at every station."""
    return read_map(body, number=number)


def _newest(tx: Transaction, feed_id: int) -> AccountMapRow | None:
    wanted = select(AccountMapRow).where(AccountMapRow.feed_id == feed_id).order_by(col(AccountMapRow.number).desc())
    return tx.exec(wanted.limit(1)).first()


def _snapshot(tx: Transaction, connection_id: int) -> BookSnapshotRow | None:
    wanted = (
        select(BookSnapshotRow)
        .where(BookSnapshotRow.connection_id == connection_id)
        .order_by(col(BookSnapshotRow.read_at).desc(), col(BookSnapshotRow.id).desc())
    )
    return tx.exec(wanted.limit(1)).first()
