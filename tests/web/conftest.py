"""The stand-ins of every provider, filled once; each test has a house of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.town import Town, open_town
from connector.settings import Settings
from tests.opened import house
from tests.web.office import SHOPS, Browser, Clock, Served, opened_office, settings_for, stock

SHARED = Clock()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("town"), clock=SHARED, shops=SHOPS) as town:
        stock(town)
        yield town


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The clock of the house and of the stand-ins; back at noon afterwards."""
    SHARED.at = Clock().at
    yield SHARED
    SHARED.at = Clock().at


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an empty database, made once and copied."""
    home = tmp_path_factory.mktemp("empty") / "home"
    with house(Settings(home=home), SHARED):
        return home


@pytest.fixture
def home(empty_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(empty_home, tmp_path / "home"))


@pytest.fixture
def served(town: Town, clock: Clock, home: Path) -> Iterator[Served]:
    with opened_office(settings_for(town, home), clock) as served:
        yield served


@pytest.fixture
def browser(served: Served) -> Browser:
    return Browser(served.base_url)
