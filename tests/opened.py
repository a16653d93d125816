"""A house over a data folder, as commands open it; a new folder gets the file of an empty database instead of making it
by all the migrations, which takes longer than most tests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from connector import bootstrap
from connector.settings import Settings
from connector.sync.house import House
from tests.store.given import empty


def house(settings: Settings, now: Callable[[], datetime]) -> AbstractContextManager[House]:
    """`connector.bootstrap.house`, quicker the first time."""
    if not settings.database:
        prepare(settings.home)
    return bootstrap.house(settings, now)


def prepare(home: Path) -> Path:
    """A data folder with the tables of an empty database, where it has none yet."""
    file = home / "connector.db"
    if not file.exists():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_bytes(empty())
    return home
