"""Nothing leaves this machine: a test that opens a connection to anywhere but loopback fails.

The examples of properties are the same in every run of a commit, and none is timed. EXPLORE=n tries n new ones each
(`make explore`)."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgresql import on as on
from tests.postgresql import postgresql as postgresql
from tests.postgresql import postgresql_server as postgresql_server

gc.set_threshold(50_000, 20, 100)  # what a test run keeps alive is not looked through every moment: a tenth of its time

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=int(os.environ.get("EXPLORE") or 1), deadline=None)
settings.load_profile("explore" if "EXPLORE" in os.environ else "steady")

_connect = socket.socket.connect


def _only_loopback(self: socket.socket, address: object) -> None:
    host = address[0] if isinstance(address, tuple) else str(address)
    if self.family in (socket.AF_INET, socket.AF_INET6) and host not in ("127.0.0.1", "::1", "localhost"):
        raise AssertionError(f"a test tried to reach {host}")
    _connect(self, address)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(socket.socket, "connect", _only_loopback)
    yield


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run for what Python compiles, so that commands run as processes start quickly; shared by the
    workers where there are several."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "bytecode"
    folder.mkdir(exist_ok=True)
    return folder
