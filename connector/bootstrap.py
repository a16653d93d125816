"""The one place where settings become a running service."""

from __future__ import annotations

import fcntl
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import Unreadable
from connector.settings import Settings
from connector.store.budgets import StoredBudget
from connector.store.database import Database, open_database, sqlite_url, upgrade
from connector.store.vault import vault_from
from connector.sync.house import House
from connector.transport.budget import UNLIMITED
from connector.transport.oauth import Client

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from connector.web.asked import Office


@contextmanager
def house(settings: Settings, now: Callable[[], datetime]) -> Iterator[House]:
    """A house over the data folder, made where it is missing, its schema up to date; closed at the end."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = sqlite_url(settings.home)
    with _only_worker(settings.home / "worker.lock") as alone:
        upgrade(url)
        database = open_database(url)
        try:
            yield _house(settings, database, now, alone)
        finally:
            database.close()


@contextmanager
def web_head(
    settings: Settings, now: Callable[[], datetime], *, port: int, worker: bool, scheduler: bool
) -> Iterator[Starlette]:
    """The web application over a house of its own, reached at a port of this machine unless the settings say where."""
    from connector.web.app import application

    with house(settings, now) as ready:
        yield application(office(settings, ready, port))


def office(settings: Settings, ready: House, port: int) -> Office:
    """What the pages are handed."""
    from connector.sync.readiness import problems
    from connector.web.asked import Office
    from connector.web.session import Signer

    return Office(
        house=ready,
        settings=settings,
        signer=Signer(key=ready.vault.derived("web session"), setup_key=settings.setup_key),
        base_url=settings.public_url or f"http://localhost:{port}",
        problems=lambda: problems(ready),
    )


def _house(settings: Settings, database: Database, now: Callable[[], datetime], alone: bool) -> House:
    def client(provider: str) -> Client:
        client_id, secret = settings.clients.get(provider, ("", ""))
        if not client_id:
            raise Unreadable(
                f"The application's id at {provider} is not set: CONNECTOR_CLIENT_{provider.upper()} and "
                f"CONNECTOR_SECRET_{provider.upper()}."
            )
        application = settings.applications.get(provider, "")
        return Client(client_id=client_id, client_secret=secret, application_id=application)

    budget = StoredBudget(database)
    return House(
        database=database,
        vault=vault_from(settings.key, settings.home / "sealing.key"),
        now=now,
        client=client,
        settle=timedelta(seconds=settings.settle_seconds),
        owner=f"{platform.node()}-{os.getpid()}",
        alone=alone,
        folder=settings.home,
        budget=lambda base_url: UNLIMITED if base_url else budget,  # a stand-in has no vendor's limits to keep
    )


@contextmanager
def _only_worker(path: Path) -> Iterator[bool]:
    """Whether no other process works on this folder: the system frees the lock when its holder dies."""
    with path.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
