"""Which tests of the stations run on either database: those of what is left when a process dies between two commits,
and of what several processes claim."""

from __future__ import annotations

import pytest

from tests.postgresql import on_both

BOTH = {"test_crash": "point", "test_ticker": "street"}
"""By module: the fixture that opens a database."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if BOTH.get(metafunc.module.__name__.rpartition(".")[2]) in metafunc.fixturenames:
        on_both(metafunc)
