"""The database: one engine, safe settings for SQLite, transactions, and the schema brought up to date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel

from connector.faults import fault_point

BUSY_MILLISECONDS = 30_000

Transaction = Session


class Database:
    """Opens transactions. Everything inside `with database.transaction() as session` commits together or not at all."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session:
            with session.begin():
                yield session
                fault_point("commit.before")
            fault_point("commit.after")

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Opens a database by its SQLAlchemy address; SQLite gets WAL, full durability, foreign keys and a busy wait."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_settings)
        event.listen(engine, "begin", _begin_immediate)
    return Database(engine)


def insert_missing(tx: Transaction, table: type[SQLModel], values: Mapping[str, object]) -> None:
    """Adds a row unless one of its key is there, also where another process adds it at the same moment."""
    new = sqlite.insert(table) if tx.get_bind().dialect.name == "sqlite" else postgresql.insert(table)
    tx.connection().execute(new.values(values).on_conflict_do_nothing())


def sqlite_url(folder: Path) -> str:
    """The address of the SQLite file in a data folder."""
    return f"sqlite:///{folder / 'connector.db'}"


def upgrade(url: str) -> None:
    """Brings the schema up to date, forward only."""
    config = Config()
    config.set_main_option("script_location", str(_migrations()))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")


def _migrations() -> Path:
    """Beside the package in a checkout; inside it where only the wheel is installed."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def _sqlite_settings(connection: object, record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    connection.isolation_level = None  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: object) -> None:
    """A transaction that will write takes its lock at once, so that two writers wait instead of failing."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # type: ignore[attr-defined]
