"""The one place where settings become a running service."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from connector.errors import Unreadable
from connector.settings import Settings
from connector.store.budgets import StoredBudget
from connector.store.database import Database, open_database, reachable, sqlite_url
from connector.store.folder import Folder, shared_folder
from connector.store.schema import require_current, upgrade, version_of, wanted_version
from connector.store.vault import vault_from
from connector.store.workers import dead
from connector.sync.house import House
from connector.transport.budget import UNLIMITED
from connector.transport.mail_server import MailServer
from connector.transport.oauth import Client

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from connector.sync.engine import Engine
    from connector.web.asked import Office
    from connector.web.beside import Part

MOST_JOBS = 5_000


@contextmanager
def house(settings: Settings, now: Callable[[], datetime]) -> Iterator[House]:
    """A house over the data folder, made where it is missing, and its database; closed at the end.

    A SQLite file is made or brought up to date where nobody else works on it. Raises Unreadable where code and database
    do not fit each other."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with shared_folder(settings.home) as folder:
        if not settings.database:
            _upgrade_file(sqlite_url(settings.home), folder)
        database = open_database(address(settings))
        try:
            require_current(database)
            yield _house(settings, database, now, folder)
        finally:
            database.close()


@contextmanager
def web_head(
    settings: Settings, now: Callable[[], datetime], *, port: int, worker: bool, scheduler: bool
) -> Iterator[Starlette]:
    """The web application over a house of its own, reached at a port of this machine unless the settings say where;
    with a worker and the ticker beside it, where wanted."""
    from connector.web.app import application

    with house(settings, now) as ready, jobs(settings) as engine:
        parts = _parts(ready, engine, worker=worker, scheduler=scheduler)
        found = office(settings, ready, port)
        yield application(
            replace(found, problems=lambda: _problems(ready, parts), jobs=lambda: _counted(engine)), parts
        )


def _parts(ready: House, engine: Engine, *, worker: bool, scheduler: bool) -> list[Part]:
    """What runs in threads of this process beside the web endpoints."""
    from connector.sync.worker import Worker, keep_ticking
    from connector.web.beside import Part

    working = [Part("worker", Worker(house=ready, engine=engine).run)] if worker else []
    ticking = [Part("scheduler", partial(keep_ticking, ready, engine))] if scheduler else []
    return [*working, *ticking]


def _problems(ready: House, parts: Sequence[Part]) -> tuple[str, ...]:
    from connector.sync.readiness import problems

    return (*problems(ready), *(part.problem for part in parts if part.problem))


def _counted(engine: Engine) -> dict[tuple[str, ...], int]:
    """The engine's jobs by queue and state, counted no further than MOST_JOBS."""
    found = engine.stats(MOST_JOBS)
    return {(queue, state): count for queue, states in found.items() for state, count in states.items()}


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


def clock(settings: Settings, now: Callable[[], datetime]) -> Callable[[], datetime]:
    """The time: `now`, unless tests with stand-ins have a clock of their own. Raises Unreadable where they may not."""
    if not settings.test_clock:
        return now
    from connector.sync.providers import providers
    from connector.transport.test_clock import moved_clock

    return moved_clock(settings.test_clock, [each.name for each in providers(settings)], settings.addresses)


@contextmanager
def jobs(settings: Settings) -> Iterator[Engine]:
    """The durable jobs beside the database: asked for, looked at, and worked on by a worker."""
    from connector.store.jobs_database import open_jobs
    from connector.sync.engine import Engine  # takes more than a second to load

    engine = Engine(open_jobs(settings.database, settings.home))
    try:
        yield engine
    finally:
        engine.close()


def address(settings: Settings) -> str:
    """Where the database is; it may hold a password."""
    return settings.database or sqlite_url(settings.home)


def upgrade_database(settings: Settings) -> tuple[str, str]:
    """Brings the schema up to date: the version it had, empty for none, and the one it has now.

    Raises Unreadable where another process works on a SQLite file: it may be of an older version."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with shared_folder(settings.home) as folder, folder.to_itself() as is_alone:
        if not settings.database and not is_alone:
            raise Unreadable(f"Another process works on {settings.home}: stop it first. Nothing was changed.")
        before = _version(address(settings))
        upgrade(address(settings))
        return before, wanted_version()


def _upgrade_file(url: str, folder: Folder) -> None:
    if _version(url) < wanted_version():
        with folder.to_itself() as is_alone:
            if is_alone:
                upgrade(url)


def _version(url: str) -> str:
    database = open_database(url)
    try:
        with reachable():
            return version_of(database)
    finally:
        database.close()


def _dead(database: Database) -> list[str]:
    with database.transaction() as tx:
        return dead(tx)


def _house(settings: Settings, database: Database, now: Callable[[], datetime], folder: Folder) -> House:
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
        owner=f"{platform.node()}-{os.getpid()}-{uuid4().hex[:8]}",  # a number of a process comes again, this never
        alone=lambda: not database.is_shared and folder.is_alone(),
        dead=lambda: _dead(database),
        folder=settings.home,
        mail=_mail_server(settings.smtp),
        budget=lambda base_url: UNLIMITED if base_url else budget,  # a stand-in has no vendor's limits to keep
    )


def _mail_server(smtp: Mapping[str, str]) -> MailServer | None:
    if not smtp:
        return None
    return MailServer(
        host=smtp["host"],
        port=int(smtp.get("port", "587")),
        sender=smtp["from"],
        user=smtp.get("user", ""),
        password=smtp.get("password", ""),
        security=smtp.get("security", "starttls"),
    )
