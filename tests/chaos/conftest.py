"""A world for each test, in each of the two books where the test does not say which."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.world import Books, World, world


@pytest.fixture(params=["quickbooks", "xero"])
def books(request: pytest.FixtureRequest) -> Books:
    found: Books = request.param
    return found


@pytest.fixture
def ready(books: Books, tmp_path: Path) -> Iterator[World]:
    """The outbox is full, and nothing is posted; all of it was pulled."""
    with world(books, tmp_path) as made:
        made.pulls = False
        yield made


@pytest.fixture
def posted(books: Books, tmp_path: Path) -> Iterator[World]:
    """Everything is in the books."""
    with world(books, tmp_path, "posted") as made:
        yield made


@pytest.fixture
def connected(books: Books, tmp_path: Path) -> Iterator[World]:
    """Nothing was pulled yet."""
    with world(books, tmp_path, "connected") as made:
        yield made
