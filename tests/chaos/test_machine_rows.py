"""The fault matrix, rows 92 and 94: a disk that is full, and a migration that dies half-way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from connector.store.database import open_database, sqlite_url
from connector.store.schema import upgrade, version_of, wanted_version
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import post
from connector.sync.pull import pull
from tests.chaos.oracle import assert_all_well
from tests.chaos.world import feed_of, source_of, target_of, world


def fill(house: House) -> None:
    """The disk has no room for another page of the database, and its pages are full."""

    def narrow(connection: object, record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]

    house.database.engine.dispose()
    with closing(sqlite3.connect(house.database.engine.url.database or "")) as database:
        database.execute("VACUUM")
    event.listen(house.database.engine, "connect", narrow)


def test_row_92_a_disk_that_is_full_sends_nothing_that_was_not_written_down(tmp_path: Path) -> None:
    with world("xero", tmp_path, "connected") as made:
        with made.house() as house:
            pull(house, source_of(house))
            fill(house)
            with pytest.raises(OperationalError, match="full"):
                journalize(house, feed_of(house))
            post(house, target_of(house))
        assert made.documents() == []
        assert_all_well(made)


@pytest.mark.parametrize("statement", [30, 120])
def test_row_94_a_migration_that_dies_half_way_is_rolled_back_and_done_again(statement: int, tmp_path: Path) -> None:
    left = [statement]

    def dies(connection: Connection, *rest: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    event.listen(Engine, "before_cursor_execute", dies)
    try:
        with pytest.raises(KeyboardInterrupt):
            upgrade(sqlite_url(tmp_path))
    finally:
        event.remove(Engine, "before_cursor_execute", dies)
    upgrade(sqlite_url(tmp_path))
    opened = open_database(sqlite_url(tmp_path))
    assert version_of(opened) == wanted_version()
    opened.close()
