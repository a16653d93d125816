"""A backup holds every row there is, sealed; what was changed in it or cut off is never restored."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text

from connector.errors import Broken, Unreadable
from connector.store.backup import TABLES, header_of, read_header, restore, write_backup
from connector.store.credentials import keep_grant
from connector.store.database import Database
from connector.store.feeds import keep_connection
from connector.store.journal import keep_period
from connector.store.vault import Vault
from connector.store.workers import beat
from connector.transport.oauth import Grant
from tests.postgresql import NOTED
from tests.store.given import NOW, database, feed_in, new, plan, sales, share

VAULT = Vault(keys={"a": secrets.token_bytes(32)}, current="a")


def rows(opened: Database) -> dict[str, list[tuple[object, ...]]]:
    with opened.engine.connect() as asking:
        return {
            table.name: [tuple(row) for row in asking.execute(select(table).order_by(*table.primary_key))]
            for table in TABLES
        }


@contextmanager
def full(folder: Path) -> Iterator[Database]:
    folder.mkdir()
    with database(folder) as opened:
        place = feed_in(opened)
        with opened.transaction() as tx:
            keep_grant(tx, VAULT, 1, Grant(access_token="canary-token", expires_at=NOW), NOW)
            keep_period(tx, place, plan(sales(share(1200))))
        yield opened


def written(opened: Database) -> str:
    out = io.StringIO()
    write_backup(opened, VAULT, out, header_of(opened, VAULT, NOW))
    return out.getvalue()


def read_into(folder: Path, backup: str, vault: Vault = VAULT) -> dict[str, list[tuple[object, ...]]]:
    folder.mkdir()
    with database(folder) as empty:
        file = io.StringIO(backup)
        restore(empty, vault, file, read_header(file), NOW)
        restored = rows(empty)
        assert [row[0] for row in restored.pop("quarantine")] == [row[0] for row in restored["connection"]]
        return restored


def test_what_is_restored_is_what_was_backed_up_row_by_row(tmp_path: Path) -> None:
    with full(tmp_path / "old") as opened:
        before, backup = rows(opened), written(opened)
    assert before.pop("quarantine") == []
    assert {"organisation", "credential", "document", "line", "posting"} <= {
        name for name, held in before.items() if held
    }
    assert read_into(tmp_path / "new", backup) == before


def test_what_was_backed_up_from_a_file_goes_on_in_postgresql(tmp_path: Path, postgresql: str) -> None:
    with full(tmp_path / "here") as opened:
        with opened.transaction() as tx:
            beat(tx, "a worker")
        there, before, backup = tmp_path / "there", rows(opened), written(opened)
    there.mkdir()
    (there / NOTED).write_text(postgresql, encoding="ascii")
    with database(there) as other:
        file = io.StringIO(backup)
        restore(other, VAULT, file, read_header(file), NOW)
        restored = rows(other)
        with other.transaction() as tx:
            assert keep_connection(tx, new("xero", "target")).id == len(before["connection"]) + 1
    changed = {"quarantine"}
    assert [name for name in before if restored[name] != before[name] and name not in changed] == []


def test_a_backup_shows_no_token_and_no_name_to_who_has_not_the_key(tmp_path: Path) -> None:
    with full(tmp_path / "old") as opened:
        backup = written(opened)
    assert "canary-token" not in backup
    assert "Main Street" not in backup
    with pytest.raises(Unreadable, match="sealed with the key a"):
        read_into(tmp_path / "new", backup, Vault(keys={"b": secrets.token_bytes(32)}, current="b"))


def test_a_backup_that_is_cut_off_moved_about_or_changed_restores_nothing(tmp_path: Path) -> None:
    with full(tmp_path / "old") as opened:
        lines = written(opened).splitlines(keepends=True)
    cut = "".join(lines[:-1])
    moved = "".join([lines[0], lines[2], lines[1], *lines[3:]])
    missing = "".join([lines[0], *lines[2:]])
    changed = "".join(lines).replace(lines[3][-9:-1], "AAAAAAAA")
    for n, bad in enumerate((cut, moved, missing, changed, lines[0])):
        with pytest.raises(Broken, match=r"cut off|damaged"):
            read_into(tmp_path / f"new-{n}", bad)
        with database(tmp_path / f"new-{n}") as empty:
            assert not any(rows(empty).values())


def test_a_backup_goes_into_an_empty_database_of_the_same_schema_only(tmp_path: Path) -> None:
    with full(tmp_path / "old") as opened:
        backup = written(opened)
        file = io.StringIO(backup)
        with pytest.raises(Unreadable, match="an empty one only"):
            restore(opened, VAULT, file, read_header(file), NOW)
    (tmp_path / "other").mkdir()
    with database(tmp_path / "other") as other:
        with other.engine.begin() as writing:
            writing.execute(text("update alembic_version set version_num = '0001'"))
        file = io.StringIO(backup)
        with pytest.raises(Unreadable, match="and this version 0001"):
            restore(other, VAULT, file, read_header(file), NOW)


def test_a_file_that_is_no_backup_is_said_to_be_none() -> None:
    for wrong in ("", "hello\n", '{"form": "other"}\n'):
        with pytest.raises(Unreadable, match="is no backup"):
            read_header(io.StringIO(wrong))


def test_sales_go_on_while_a_backup_is_written(tmp_path: Path) -> None:
    class Slow(io.StringIO):
        def write(self, piece: str) -> int:
            if not self.getvalue():
                with opened.transaction() as tx:
                    tx.exec(text("update organisation set name = 'Renamed'"))  # type: ignore[call-overload]
            return super().write(piece)

    with full(tmp_path / "old") as opened:
        write_backup(opened, VAULT, Slow(), header_of(opened, VAULT, NOW))
        assert rows(opened)["organisation"][0][1] == "Renamed"
