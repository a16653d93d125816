"""Runs the migrations against the database that the configuration names, one process at a time."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine, text
from sqlmodel import SQLModel

import connector.store.tables  # noqa: F401  the tables register themselves

MIGRATING = 0x6D69
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


engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
with engine.connect() as connection:
    is_shared = engine.dialect.name == "postgresql"
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    with context.begin_transaction():
        if is_shared:
            connection.execute(text("select pg_advisory_xact_lock(:kind)"), {"kind": MIGRATING})
        context.run_migrations()
        if is_shared:
            _widen(connection)
engine.dispose()
