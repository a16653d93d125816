"""For tests about decisions rather than wires and disks: stand-ins without sockets, databases that wait for no disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, event

from connector.sandbox.inprocess import Wire, in_process
from connector.sandbox.town import Town, open_town
from connector.store.database import Database, open_database, sqlite_url
from connector.store.vault import vault_from
from connector.sync.house import House
from connector.transport.oauth import Client
from tests.opened import prepare

_engines: list[Engine] = []


@contextmanager
def quick_town(clock: Callable[[], datetime], *shops: str, country: str = "US") -> Iterator[Town]:
    """Both books and these shops, in memory; while it is open, no call leaves the process."""
    wire = Wire(houses={})
    with in_process(wire), open_town(None, clock=clock, shops=shops, country=country, ports=wire) as town:
        yield town


@contextmanager
def quick_house(folder: Path, now: Callable[[], datetime], town: Town) -> Iterator[House]:
    """A house over the database of a folder, empty at first; whoever would wait there does not."""
    database = quick_database(prepare(folder))

    def client(provider: str) -> Client:
        client_id, secret = town.client(provider)
        return Client(client_id=client_id, client_secret=secret, application_id=town.application(provider))

    try:
        yield House(
            database=database,
            vault=vault_from("", folder / "sealing.key"),
            now=now,
            client=client,
            settle=timedelta(0),
            owner="test",
            alone=lambda: True,
            sleep=lambda seconds: None,
        )
    finally:
        database.close()


def quick_database(folder: Path) -> Database:
    """The database of a folder. Statements are compiled once for all of them: that would take longer than all else."""
    database = open_database(sqlite_url(folder))
    event.listen(database.engine, "connect", _unsynced)
    if not _engines:
        _engines.append(database.engine)
    database.engine.dialect, database.engine._compiled_cache = _engines[0].dialect, _engines[0]._compiled_cache
    return database


def _unsynced(connection: object, record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")  # type: ignore[attr-defined]
