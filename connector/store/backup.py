"""The whole database as one sealed file: written while work goes on, read back into an empty database of either kind.

A file is lines of text: a plain header, then packs of rows, each compressed and sealed under the installation's key
and bound to its place in the file, then how many rows of each table there are. A line that is missing, moved or changed
is refused, and with it the file. The key is not in it, nor are the jobs of the engine: the tables know what is due."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from typing import IO, Any

import msgspec
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, create_engine, event, func, insert, select, text
from sqlalchemy.pool import NullPool
from sqlmodel import Session, SQLModel

from connector.errors import Broken, Unreadable
from connector.store.database import Database
from connector.store.quarantine import quarantine_all
from connector.store.tables import OrganisationRow  # with it every table is known
from connector.store.vault import Vault

FORM = "connector-backup/1"
ROWS_A_PACK = 500
LONGEST_LINE = 256 << 20
TABLES: tuple[Table, ...] = tuple(SQLModel.metadata.sorted_tables)
_FIRST = OrganisationRow.__tablename__

_Pack = tuple[str, list[list[Any]]]  # a table's name, and rows of it


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself in plain text: when it was made, for which schema, under which key."""

    form: str
    made_at: datetime
    schema: str
    key: str


def header_of(database: Database, vault: Vault, now: datetime) -> Header:
    """The header of a backup that is made now."""
    return Header(form=FORM, made_at=now, schema=schema_of(database), key=vault.current)


def schema_of(database: Database) -> str:
    """The number of the newest migration that the database has seen."""
    with database.engine.connect() as asking:
        return MigrationContext.configure(asking).get_current_revision() or ""


def write_backup(database: Database, vault: Vault, out: IO[str], header: Header) -> Mapping[str, int]:
    """Writes all tables as they stand at one moment; gives the rows of each."""
    out.write(msgspec.json.encode(header).decode() + "\n")
    counts: Counter[str] = Counter()
    n = 0
    with closing(_reader(database.engine)) as reading:
        for n, (table, rows) in enumerate(_packs(reading), 1):
            counts[table] += len(rows)
            out.write(_sealed(vault, header, n, msgspec.msgpack.encode((table, rows))))
    out.write(_sealed(vault, header, n + 1, msgspec.msgpack.encode(dict(counts))))
    return counts


def read_header(file: IO[str]) -> Header:
    """The first line. Raises Unreadable where the file is no backup."""
    try:
        header = msgspec.json.decode(file.readline(LONGEST_LINE), type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreadable("This file is no backup: its first line does not say so.") from None
    if header.form != FORM:
        raise Unreadable(f"This backup has the form {header.form!r}; this version reads {FORM}.")
    return header


def restore(database: Database, vault: Vault, file: IO[str], header: Header, now: datetime) -> Mapping[str, int]:
    """Fills an empty database from what follows the header, all of it or nothing; gives the rows of each table. Every
    connection is in quarantine from then on: what was posted since the backup is in the books, and not in here.

    Raises Unreadable where the database is not empty, or its schema or the key is another; Broken where the file is
    damaged."""
    if header.schema != (schema := schema_of(database)):
        raise Unreadable(
            f"The backup has the schema {header.schema} and this version {schema}: restore it with the version that "
            "made it, and upgrade then."
        )
    if header.key not in vault.keys:
        raise Unreadable(
            f"The backup was sealed with the key {header.key}, which is not set: give it as CONNECTOR_KEY."
        )
    with database.engine.begin() as writing:
        if writing.scalar(select(func.count()).select_from(_table(_FIRST))):
            raise Unreadable("There are organisations in this database: a backup is restored into an empty one only.")
        counts: Counter[str] = Counter()
        for table, rows in _read(vault, file, header, counts):
            writing.execute(insert(table), rows)
        _count_on(writing)
        with Session(writing) as tx:
            quarantine_all(tx, f"It was restored from a backup of {header.made_at:%Y-%m-%d %H:%M} UTC.", now)
            tx.flush()
    return counts


def _reader(engine: Engine) -> Connection:
    """A connection that sees one moment and hinders no writer."""
    if engine.dialect.name != "sqlite":
        return engine.connect().execution_options(isolation_level="REPEATABLE READ")
    apart = create_engine(engine.url, poolclass=NullPool)
    event.listen(apart, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    event.listen(apart, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    return apart.connect()


def _packs(reading: Connection) -> Iterator[_Pack]:
    for table in TABLES:
        found = reading.execution_options(yield_per=ROWS_A_PACK).execute(select(table).order_by(*table.primary_key))
        for rows in found.partitions():
            yield str(table.name), [list(row) for row in rows]


def _sealed(vault: Vault, header: Header, n: int, packed: bytes) -> str:
    return vault.seal(zlib.compress(packed), _place(header, n)) + "\n"


def _place(header: Header, n: int) -> str:
    return f"backup:{header.made_at.isoformat()}:{header.schema}:{n}"


def _read(
    vault: Vault, file: IO[str], header: Header, counts: Counter[str]
) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    before = None
    for n, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), ""), 1):
        packed = zlib.decompress(vault.open(line.rstrip("\n"), _place(header, n)))
        if before is not None:
            yield _rows(before, counts)
        before = packed
    if before is None or not _is_end(before, counts):
        raise Broken("The backup is cut off: its end is missing. Nothing was restored.")


def _is_end(packed: bytes, counts: Counter[str]) -> bool:
    try:
        return msgspec.msgpack.decode(packed, type=dict[str, int]) == counts
    except msgspec.ValidationError:
        return False


def _rows(packed: bytes, counts: Counter[str]) -> tuple[Table, list[dict[str, Any]]]:
    name, rows = msgspec.msgpack.decode(packed, type=_Pack)
    table = _table(name)
    counts[name] += len(rows)
    typed = msgspec.convert(rows, list[_row_type(table)], strict=False)  # type: ignore[misc]
    return table, [dict(zip(table.columns.keys(), row, strict=True)) for row in typed]


def _table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


def _row_type(table: Table) -> Any:
    return tuple[tuple(column.type.python_type | None for column in table.columns)]  # type: ignore[misc]


def _count_on(writing: Connection) -> None:
    """PostgreSQL counts its ids beside the table: it goes on after the highest."""
    if writing.dialect.name != "postgresql":
        return
    for table in _numbered(TABLES):
        highest = select(func.max(table.c.id)).scalar_subquery()
        sequence = func.pg_get_serial_sequence(text(f"'{table.name}'"), text("'id'"))
        writing.execute(select(func.setval(sequence, func.coalesce(highest, 1))))


def _numbered(tables: Iterable[Table]) -> Iterator[Table]:
    """Those whose ids the database counts; a worker's, say, is a name."""
    counted = ((table, table.autoincrement_column) for table in tables)
    return (table for table, column in counted if column is not None and column.name == "id")
