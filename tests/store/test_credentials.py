"""Tokens in the store: one refresh however many ask, sealed for their row, never readable."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import select

from connector.errors import Broken, NeedsReconnect, RetryLater
from connector.store.credentials import LEASE, StoredTokens, forget_grant, keep_grant
from connector.store.database import Database
from connector.store.refresh_attempts import KEPT
from connector.store.tables import CredentialRow, RefreshAttemptRow
from connector.store.vault import Vault, vault_from
from connector.transport.oauth import Answered, Client, Consent, Grant
from connector.transport.tokens import token
from tests.store.given import NOW, database, feed_in
from tests.transport.provider import Ready, provider_running, tokens

OLD = Grant(
    access_token="access-1", refresh_token="refresh-1", issued_at=NOW - timedelta(hours=1), expires_at=NOW,
)  # fmt: skip
CLIENT = Client(client_id="app", client_secret="app-secret")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Database]:
    with database(tmp_path) as ready:
        yield ready


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return vault_from("", tmp_path / "sealing.key")


def kept(opened: Database, vault: Vault, grant: Grant = OLD) -> str:
    """A grant kept for the connection to the books; the connection's number."""
    connection = feed_in(opened).target_connection_id
    with opened.transaction() as tx:
        keep_grant(tx, vault, connection, grant, NOW)
    return str(connection)


def consent(base_url: str) -> Consent:
    return Consent(authorize_url="", token_url=f"{base_url}/token", revoke_url="", scopes=("books",), title="Books")


def test_however_many_threads_ask_one_refreshes_and_all_get_what_it_stored(opened: Database, vault: Vault) -> None:
    connection, start = kept(opened, vault), threading.Barrier(4)
    with provider_running() as provider, ThreadPoolExecutor(4) as pool:
        provider.will(tokens(expires_in=3600), Ready(status=400, body=b'{"error": "invalid_grant"}'))

        def ask(_: int) -> str:
            start.wait()
            return token(
                StoredTokens(opened, vault, lambda: NOW), connection, consent(provider.base_url), CLIENT, lambda: NOW
            )

        assert set(pool.map(ask, range(4))) == {"access-2"}
        assert [asked.form()["refresh_token"] for asked in provider.asked] == ["refresh-1"]
    stored = StoredTokens(opened, vault, lambda: NOW).load(connection)
    assert (stored.access_token, stored.refresh_token) == ("access-2", "refresh-2")


def test_a_provider_without_an_answer_leaves_the_stored_pair_as_it_was(opened: Database, vault: Vault) -> None:
    connection = kept(opened, vault)
    with provider_running() as provider:
        provider.will(Ready(status=503))
        with pytest.raises(RetryLater):
            token(StoredTokens(opened, vault, lambda: NOW), connection, consent(provider.base_url), CLIENT, lambda: NOW)
    assert StoredTokens(opened, vault, lambda: NOW).load(connection) == OLD
    with opened.transaction() as tx:
        assert tx.exec(select(CredentialRow.lease_until)).all() == [None]


def test_who_lost_the_lease_cannot_store_its_tokens(opened: Database, vault: Vault) -> None:
    connection = kept(opened, vault)
    slow = StoredTokens(opened, vault, lambda: NOW)
    quick = StoredTokens(opened, vault, lambda: NOW + LEASE * 2)
    with slow.lock(connection), quick.lock(connection):
        quick.save(connection, Grant(access_token="quick"))
        with pytest.raises(RetryLater, match="Another worker took over"):
            slow.save(connection, Grant(access_token="slow"))
    assert slow.load(connection).access_token == "quick"


def test_a_sealed_token_copied_to_another_connection_does_not_open(opened: Database, vault: Vault) -> None:
    connection = kept(opened, vault)
    with opened.transaction() as tx:
        sealed = tx.get_one(CredentialRow, int(connection)).sealed
        tx.add(CredentialRow(connection_id=int(connection) - 1, sealed=sealed))
    keeper = StoredTokens(opened, vault, lambda: NOW)
    assert keeper.load(connection) == OLD
    with pytest.raises(Broken, match="belongs to another row"):
        keeper.load(str(int(connection) - 1))


def test_tokens_are_not_readable_in_the_file(opened: Database, vault: Vault, tmp_path: Path) -> None:
    kept(opened, vault)
    written = b"".join(file.read_bytes() for file in tmp_path.glob("connector.db*"))
    assert b"v1|" in written
    assert b"access-1" not in written and b"refresh-1" not in written


def test_a_new_consent_replaces_the_old_one(opened: Database, vault: Vault) -> None:
    connection = kept(opened, vault)
    assert kept(opened, vault, Grant(access_token="access-9")) == connection
    assert StoredTokens(opened, vault, lambda: NOW).load(connection) == Grant(access_token="access-9")
    with opened.transaction() as tx:
        assert tx.exec(select(CredentialRow.version)).all() == [2]


def test_without_tokens_the_owner_is_asked_to_connect_again(opened: Database, vault: Vault) -> None:
    connection, keeper = kept(opened, vault), StoredTokens(opened, vault, lambda: NOW)
    with opened.transaction() as tx:
        forget_grant(tx, int(connection), NOW)
    with pytest.raises(NeedsReconnect, match="Connect again"):
        keeper.load(connection)
    with pytest.raises(NeedsReconnect, match="Connect again"), keeper.lock(connection):
        pass


def test_a_new_consent_is_not_overwritten_by_a_refresh_that_was_under_way(opened: Database, vault: Vault) -> None:
    connection, slow = kept(opened, vault), StoredTokens(opened, vault, lambda: NOW)
    with slow.lock(connection):
        attempt = slow.begin(connection, OLD)
        kept(opened, vault, Grant(access_token="access-9", refresh_token="refresh-9"))
        slow.journal(connection, attempt, OLD, Answered(asked_at=NOW, body=b"{}"))
        with pytest.raises(RetryLater, match="Another worker took over"):
            slow.save(connection, Grant(access_token="access-2"))
        with pytest.raises(RetryLater, match="Another worker took over"):
            slow.end(connection, "refused")
    newest = slow.load(connection)
    assert newest.access_token == "access-9"
    assert slow.journalled(connection, newest) is None, "an answer to an older token is never adopted"


def test_an_attempt_is_committed_before_anything_is_sent_and_names_no_token(opened: Database, vault: Vault) -> None:
    connection, keeper = kept(opened, vault), StoredTokens(opened, vault, lambda: NOW)
    with keeper.lock(connection):
        keeper.begin(connection, OLD)
        with opened.transaction() as tx:
            (attempt,) = tx.exec(select(RefreshAttemptRow)).all()
        assert (attempt.token_sha256, attempt.ended_at) == (sha256(b"refresh-1").hexdigest(), None)
        assert keeper.in_doubt_since(connection, OLD) == NOW
        assert keeper.unended() == [connection]
        keeper.save(connection, Grant(access_token="access-2"))
    assert keeper.unended() == []


def test_attempts_that_ended_long_ago_are_forgotten(opened: Database, vault: Vault) -> None:
    connection = kept(opened, vault)
    for moment in (NOW, NOW + KEPT * 2):
        keeper = StoredTokens(opened, vault, partial(max, moment, moment))
        with keeper.lock(connection):
            keeper.begin(connection, OLD)
            keeper.save(connection, OLD)
    with opened.transaction() as tx:
        assert [row.started_at for row in tx.exec(select(RefreshAttemptRow))] == [NOW + KEPT * 2]
