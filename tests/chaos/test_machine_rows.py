"""The fault matrix, rows 92 and 94: a disk that is full, and a migration that dies half-way."""

from __future__ import annotations

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
from tests.chaos.world import World, feed_of, source_of, target_of


def fill(house: House, left: int) -> None:
    """The disk has room for so many pages more than the database has now."""

    def narrow(connection: object, record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA max_page_count = {pages + left}")  # type: ignore[attr-defined]

    house.database.engine.dispose()
    event.listen(house.database.engine, "connect", narrow)


@pytest.mark.parametrize("left", [0, 2])
def test_row_92_a_disk_that_is_full_sends_nothing_that_was_not_written_down(left: int, connected: World) -> None:
    with connected.house() as house:
        pull(house, source_of(house))
        fill(house, left)
        with pytest.raises(OperationalError, match="full"):
            journalize(house, feed_of(house))
        post(house, target_of(house))
    assert connected.documents() == []
    assert_all_well(connected)


def test_row_92_a_disk_that_fills_up_between_send_and_receipt_is_like_a_crash(ready: World) -> None:
    with ready.house() as house:
        ready.hook = lambda point: fill(house, 0) if point == "send.after" else None
        with pytest.raises(OperationalError, match="full"):
            for _ in range(50):  # until the room that its pages still have is used up
                post(house, target_of(house))
                raise_if_all_is_posted(ready)
    ready.hook = lambda point: None
    assert_all_well(ready)


def raise_if_all_is_posted(made: World) -> None:
    assert len(made.documents()) < 4, "the disk was never full"


@pytest.mark.parametrize("statement", [30, 120, 260])
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
