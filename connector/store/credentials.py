"""Sealed tokens, one row a connection, and the lease under which one worker at a time refreshes them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import update
from sqlmodel import col

from connector.errors import NeedsReconnect, RetryLater
from connector.store.database import Database, Transaction
from connector.store.tables import CredentialRow
from connector.store.vault import Vault
from connector.transport.oauth import Grant

LEASE = timedelta(seconds=120)  # longer than the slowest refresh: 5 s to connect, 60 s to answer
WAIT_SECONDS = 0.2
MAX_WAITS = 700


def keep_grant(tx: Transaction, vault: Vault, connection_id: int, grant: Grant) -> None:
    """Seals a grant and stores it for the connection, in place of any older one."""
    row = tx.get(CredentialRow, connection_id)
    sealed = vault.seal(_packed(grant), _row_name(connection_id))
    if row is None:
        row = CredentialRow(connection_id=connection_id, sealed=sealed, version=0)
    row.sealed, row.expires_at, row.version = sealed, grant.expires_at, row.version + 1
    tx.add(row)


def forget_grant(tx: Transaction, connection_id: int) -> None:
    """Deletes the tokens of a connection."""
    row = tx.get(CredentialRow, connection_id)
    if row is not None:
        tx.delete(row)


class StoredTokens:
    """Keeps grants for transport: sealed, leased, durable before they are used. `connection` is the row's number."""

    def __init__(self, database: Database, vault: Vault, now: Callable[[], datetime]) -> None:
        self._database, self._vault, self._now = database, vault, now
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
        with self._database.transaction() as tx:
            row = tx.get(CredentialRow, int(connection))
            if row is None:
                raise NeedsReconnect("This connection has no token. Connect again.")
            return msgspec.json.decode(self._vault.open(row.sealed, _row_name(int(connection))), type=Grant)

    def holds(self, connection: str) -> bool:
        """Whether there is a grant at all."""
        with self._database.transaction() as tx:
            return tx.get(CredentialRow, int(connection)) is not None

    def save(self, connection: str, grant: Grant) -> None:
        sealed = self._vault.seal(_packed(grant), _row_name(int(connection)))
        mine = (
            update(CredentialRow)
            .where(col(CredentialRow.connection_id) == int(connection))
            .where(col(CredentialRow.fence) == self._held.fence)
            .values(sealed=sealed, expires_at=grant.expires_at, version=CredentialRow.version + 1)
        )
        with self._database.transaction() as tx:
            if tx.exec(mine).rowcount != 1:
                raise RetryLater("Another worker took over the refresh of this token meanwhile.")

    def _leased(self, connection: str) -> int:
        for _ in range(MAX_WAITS):
            with self._database.transaction() as tx:
                row = tx.get(CredentialRow, int(connection))
                if row is None:
                    raise NeedsReconnect("This connection has no token. Connect again.")
                if row.lease_until is None or row.lease_until <= self._now():
                    row.lease_until, row.fence = self._now() + LEASE, row.fence + 1
                    tx.add(row)
                    return row.fence
            time.sleep(WAIT_SECONDS)
        raise RetryLater("Another worker has been refreshing this token for very long.")

    def _release(self, connection: str) -> None:
        mine = (
            update(CredentialRow)
            .where(col(CredentialRow.connection_id) == int(connection))
            .where(col(CredentialRow.fence) == self._held.fence)
            .values(lease_until=None)
        )
        with self._database.transaction() as tx:
            tx.exec(mine)


def _packed(grant: Grant) -> bytes:
    return msgspec.json.encode(grant)


def _row_name(connection_id: int) -> str:
    """What the seal is bound to: a text moved to another row does not open."""
    return f"credential:{connection_id}"
