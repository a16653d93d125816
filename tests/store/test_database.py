"""One writer of a connection at a time, on either database; and code that does not fit a database leaves it alone."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import select

from connector.errors import RetryLater, Unreadable
from connector.store import database as ways
from connector.store.account_maps import keep_map, map_versions
from connector.store.database import Database, open_database
from connector.store.feeds import keep_connection
from connector.store.folder import shared_folder
from connector.store.outbox import Claim, claim
from connector.store.schema import require_current, upgrade, version_of
from connector.store.tables import FeedRow
from tests.store.given import NOW, database, feed_in, new
from tests.store.test_outbox import planned


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Database]:
    with database(tmp_path) as ready:
        yield ready


def test_two_workers_that_claim_at_once_never_take_the_same_posting(opened: Database) -> None:
    place, start = feed_in(opened), threading.Barrier(4)
    planned(opened, place, parts=("", "P1", "P2"))
    target = place.target_connection_id

    def take(worker: int) -> list[int]:
        start.wait(10)
        with opened.transaction(of=target) as tx:
            return [each.id for each in claim(tx, target, Claim(owner=f"{worker}", now=NOW, limit=2))]

    with ThreadPoolExecutor(4) as pool:
        taken = [posting for each in pool.map(take, range(4)) for posting in each]
    assert len(set(taken)) == len(taken) == 4, "what is sent blocks what comes after it"


def test_of_decisions_about_a_map_made_at_once_all_are_kept_one_after_the_other(opened: Database) -> None:
    place, start = feed_in(opened), threading.Barrier(4)

    def decide(number: int) -> int:
        start.wait(10)
        with opened.transaction() as tx:
            return keep_map(tx, place.feed_id, f"slots: {{bank: Bank {number}}}\n")

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(decide, range(4))) == [1, 2, 3, 4]
    with opened.transaction() as tx:
        assert [each.number for each in map_versions(tx, place.feed_id)] == [4, 3, 2, 1]


def test_a_shop_that_processes_connect_at_once_is_one_connection(opened: Database) -> None:
    start = threading.Barrier(3)

    def connect(_: int) -> int:
        start.wait(10)
        with opened.transaction() as tx:
            return keep_connection(tx, new("square", "source")).id

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(connect, range(3)))) == 1


def test_who_holds_a_connection_sees_what_was_written_while_it_waited(postgresql: str) -> None:
    """What was read before is read anew: a row that another changed meanwhile is not written over."""
    opened, is_read, is_written = open_database(postgresql), threading.Event(), threading.Event()
    place = feed_in(opened)

    def late() -> str:
        with opened.transaction() as tx:
            tx.get_one(FeedRow, place.feed_id)
            is_read.set()
            is_written.wait(10)
            ways.hold(tx, place.target_connection_id)
            return tx.get_one(FeedRow, place.feed_id).journalized

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(late)
        is_read.wait(10)
        with opened.transaction(of=place.target_connection_id) as tx:
            tx.get_one(FeedRow, place.feed_id).journalized = "anew"
        is_written.set()
        assert waiting.result(10) == "anew"
    opened.close()


def test_who_waits_too_long_for_another_worker_tries_again_later(postgresql: str) -> None:
    opened = open_database(postgresql)
    place = feed_in(opened)
    with opened.transaction(of=place.target_connection_id):
        with pytest.raises(RetryLater, match="Another worker"), opened.transaction() as tx:
            tx.connection().execute(text("set local lock_timeout = 20"))
            ways.hold(tx, place.target_connection_id)
        with opened.transaction(of=place.target_connection_id + 1) as tx:
            assert tx.exec(select(FeedRow)).all(), "another connection is not held"
    opened.close()


def test_row_95_a_database_of_another_version_is_left_alone_with_a_sentence_that_says_what_to_do(
    opened: Database,
) -> None:
    require_current(opened)
    for version, said in (("0001", "run: connector db upgrade"), ("9999", "newer than")):
        with opened.engine.begin() as connection:
            connection.execute(text("update alembic_version set version_num = :v"), {"v": version})
        with pytest.raises(Unreadable, match=said):
            require_current(opened)
    with pytest.raises(Unreadable, match="newer than"):
        upgrade(opened.engine.url.render_as_string(hide_password=False))
    assert version_of(opened) == "9999"


def test_an_empty_database_has_no_version(tmp_path: Path) -> None:
    empty = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    assert version_of(empty) == ""
    with pytest.raises(Unreadable, match="is empty and this version works with"):
        require_current(empty)
    empty.close()


def test_a_server_that_does_not_answer_is_one_sentence_without_the_password(tmp_path: Path) -> None:
    away = open_database("postgresql+psycopg://me:hunter2@127.0.0.1:1/books")
    with pytest.raises(Unreadable, match="The database does not answer") as told:
        require_current(away)
    assert "hunter2" not in str(told.value)


def test_workers_that_start_together_upgrade_a_database_once(postgresql_server: str, tmp_path: Path) -> None:
    with psycopg.connect(f"{postgresql_server}postgres", autocommit=True) as admin:
        admin.execute("create database upgraded_together")
    address = f"{postgresql_server}upgraded_together"
    environment = {**os.environ, "CONNECTOR_HOME": str(tmp_path), "CONNECTOR_DATABASE": address}
    upgrading = [sys.executable, "-m", "connector", "db", "upgrade"]
    together = [subprocess.Popen(upgrading, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [each.communicate(timeout=60)[0].startswith("The schema is") for each in together] == [True, True]
    assert [each.returncode for each in together] == [0, 0]
    there = open_database(address.replace("postgresql", "postgresql+psycopg", 1))
    require_current(there)
    there.close()


def test_numbers_of_rows_have_room_for_more_than_two_billion(postgresql: str) -> None:
    opened = open_database(postgresql)
    narrow = text(
        "select table_name, column_name from information_schema.columns where table_schema = 'public' "
        "and data_type = 'integer' and (column_name = 'id' or column_name like '%\\_id')"
    )
    with opened.engine.connect() as connection:
        assert connection.execute(narrow).all() == []
        assert connection.execute(text("select min(max_value) from pg_sequences")).scalar() == 2**63 - 1
    opened.close()


def test_only_who_is_alone_on_a_folder_is_told_so(tmp_path: Path) -> None:
    with shared_folder(tmp_path) as first:
        assert first.is_alone()
        with shared_folder(tmp_path) as second:
            assert not first.is_alone() and not second.is_alone()
        assert first.is_alone(), "the other has left"
