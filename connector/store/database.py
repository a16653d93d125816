"""The database: one engine, safe settings for SQLite and PostgreSQL, and transactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel

from connector.errors import RetryLater, Unreadable
from connector.faults import fault_point
from connector.store.sight import narrow

BUSY_MILLISECONDS = 30_000
STALLED_MILLISECONDS = 300_000  # a worker that stands still in a transaction loses it, and with it what it held
MOST_CONNECTIONS = 64
EVERYTHING = 0
"""What a transaction holds that makes organisations, connections or feeds: no connection has this number."""

_OF_CONNECTIONS = 0x636F  # our own kind of PostgreSQL's advisory locks
_BUSY = frozenset({"40P01", "40001", "55P03", "25P03"})  # deadlock, serialisation, lock timeout, stood still too long

Transaction = Session


class Database:
    """Opens transactions. Everything inside `with database.transaction() as session` commits together or not at all."""

    def __init__(self, engine: Engine, only: tuple[int, ...] | None = None) -> None:
        self.engine = engine
        self._only = only

    def seen_by(self, organisation_ids: Iterable[int]) -> Database:
        """The same database for somebody who may see these organisations only: of the others it reads nothing."""
        return Database(self.engine, tuple(organisation_ids))

    @property
    def is_shared(self) -> bool:
        """Whether processes on other machines may work on it too."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def transaction(self, *, of: int | None = None) -> Iterator[Session]:
        """`of` is the connection whose rows it reads and then changes by what it read: of such transactions one goes on
        at a time. Raises RetryLater where others hold that for too long."""
        with _patience(), Session(self.engine, expire_on_commit=False) as session:
            if self._only is not None:
                narrow(session, self._only)
            with session.begin():
                if of is not None:
                    hold(session, of)
                yield session
                fault_point("commit.before")
            fault_point("commit.after")

    def close(self) -> None:
        self.engine.dispose()


def hold(tx: Transaction, connection_id: int) -> None:
    """From here to its end, no other transaction that holds this connection goes on; what was read before is read anew.

    SQLite has one transaction at a time; on PostgreSQL, rows that are read may change until they are written."""
    if tx.get_bind().dialect.name != "postgresql":
        return
    tx.flush()
    tx.connection().execute(_HOLD, {"kind": _OF_CONNECTIONS, "connection": connection_id})
    tx.expire_all()


_HOLD = text("select pg_advisory_xact_lock(:kind, :connection)")


def open_database(url: str) -> Database:
    """Opens a database by its SQLAlchemy address; SQLite gets WAL, full durability, foreign keys and a busy wait,
    PostgreSQL an end to waiting. Nothing is asked of it yet."""
    if url.startswith("sqlite"):
        engine = create_engine(url, max_overflow=MOST_CONNECTIONS)
        event.listen(engine, "connect", _sqlite_settings)
        event.listen(engine, "begin", _begin_immediate)
        return Database(engine)
    options = f"-c lock_timeout={BUSY_MILLISECONDS} -c idle_in_transaction_session_timeout={STALLED_MILLISECONDS}"
    arguments = {"options": f"{options} -c timezone=UTC", "keepalives_idle": 30, "connect_timeout": 10}
    engine = create_engine(
        url,
        connect_args=arguments,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        max_overflow=MOST_CONNECTIONS,
        hide_parameters=True,
    )
    return Database(engine)


def insert_missing(tx: Transaction, table: type[SQLModel], values: Mapping[str, object]) -> None:
    """Adds a row unless one of its key is there, also where another process adds it at the same moment."""
    new = sqlite.insert(table) if tx.get_bind().dialect.name == "sqlite" else postgresql.insert(table)
    tx.connection().execute(new.values(values).on_conflict_do_nothing())


def sqlite_url(folder: Path) -> str:
    """The address of the SQLite file in a data folder."""
    return f"sqlite:///{folder / 'connector.db'}"


@contextmanager
def reachable() -> Iterator[None]:
    """A database that does not answer is one sentence, without its address: that may hold a password."""
    try:
        yield
    except OperationalError as error:
        said = str(error.orig).strip().splitlines() or ["no reason given"]
        raise Unreadable(f"The database does not answer: {said[-1]}") from None


@contextmanager
def _patience() -> Iterator[None]:
    """Waiting that took too long is no failure: the transaction left nothing, and may be tried again."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) not in _BUSY:
            raise
        raise RetryLater("Another worker is at work on the same connection; it is tried again later.") from error


def _sqlite_settings(connection: object, record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    connection.isolation_level = None  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: object) -> None:
    """A transaction that will write takes its lock at once, so that two writers wait instead of failing."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # type: ignore[attr-defined]
