"""Companies of the QuickBooks stand-in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.targets.quickbooks.given import Company, company


@pytest.fixture
def american(tmp_path: Path) -> Iterator[Company]:
    with company(tmp_path) as made:
        yield made


@pytest.fixture
def british(tmp_path: Path) -> Iterator[Company]:
    with company(tmp_path, "GB", "GBP") as made:
        yield made
