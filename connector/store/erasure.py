"""Everything about an organisation, deleted: found by following references, so that a new table is under it at once."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Table, delete, false, or_, select
from sqlmodel import SQLModel

from connector.store.database import Database, Transaction
from connector.store.tables import OrganisationRow

_ROOT = str(OrganisationRow.__tablename__)


def erase_organisation(tx: Transaction, organisation_id: int) -> Mapping[str, int]:
    """Deletes every row that leads to the organisation, and the organisation; gives how many of each table went."""
    gone: dict[str, int] = {}
    for table in reversed(SQLModel.metadata.sorted_tables):
        found = tx.connection().execute(delete(table).where(_is_of(table, organisation_id)))
        if found.rowcount:
            gone[str(table.name)] = found.rowcount
    return gone


def scrub(database: Database) -> None:
    """What was deleted is also no longer in the file: SQLite writes the file anew without it. PostgreSQL's own vacuum
    sees to that by itself."""
    if database.engine.dialect.name != "sqlite":
        return
    with database.engine.connect() as asking:
        raw = asking.connection.driver_connection
        if asking.in_transaction():
            asking.rollback()
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            raw.execute(statement)  # type: ignore[union-attr]


def _is_of(table: Table, organisation_id: int) -> ColumnElement[bool]:
    if table.name == _ROOT:
        return table.c.id == organisation_id
    ways = [
        key.parent.in_(select(key.column).where(_is_of(key.column.table, organisation_id)))
        for key in table.foreign_keys
        if key.column.table is not table
    ]
    return or_(false(), *ways)
