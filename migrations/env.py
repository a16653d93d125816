"""Runs the migrations against the database that the configuration names, one process at a time."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine, event, text
from sqlmodel import SQLModel

import connector.store.tables  # noqa: F401  the tables register themselves

MIGRATING = 0x6D69
PATIENCE_MILLISECONDS = 60_000  # while another process migrates the same file
NARROW = text(
    "select table_name, column_name, pg_get_serial_sequence(table_name, column_name) "
    "from information_schema.columns where table_schema = current_schema() and data_type = 'integer' "
    "and (column_name = 'id' or column_name like '%\\_id' or column_name = 'adjusts')"
)


def _widen(connection: Connection) -> None:
    """Numbers of rows have 64 bits on PostgreSQL, as on SQLite: two billion records are soon reached."""
    for table, column, sequence in connection.execute(NARROW).all():
        connection.exec_driver_sql(f'alter table "{table}" alter column "{column}" type bigint')
        if sequence:
            connection.exec_driver_sql(f"alter sequence {sequence} as bigint")


def _left_to_us(connection: object, record: object) -> None:
    """SQLite's driver would commit before each change of a table: one that dies half-way could not be taken back."""
    connection.isolation_level = None  # type: ignore[attr-defined]
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE_MILLISECONDS}")  # type: ignore[attr-defined]


engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
is_shared = engine.dialect.name == "postgresql"
if not is_shared:
    event.listen(engine, "connect", _left_to_us)
    event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN IMMEDIATE"))
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        if is_shared:
            connection.execute(text("select pg_advisory_xact_lock(:kind)"), {"kind": MIGRATING})
        context.run_migrations()
        if is_shared:
            _widen(connection)
engine.dispose()
