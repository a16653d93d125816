"""The schema keeps the promises of the house: whole cents, aware moments, true references, one shape everywhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import BigInteger, Column, Date, DateTime
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import SQLModel

from connector.store.database import sqlite_url
from connector.store.schema import upgrade
from connector.store.tables import OrganisationRow, PageRow, ShelfRow
from connector.store.types import UTCDateTime
from tests.store.given import NOW, database, feed_in

ROUNDING = {"Float", "Numeric"}
COLUMNS = [column for table in SQLModel.metadata.sorted_tables for column in table.columns]


def named(column: Column[object]) -> str:
    return f"{column.table.name}.{column.name}"


def test_no_table_has_a_column_that_rounds() -> None:
    assert len(COLUMNS) > 100
    assert [
        named(column) for column in COLUMNS if {kind.__name__ for kind in type(column.type).__mro__} & ROUNDING
    ] == []


def test_every_amount_is_a_whole_number_of_minor_units_without_a_limit_in_the_millions() -> None:
    amounts = [column for column in COLUMNS if column.name.endswith("_minor") or column.name.endswith("_count")]
    assert {"line.amount_minor", "bucket.amount_minor", "allocation.amount_minor"} <= set(map(named, amounts))
    assert [named(column) for column in amounts if not isinstance(column.type, BigInteger)] == []


def test_every_moment_is_kept_with_its_zone() -> None:
    moments = [column for column in COLUMNS if isinstance(column.type, DateTime | UTCDateTime)]
    assert {"fact.occurred_at", "posting.lease_until"} <= set(map(named, moments))
    assert [named(column) for column in moments if not isinstance(column.type, UTCDateTime)] == []
    assert [named(column) for column in COLUMNS if column.name.endswith("_at") and named(column) not in WORDS] == [
        named(column) for column in moments if column.name.endswith("_at")
    ]
    assert isinstance(SQLModel.metadata.tables["fact"].columns["business_day"].type, Date)


WORDS = {"location.closes_at"}  # an hour of the day, not a moment


def test_a_moment_without_its_zone_is_refused_and_one_of_any_zone_comes_back_in_utc(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        connection = feed_in(opened).target_connection_id
        moved = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
        with opened.transaction() as tx:
            tx.add(PageRow(connection_id=connection, stream="orders", fetched_at=moved, sha256="a"))
        with opened.transaction() as tx:
            kept = tx.get_one(PageRow, 1).fetched_at
        assert (kept, kept.utcoffset()) == (NOW, timedelta(0))
        with pytest.raises(StatementError, match="a moment without its zone is not stored"), opened.transaction() as tx:
            tx.add(PageRow(connection_id=connection, stream="orders", fetched_at=NOW.replace(tzinfo=None), sha256="b"))


def test_a_row_cannot_refer_to_one_that_does_not_exist(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        with pytest.raises(IntegrityError, match="FOREIGN KEY"), opened.transaction() as tx:
            tx.add(PageRow(connection_id=99, stream="orders", fetched_at=NOW, sha256="a"))
        with opened.transaction() as tx:
            assert tx.get(PageRow, 1) is None


def test_a_shelf_has_one_of_three_states_and_no_other(tmp_path: Path) -> None:
    shelf = ShelfRow(period_id=1, business_key="k", state="lost", code="c", detail="d", currency="USD")
    with (
        database(tmp_path) as opened,
        pytest.raises(IntegrityError, match="ck_shelf_state"),
        opened.transaction() as tx,
    ):
        tx.add(shelf)


def test_the_migrations_make_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    with database(tmp_path) as opened, opened.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_comparison_with_the_models_would_see_a_missing_column(tmp_path: Path) -> None:
    with database(tmp_path) as opened, opened.engine.connect() as connection:
        connection.exec_driver_sql("alter table line drop column tax_minor")
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert [found[0] for found in compare_metadata(context, SQLModel.metadata)] == ["add_column"]


def test_upgrading_again_is_harmless(tmp_path: Path) -> None:
    with database(tmp_path) as opened:
        feed_in(opened)
    upgrade(sqlite_url(tmp_path))
    with database(tmp_path) as opened, opened.transaction() as tx:
        assert tx.get_one(OrganisationRow, 1).name == "Main Street"


def test_a_folder_of_any_name_holds_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "50 % café's"
    folder.mkdir()
    with database(folder) as opened:
        feed_in(opened)
    assert (folder / "connector.db").exists()


def test_the_database_survives_a_power_cut_and_waits_for_another_writer(tmp_path: Path) -> None:
    with database(tmp_path) as opened, opened.engine.connect() as connection:
        settings = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        read = [connection.exec_driver_sql(f"pragma {name}").scalar() for name in settings]
    assert read == ["wal", 2, 1, 30_000]


def test_what_fails_in_a_transaction_leaves_nothing_of_it(tmp_path: Path) -> None:
    with database(tmp_path) as opened, pytest.raises(RuntimeError), opened.transaction() as tx:
        tx.add(OrganisationRow(name="Main Street"))
        tx.flush()
        raise RuntimeError
    with closing(sqlite3.connect(tmp_path / "connector.db")) as file:
        assert file.execute("select count(*) from organisation").fetchone() == (0,)
