"""Where the durable jobs lie: a file of their own beside SQLite's, a schema of their own in PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from connector.store.database import BUSY_MILLISECONDS, MOST_CONNECTIONS

JobsDatabase = Engine
FILE = "engine.db"


def open_jobs(address: str, folder: Path) -> JobsDatabase:
    """Opens the jobs of the PostgreSQL database of that address, or of the SQLite file in the folder where it is empty.

    The file is not that of the books: each has one writer at a time, and jobs are written often."""
    if address:
        return create_engine(address, pool_size=10, max_overflow=MOST_CONNECTIONS, pool_pre_ping=True,
                             hide_parameters=True)  # fmt: skip
    engine = create_engine(f"sqlite:///{folder / FILE}", max_overflow=MOST_CONNECTIONS)
    event.listen(engine, "connect", _settings)
    return engine


def _settings(connection: object, record: ConnectionPoolEntry) -> None:
    """As the jobs' own library would, and a log written ahead besides: twice as fast, and kept through a power cut."""
    connection.isolation_level = "IMMEDIATE"  # type: ignore[attr-defined]
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
