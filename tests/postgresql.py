"""A PostgreSQL server of the test run's own: started once, forgotten at the end, a database for each test."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest

NOTED = "postgresql.url"
TEMPLATE = "with_tables"
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300", "logging_collector=off")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a server with one database, `with_tables`, that has the newest schema: end it with a name."""
    found = binaries()
    if found is None:
        pytest.skip("no PostgreSQL on this machine: apt-get install postgresql, or put initdb and postgres on PATH")
    with TemporaryDirectory(prefix="pg", dir="/tmp") as folder, serving(found, Path(folder)) as address:
        from connector.store.schema import upgrade

        with psycopg.connect(f"{address}postgres", autocommit=True) as admin:
            admin.execute(f"create database {TEMPLATE}")
        upgrade(f"{address}{TEMPLATE}".replace("postgresql", "postgresql+psycopg", 1))
        yield address


@pytest.fixture
def postgresql(postgresql_server: str) -> Iterator[str]:
    """The SQLAlchemy address of a database for this test alone, with the newest schema and no rows."""
    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(f"{postgresql_server}postgres", autocommit=True) as admin:
        admin.execute(f"create database {name} template {TEMPLATE}")
    yield f"{postgresql_server}{name}".replace("postgresql", "postgresql+psycopg", 1)
    with psycopg.connect(f"{postgresql_server}postgres", autocommit=True) as admin:
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture
def on(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Which database a test runs on, noted in its folder for whoever opens one there."""
    if request.param == "postgresql":
        (tmp_path / NOTED).write_text(request.getfixturevalue("postgresql"), encoding="ascii")
    return str(request.param)


def on_both(metafunc: pytest.Metafunc) -> None:
    """Has a test run on either database; for pytest_generate_tests."""
    metafunc.fixturenames.insert(0, "on")
    metafunc.parametrize("on", ["sqlite", "postgresql"], indirect=True)


def address_in(folder: Path) -> str:
    """The address that was noted for a folder; empty where it has a SQLite file."""
    noted = folder / NOTED
    return noted.read_text(encoding="ascii") if noted.exists() else ""


def binaries() -> Path | None:
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    found = shutil.which("initdb")
    places = [*([Path(found).resolve().parent] if found else []), *known]
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


@contextmanager
def serving(of: Path, folder: Path) -> Iterator[str]:
    """PostgreSQL refuses to run as root: there it runs as `postgres` or `nobody`, from a place that they may read."""
    user, port = _user(), _free_port()
    if user:
        shutil.chown(folder, user)
    folder.chmod(0o700)
    data = folder / "data"
    initdb = [
        str(of / "initdb"),
        "-D",
        str(data),
        "--no-sync",
        "-A",
        "trust",
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    subprocess.run(initdb, check=True, cwd="/", user=user, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    options = [part for setting in QUICK for part in ("-c", setting)]
    listening = ["-h", "127.0.0.1", "-p", str(port), "-k", str(data)]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [of / "postgres", "-D", data, *listening, *options], cwd="/", user=user, stdout=log, stderr=log
    )
    try:
        address = f"postgresql://postgres@127.0.0.1:{port}/"
        _wait(address, server, folder / "log")
        yield address
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        server.wait(20)
        log.close()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(400):
        try:
            psycopg.connect(f"{address}postgres", connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            assert server.poll() is None, log.read_text(errors="replace")
            time.sleep(0.05)
    raise AssertionError(f"PostgreSQL did not start: {log.read_text(errors='replace')}")


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    return next(name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
