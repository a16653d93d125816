"""Which tests of the stations run on either database: those of what is left when a process dies between two commits."""

from __future__ import annotations

import pytest

from tests.postgresql import on_both

BOTH = {"test_crash"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.module.__name__.rpartition(".")[2] in BOTH and "point" in metafunc.fixturenames:
        on_both(metafunc)
