"""A database out of a backup: in quarantine until its owner says that no other one works, then posting after a look.

What was posted after the backup was made is in the books and not in the database. A document bears the same mark
whoever builds it, so each one of the days until the release is looked up by its mark before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from connector.errors import Unreadable
from connector.store import backup
from connector.store.feeds import Connection, connection_by_id
from connector.store.quarantine import quarantined
from connector.store.quarantine import release as end_quarantine
from connector.sync.house import House


def write_backup(house: House, path: Path) -> Mapping[str, int]:
    """Everything in the database as one sealed file that did not exist before; gives the rows of each table."""
    part = path.with_name(path.name + ".part")
    if path.exists():
        raise Unreadable(f"{path} exists already: a backup overwrites nothing.")
    header = backup.header_of(house.database, house.vault, house.now())
    try:
        with part.open("w", encoding="utf-8") as out:
            counts = backup.write_backup(house.database, house.vault, out, header)
        part.rename(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Unreadable(f"The backup could not be written to {path}: {error.strerror}.") from None
    return counts


def restore(house: House, path: Path) -> Mapping[str, int]:
    """Fills the empty database from a backup; gives the rows of each table. Every connection is in quarantine."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return backup.restore(house.database, house.vault, file, backup.read_header(file), house.now())
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None


def release(house: House) -> list[Connection]:
    """Lets every connection in quarantine go, and gives them. For when no other installation works on them any more."""
    with house.database.transaction() as tx:
        waiting = [connection_by_id(tx, each) for each in quarantined(tx)]
        for connection in waiting:
            end_quarantine(tx, connection.id, house.now())
    return waiting
