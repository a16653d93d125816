"""The schema: brought up to date by one process at a time, and refused where code and database do not fit."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from connector.errors import Unreadable
from connector.store.database import Database, open_database, reachable

_STANDS_AT = text("select version_num from alembic_version")


def upgrade(url: str) -> None:
    """Brings the schema up to date, forward only; a second process that does the same waits and finds it done."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_migrations()))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    with reachable():
        _refuse_newer(url)
        command.upgrade(config, "head")


def require_current(database: Database) -> None:
    """Raises Unreadable, in words for who runs it, where this code is made for another schema than the database has."""
    with reachable():
        there, wanted = version_of(database), wanted_version()
    if there == wanted:
        return
    if there > wanted:
        raise Unreadable(_newer(there, wanted))
    state = f"has the schema {there}" if there else "is empty"
    raise Unreadable(
        f"The database {state} and this version works with {wanted}. Stop what else works on it and run: "
        "connector db upgrade"
    )


def version_of(database: Database) -> str:
    """The schema that the database has; empty where it has none."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.execute(_STANDS_AT).scalar() or ""


def wanted_version() -> str:
    """The schema that this code is made for: the number of the newest migration."""
    return max(path.name[:4] for path in (_migrations() / "versions").glob("[0-9]*.py"))


def _refuse_newer(url: str) -> None:
    database = open_database(url)
    try:
        there, wanted = version_of(database), wanted_version()
    finally:
        database.close()
    if there > wanted:
        raise Unreadable(_newer(there, wanted))


def _newer(there: str, wanted: str) -> str:
    return (
        f"The database has the schema {there}, which is newer than {wanted} of this version: "
        "install the version that wrote it. Nothing was changed."
    )


def _migrations() -> Path:
    """Beside the package in a checkout; inside it where only the wheel is installed."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"
