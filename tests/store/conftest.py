"""Which tests of the store run on either database: those of what is written, not those of one database's own ways."""

from __future__ import annotations

import pytest

from tests.postgresql import on_both

BOTH = {
    "test_budgets",
    "test_consents",
    "test_credentials",
    "test_database",
    "test_invariants",
    "test_journal",
    "test_outbox",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.module.__name__.rpartition(".")[2] in BOTH and "opened" in metafunc.fixturenames:
        on_both(metafunc)
