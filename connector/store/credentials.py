"""Sealed tokens, one row a connection, and the lease under which one worker at a time refreshes them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Update, update
from sqlmodel import col, select

from connector.domain.finding import Finding
from connector.errors import ConnectorError, NeedsReconnect, RetryLater, Unreadable
from connector.store.connection_findings import RECONNECT, connection_findings, keep_connection_findings
from connector.store.database import Database, Transaction, hold
from connector.store.refresh_attempts import (
    begin_attempt,
    end_attempt,
    end_attempts,
    open_attempts,
    open_since,
    used_name,
)
from connector.store.tables import ConnectionRow, CredentialRow, QuarantineRow
from connector.store.token_journal import TokenJournal
from connector.store.vault import Vault
from connector.transport.oauth import Answered, Grant

LEASE = timedelta(seconds=120)  # longer than the slowest refresh: 5 s to connect, 60 s to answer
WAIT_SECONDS = 0.2
MAX_WAITS = 700
ENDED = "reconnect needed"
OLD_KEY = "It is sealed with an older key."


def keep_grant(tx: Transaction, vault: Vault, connection_id: int, grant: Grant, now: datetime) -> None:
    """Seals a grant that an owner gave and stores it for the connection, in place of any older one.

    A refresh that is under way with the older one loses its lease, so that it cannot overwrite this."""
    hold(tx, connection_id)
    row = tx.get(CredentialRow, connection_id)
    sealed = vault.seal(_packed(grant), _row_name(connection_id))
    if row is None:
        row = CredentialRow(connection_id=connection_id, sealed=sealed, version=0)
    row.sealed, row.expires_at, row.version = sealed, grant.expires_at, row.version + 1
    row.fence, row.lease_until, row.refused_version, row.granted_at = row.fence + 1, None, 0, now
    tx.add(row)
    end_attempts(tx, connection_id, "connected anew", now)
    keep_connection_findings(tx, connection_id, RECONNECT, (), now)


def good_grants(tx: Transaction, vault: Vault, connection_ids: Sequence[int]) -> dict[int, Grant]:
    """The grants of those of some connections that may be used as they are: neither refused, nor at the end of their
    consent, nor in quarantine."""
    waiting = select(QuarantineRow.connection_id).where(col(QuarantineRow.released_at).is_(None))
    rows = tx.connection().execute(
        select(col(CredentialRow.connection_id), col(CredentialRow.sealed))
        .join(ConnectionRow, col(ConnectionRow.id) == col(CredentialRow.connection_id))
        .where(col(CredentialRow.connection_id).in_(connection_ids), col(ConnectionRow.state) != ENDED)
        .where(col(CredentialRow.refused_version) != col(CredentialRow.version))
        .where(col(CredentialRow.connection_id).not_in(waiting))
    )
    return {number: msgspec.json.decode(vault.open(sealed, _row_name(number)), type=Grant) for number, sealed in rows}


def forget_grant(tx: Transaction, connection_id: int, now: datetime) -> None:
    """Deletes the tokens of a connection."""
    hold(tx, connection_id)
    row = tx.get(CredentialRow, connection_id)
    if row is not None:
        tx.delete(row)
    end_attempts(tx, connection_id, "disconnected", now)
    keep_connection_findings(tx, connection_id, RECONNECT, (), now)


def granted_at(tx: Transaction, connection_id: int) -> datetime | None:
    """When the owner agreed; None where there is no grant, or one from before this was kept."""
    row = tx.get(CredentialRow, connection_id)
    return row.granted_at if row else None


def seals(tx: Transaction, vault: Vault) -> dict[int, str]:
    """How each connection's tokens are sealed: empty where the newest key opens them, else what is to be said of it."""
    return {row.connection_id: _seal_of(row, vault) for row in tx.exec(select(CredentialRow))}


def _seal_of(row: CredentialRow, vault: Vault) -> str:
    try:
        vault.open(row.sealed, _row_name(row.connection_id))
    except ConnectorError as error:
        return str(error)
    return "" if vault.is_current(row.sealed) else OLD_KEY


class StoredTokens:
    """Keeps grants for transport: sealed, leased, journalled, durable before they are used. `connection` is the row's
    number; the journal lies in `folder`, which is the database's own where that is a file."""

    def __init__(
        self, database: Database, vault: Vault, now: Callable[[], datetime], folder: Path | None = None
    ) -> None:
        self._database, self._vault, self._now = database, vault, now
        self._folder = folder
        self._held = threading.local()  # the fence of the lease that this thread holds

    @contextmanager
    def lock(self, connection: str) -> Iterator[object]:
        """Holds the lease of the credential row; waits while another holds it."""
        self._held.fence = self._leased(connection)
        try:
            yield self
        finally:
            self._release(connection)

    def load(self, connection: str) -> Grant:
        """The grant; one whose access token was refused is at its end."""
        with self._database.transaction() as tx:
            row = _row(tx, int(connection))
            if tx.get_one(ConnectionRow, row.connection_id).state == ENDED:
                raise NeedsReconnect(_why_ended(tx, row.connection_id))
            grant = self._opened(row)
            return replace(grant, expires_at=self._now()) if row.refused_version == row.version else grant

    def holds(self, connection: str) -> bool:
        """Whether there is a grant at all."""
        with self._database.transaction() as tx:
            return tx.get(CredentialRow, int(connection)) is not None

    def begin(self, connection: str, grant: Grant) -> int:
        self._journal().check()
        with self._database.transaction(of=int(connection)) as tx:
            self._write(tx, connection, {"lease_until": self._now() + LEASE})
            return begin_attempt(tx, int(connection), grant, self._now())

    def journal(self, connection: str, attempt: int, grant: Grant, answered: Answered) -> None:
        # A disk that fails between check and now must not keep the pair from the database.
        with suppress(OSError):
            self._journal().append(int(connection), attempt, used_name(grant), msgspec.json.encode(answered))

    def journalled(self, connection: str, grant: Grant) -> Answered | None:
        if not grant.refresh_token:
            return None
        try:
            found = self._journal().find(int(connection), used_name(grant))
        except OSError:
            return None  # where it cannot be read, `begin` says so
        return msgspec.json.decode(found, type=Answered) if found else None

    def in_doubt_since(self, connection: str, grant: Grant) -> datetime | None:
        with self._database.transaction() as tx:
            return open_since(tx, int(connection), grant)

    def save(self, connection: str, grant: Grant) -> None:
        sealed = self._vault.seal(_packed(grant), _row_name(int(connection)))
        wanted = {"sealed": sealed, "expires_at": grant.expires_at, "version": CredentialRow.version + 1}
        with self._database.transaction(of=int(connection)) as tx:
            self._write(tx, connection, wanted)
            end_attempts(tx, int(connection), "renewed", self._now())
        self._tidy()

    def drop(self, attempt: int, outcome: str) -> None:
        with self._database.transaction() as tx:
            end_attempt(tx, attempt, outcome, self._now())

    def end(self, connection: str, reason: str) -> None:
        with self._database.transaction(of=int(connection)) as tx:
            self._write(tx, connection, {"lease_until": None})
            end_consent(tx, int(connection), reason, self._now())
        self._tidy()

    def refuse(self, connection: str, refused: Grant, reason: str) -> bool:
        """The provider no longer took this grant's access token: whether `load` will have it renewed.

        False, and the consent has ended, where it was itself the answer to a refusal; False where it cannot be
        renewed."""
        with self._database.transaction(of=int(connection)) as tx:
            row = _row(tx, int(connection))
            if self._opened(row).access_token != refused.access_token:
                return True  # another worker has renewed it meanwhile
            if not refused.refresh_token:
                return False
            if row.refused_version and row.refused_version == row.version - 1:
                end_consent(tx, row.connection_id, reason, self._now())
                return False
            row.refused_version = row.version
            tx.add(row)
            return True

    def unended(self) -> list[str]:
        """The connections with a refresh that was begun and has no end."""
        with self._database.transaction() as tx:
            return sorted({str(row.connection_id) for row in open_attempts(tx)})

    def _opened(self, row: CredentialRow) -> Grant:
        return msgspec.json.decode(self._vault.open(row.sealed, _row_name(row.connection_id)), type=Grant)

    def _journal(self) -> TokenJournal:
        file = self._database.engine.url.database
        if self._folder is None and (self._database.engine.dialect.name != "sqlite" or not file):
            raise Unreadable("The token journal has no folder: tokens cannot be renewed without it.")
        return TokenJournal(self._folder or Path(file or "").parent, self._vault)

    def _tidy(self) -> None:
        def is_open() -> set[int]:
            with self._database.transaction() as tx:
                return {row.id or 0 for row in open_attempts(tx)}

        with suppress(OSError):  # what is left over is dropped the next time
            self._journal().keep_only(is_open)

    def _leased(self, connection: str) -> int:
        for _ in range(MAX_WAITS):
            with self._database.transaction(of=int(connection)) as tx:
                row = _row(tx, int(connection))
                if row.lease_until is None or row.lease_until <= self._now():
                    row.lease_until, row.fence = self._now() + LEASE, row.fence + 1
                    tx.add(row)
                    return row.fence
            time.sleep(WAIT_SECONDS)
        raise RetryLater("Another worker has been refreshing this token for very long.")

    def _release(self, connection: str) -> None:
        with self._database.transaction() as tx:
            tx.exec(self._mine(connection).values(lease_until=None))

    def _write(self, tx: Transaction, connection: str, values: Mapping[str, object]) -> None:
        if tx.exec(self._mine(connection).values(**values)).rowcount != 1:
            raise RetryLater("Another worker took over the refresh of this token meanwhile.")

    def _mine(self, connection: str) -> Update:
        return (
            update(CredentialRow)
            .where(col(CredentialRow.connection_id) == int(connection))
            .where(col(CredentialRow.fence) == self._held.fence)
        )


def _row(tx: Transaction, connection_id: int) -> CredentialRow:
    row = tx.get(CredentialRow, connection_id)
    if row is None:
        raise NeedsReconnect("This connection has no token. Connect again.")
    return row


def end_consent(tx: Transaction, connection_id: int, reason: str, now: datetime) -> None:
    """Pauses the connection: nothing is asked of the provider until somebody connects again."""
    hold(tx, connection_id)
    row = tx.get_one(ConnectionRow, connection_id)
    row.state = ENDED
    tx.add(row)
    fix = f"Connect it again: connector connect {row.provider} --name {row.name}"
    finding = Finding(code=RECONNECT, subject=row.name, severity="blocking", message=reason, fix=fix)
    keep_connection_findings(tx, connection_id, RECONNECT, (finding,), now)
    end_attempts(tx, connection_id, "refused", now)


def _why_ended(tx: Transaction, connection_id: int) -> str:
    reasons = [each.message for each in connection_findings(tx, connection_id) if each.code == RECONNECT]
    return next(iter(reasons), "Its consent has ended: connect again.")


def _packed(grant: Grant) -> bytes:
    return msgspec.json.encode(grant)


def _row_name(connection_id: int) -> str:
    """What the seal is bound to: a text moved to another row does not open."""
    return f"credential:{connection_id}"
