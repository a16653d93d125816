"""What holds for the tokens of every source and both books, with the rotation of each: one refresh, and none lost."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import select

from connector import faults
from connector.errors import ConsentEnded, NeedsReconnect, Unreadable
from connector.store.connection_findings import connection_findings
from connector.store.credentials import ENDED
from connector.store.facts import move_cursor
from connector.store.feeds import Connection, connections
from connector.store.refresh_attempts import open_attempts
from connector.store.tables import CursorRow
from connector.store.token_journal import NAME
from connector.sync.connect import connect, disconnect, finish_refreshes, renew_idle
from connector.sync.house import House
from connector.transport.tokens import OLDEST
from tests.transport.token_stand import PROVIDERS, Stand, sent, stand_of, stored

ROOT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("token_worker.py")
WORKERS = 20
KILLED = 137


@pytest.fixture(params=PROVIDERS)
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    with stand_of(request.param, tmp_path) as opened:
        yield opened


class Died(BaseException):
    """The process is gone."""


def die_at(point: str, stand: Stand, house: House, connection: Connection) -> None:
    def hook(name: str) -> None:
        if name == point:
            raise Died

    faults.arm(hook)
    try:
        with pytest.raises(Died):
            stand.access(house, connection).token()
    finally:
        faults.arm(None)


def state_of(house: House, connection: Connection) -> str:
    with house.database.transaction() as tx:
        return next(each.state for each in connections(tx) if each.id == connection.id)


def open_in(house: House) -> int:
    with house.database.transaction() as tx:
        return len(open_attempts(tx))


def test_twenty_workers_that_meet_an_expired_token_make_one_refresh(stand: Stand) -> None:
    with stand.house() as house:
        connection = stand.connected(house)
        old = stand.expire(house, connection)
        start = threading.Barrier(WORKERS)

        def ask(_: int) -> str:
            access = stand.access(house, connection)
            start.wait(30)
            return access.token()

        with ThreadPoolExecutor(WORKERS) as pool:
            tokens = set(pool.map(ask, range(WORKERS)))
        assert len(stand.wire.refreshes) == 1
        assert tokens == {stored(house, connection).access_token} != {old}
        assert (stand.home / NAME).read_bytes() == b""


def test_a_lost_answer_costs_what_the_rule_of_the_provider_says(stand: Stand) -> None:
    """Matrix rows 71 and 72: the provider did it, and its answer was lost on the way."""
    with stand.house() as house:
        connection = stand.connected(house)
        old = stand.expire(house, connection)
        stand.faults.lose_answer(when="after", path_contains="token")
        access = stand.access(house, connection)
        if stand.rotation == "once":
            with pytest.raises(ConsentEnded, match="lost on its way, and a used token is not taken again"):
                access.token()
            assert state_of(house, connection) == ENDED
        else:
            assert access.token() != old
            assert stand.works(house, connection)
        assert len(stand.wire.refreshes) == 2
        assert len({sent(each) for each in stand.wire.refreshes}) == 1, "both with the same refresh token"
        assert open_in(house) == 0


def test_an_answer_that_was_lost_before_anything_was_done_is_harmless(stand: Stand) -> None:
    with stand.house() as house:
        connection = stand.connected(house)
        old = stand.expire(house, connection)
        stand.faults.lose_answer(when="before", path_contains="token")
        assert stand.access(house, connection).token() != old
        assert stand.works(house, connection)


@pytest.mark.parametrize(
    "point", ["refresh.attempt_committed", "refresh.bytes_out", "refresh.received", "refresh.journalled"]
)
def test_a_crash_during_a_refresh_ends_as_the_last_word_of_the_provider_allows(stand: Stand, point: str) -> None:
    """Matrix rows 70 and 73: journalled is as good as stored; not sent is as good as not begun."""
    with stand.house() as house:
        connection = stand.connected(house)
        old = stand.expire(house, connection)
        die_at(point, stand, house, connection)
        assert open_in(house) == 1
        assert len(stand.wire.refreshes) == (point != "refresh.attempt_committed")
    stand.after_the_lease()
    with stand.house() as house:
        is_gone = point in ("refresh.bytes_out", "refresh.received") and stand.rotation == "once"
        told = finish_refreshes(house)
        if is_gone:
            assert len(told) == 1 and "lost on its way" in told[0]
            assert state_of(house, connection) == ENDED
            return
        assert told == ()
        assert len(stand.wire.refreshes) == (1 if point in ("refresh.attempt_committed", "refresh.journalled") else 2)
        assert stored(house, connection).access_token != old
        assert stand.works(house, connection)
        assert open_in(house) == 0 and (stand.home / NAME).read_bytes() == b""


def test_a_journalled_answer_is_adopted_by_whoever_asks_next(stand: Stand) -> None:
    with stand.house() as house:
        connection = stand.connected(house)
        old = stand.expire(house, connection)
        die_at("refresh.journalled", stand, house, connection)
        assert stored(house, connection).access_token == old
        assert stand.access(house, connection).token() != old
        assert len(stand.wire.refreshes) == 1


def test_an_answer_that_the_database_did_not_take_is_adopted_later(stand: Stand) -> None:
    """Matrix row 74."""
    is_down = False

    def down(name: str) -> None:
        nonlocal is_down
        if name == "commit.before" and is_down:
            is_down = False
            raise OSError("no database")
        is_down = is_down or name == "refresh.journalled"

    with stand.house() as house:
        connection = stand.connected(house)
        old = stand.expire(house, connection)
        faults.arm(down)
        try:
            with pytest.raises(OSError, match="no database"):
                stand.access(house, connection).token()
        finally:
            faults.arm(None)
        assert stored(house, connection).access_token == old
        assert stand.access(house, connection).token() != old
        assert len(stand.wire.refreshes) == 1


def test_an_answer_that_was_stored_is_not_asked_for_again_after_a_crash(stand: Stand) -> None:
    with stand.house() as house:
        connection = stand.connected(house)
        old = stand.expire(house, connection)
        die_at("refresh.committed", stand, house, connection)
        assert stand.access(house, connection).token() != old
        assert len(stand.wire.refreshes) == 1
        assert finish_refreshes(house) == ()


def test_an_access_token_that_is_revoked_early_is_renewed_once(stand: Stand) -> None:
    """Matrix row 78, first half."""
    with stand.house() as house:
        connection = stand.connected(house)
        stand.wire.refused.add(stored(house, connection).access_token)
        stand.wire.refreshes.clear()
        assert stand.works(house, connection)
        assert len(stand.wire.refreshes) == 1


def test_a_connection_that_is_refused_with_a_new_token_too_waits_for_the_owner(stand: Stand) -> None:
    """Matrix row 78, second half."""
    with stand.house() as house:
        connection = stand.connected(house)
        stand.wire.refreshes.clear()
        stand.wire.refuses_all = True
        for _ in range(3):
            with pytest.raises(NeedsReconnect):
                stand.works(house, connection)
        assert len(stand.wire.refreshes) == 1
        assert state_of(house, connection) == ENDED
        calls = stand.wire.calls
        with pytest.raises(NeedsReconnect):
            stand.works(house, connection)
        assert stand.wire.calls == calls, "who waits for the owner asks the provider nothing"


def test_consent_that_was_withdrawn_is_asked_for_once_and_then_the_owner_is_told(stand: Stand) -> None:
    """Matrix row 76."""
    with stand.house() as house:
        connection = stand.connected(house)
        forget_all(stand)
        stand.expire(house, connection)
        for _ in range(3):
            with pytest.raises(NeedsReconnect, match="unknown or revoked"):
                stand.access(house, connection).token()
        assert len(stand.wire.refreshes) == 1
        with house.database.transaction() as tx:
            (finding,) = connection_findings(tx, connection.id)
        assert finding.severity == "blocking" and "it was withdrawn at the provider" in finding.message
        assert finding.fix == f"Connect it again: connector connect {stand.name} --name {stand.name}"


def forget_all(stand: Stand) -> None:
    for token in stand.shelf.all("oauth_token"):
        stand.shelf.remove("oauth_token", str(token["token"]))


def test_connecting_again_keeps_everything_and_ends_the_wait(stand: Stand) -> None:
    with stand.house() as house:
        connection = stand.connected(house)
        with house.database.transaction() as tx:
            move_cursor(tx, connection.id, "", "sales", "as far as it was read")
        before = cursors(house)
        forget_all(stand)
        stand.expire(house, connection)
        with pytest.raises(NeedsReconnect):
            stand.access(house, connection).token()
        again = stand.connected(house)
        assert (again.id, again.name, again.state) == (connection.id, connection.name, "active")
        assert cursors(house) == before == [(connection.id, "sales", "as far as it was read")]
        with house.database.transaction() as tx:
            assert connection_findings(tx, connection.id) == []
        assert stand.works(house, again)


def cursors(house: House) -> list[tuple[int, str, str]]:
    with house.database.transaction() as tx:
        return [(row.connection_id, row.stream, row.position) for row in tx.exec(select(CursorRow))]


def test_another_company_is_refused_unless_confirmed_and_then_stands_beside_the_first(stand: Stand) -> None:
    """Matrix row 59."""
    with stand.house() as house:
        first = connect(house, stand.wanted(), stand.granted())
        rename(house, first, "another-company")
        kept, grant = stored(house, first), stand.granted()
        with pytest.raises(Unreadable, match=r"\(another-company at .* Nothing was\s+changed.*--confirm-other-company"):
            connect(house, stand.wanted(), grant)
        assert stored(house, first) == kept
        assert [each.external_id for each in all_of(house)] == ["another-company"]
        beside = connect(house, stand.wanted(is_other_confirmed=True), grant)
        assert (beside.name, beside.external_id) == (f"{stand.name}-2", first.external_id)
        assert beside.id != first.id
        assert stored(house, first) == kept
        assert connect(house, stand.wanted(is_other_confirmed=True), grant).id == beside.id


def rename(house: House, connection: Connection, account: str) -> None:
    """From now on the connection is to another company than the one whose consent will be given."""
    from connector.store.tables import ConnectionRow

    with house.database.transaction() as tx:
        row = tx.get_one(ConnectionRow, connection.id)
        row.external_id = account
        tx.add(row)


def all_of(house: House) -> list[Connection]:
    with house.database.transaction() as tx:
        return connections(tx)


def test_no_token_and_no_secret_shows_in_any_file_log_or_error(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """Invariant I11, while an answer lies in the journal and when a refresh is refused."""
    caplog.set_level(logging.DEBUG)
    said = []
    with stand.house() as house:
        connection = stand.connected(house)
        stand.expire(house, connection)
        die_at("refresh.journalled", stand, house, connection)
        journal = stand.home / NAME
        assert b'"sealed":"v1|' in journal.read_bytes()
        assert journal.stat().st_mode & 0o077 == 0
        secrets = [str(each["token"]) for each in stand.shelf.all("oauth_token")] + [stand.client.client_secret]
        written = b"".join(file.read_bytes() for file in stand.home.iterdir())
        forget_all(stand)
        stand.access(house, connection).token()
        stand.expire(house, connection)
        with pytest.raises(NeedsReconnect) as raised:
            stand.access(house, connection).token()
        said = [str(raised.value), repr(raised.value), repr(raised.getrepr(chain=True, style="short")), caplog.text]
        with house.database.transaction() as tx:
            said += [repr(connection_findings(tx, connection.id))]
    assert len(secrets) >= 4
    assert [secret for secret in secrets if secret.encode() in written] == []
    assert [secret for secret in secrets if any(secret in text for text in said)] == []


def process(stand: Stand, connection: Connection, threads: int, fault: str = "") -> subprocess.Popen[str]:
    client = stand.client
    words = [str(stand.home), stand.name, client.client_id, client.client_secret, stand.clock().isoformat()]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "CONNECTOR_FAULT": fault}
    return subprocess.Popen(
        [sys.executable, str(WORKER), *words, connection.name, str(threads)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_twenty_workers_in_two_processes_make_one_refresh(tmp_path: Path) -> None:
    """Matrix row 75, with the provider that ends the connection when a refresh token is used twice."""
    with stand_of("quickbooks", tmp_path) as stand, stand.house() as house:
        connection = stand.connected(house)
        stand.expire(house, connection)
        running = [process(stand, connection, WORKERS // 2) for _ in range(2)]
        for each in running:
            assert each.stdout is not None and each.stdout.readline() == "ready\n"
        for each in running:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        said = [word for each in running for word in each.communicate(timeout=120)[0].split()]
        fresh = stored(house, connection).access_token
        assert said == [sha256(fresh.encode()).hexdigest()] * WORKERS
        assert len(stand.wire.refreshes) == 1


@pytest.mark.parametrize("point", ["refresh.journalled", "refresh.committed"])
def test_a_process_that_is_killed_with_the_answer_in_hand_loses_nothing(tmp_path: Path, point: str) -> None:
    with stand_of("quickbooks", tmp_path) as stand:
        with stand.house() as house:
            connection = stand.connected(house)
            old = stand.expire(house, connection)
        killed = process(stand, connection, 1, point)
        killed.communicate(timeout=120)
        assert killed.returncode in (KILLED, -signal.SIGKILL)
        stand.after_the_lease()
        with stand.house() as house:
            assert stand.access(house, connection).token() != old
            assert stand.works(house, connection)
            assert len(stand.wire.refreshes) == 1


def test_a_connection_that_nobody_used_for_a_week_is_renewed(stand: Stand) -> None:
    with stand.house() as house:
        connection = stand.connected(house)
        old = stand.expire(house, connection)
        stand.wire.refreshes.clear()
        is_short = stand.clock() - stored_at(house, connection) < OLDEST
        if is_short:
            assert renew_idle(house) == () and stand.wire.refreshes == []
            stand.clock.moment = stored_at(house, connection) + OLDEST
        assert renew_idle(house) == ()
        assert len(stand.wire.refreshes) == 1
        assert stored(house, connection).access_token != old


def stored_at(house: House, connection: Connection) -> datetime:
    moment = stored(house, connection).issued_at
    assert moment is not None
    return moment


def test_a_connection_that_waits_for_its_owner_can_be_disconnected(stand: Stand) -> None:
    with stand.house() as house:
        connection = stand.connected(house)
        forget_all(stand)
        stand.expire(house, connection)
        with pytest.raises(NeedsReconnect):
            stand.access(house, connection).token()
        waiting = next(each for each in all_of(house) if each.id == connection.id)
        disconnect(house, waiting)
        assert state_of(house, connection) == "disconnected"
        assert not house.has_token(connection)


def test_without_a_journal_nothing_is_renewed(stand: Stand) -> None:
    with stand.house() as house:
        connection = stand.connected(house)
        stand.expire(house, connection)
        (stand.home / NAME).mkdir()
        with pytest.raises(Unreadable, match=r"token journal .* cannot be written .* so no token was renewed"):
            stand.access(house, connection).token()
        assert stand.wire.refreshes == []
        (stand.home / NAME).rmdir()
        assert stand.access(house, connection).token()
