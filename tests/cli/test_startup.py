"""Commands on plain files start at once: they load no store, no provider's library and no web server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from tests.cli.running import RESTAURANT, RESTAURANT_MAP, SETTLEMENT, SETTLEMENT_MAP, environment

HEAVY = {
    "sqlalchemy", "sqlmodel", "alembic", "pydantic", "requests", "httpx", "urllib3", "square", "xero_python",
    "quickbooks", "cryptography", "oauthlib", "starlette", "uvicorn", "tenacity",
}  # fmt: skip
PROGRAM = """
import json, sys
from connector.cli.app import app
try:
    app(sys.argv[1:])
except SystemExit as ended:
    status = ended.code
print(json.dumps({"status": status, "loaded": sorted(sys.modules)}), file=sys.stderr)
"""


def loaded_by(bytecode: Path, *words: str | Path) -> set[str]:
    """The outermost packages that a fresh process has loaded when the command has ended well."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, words)], capture_output=True, text=True, env=environment(bytecode)
    )
    told = cast(dict[str, object], json.loads(ran.stderr.splitlines()[-1]))
    assert told["status"] == 0, ran.stderr
    assert ran.stdout
    return {name.partition(".")[0] for name in cast(list[str], told["loaded"])}


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("preview", "--help"),
        ("pull", "--help"),
        ("preview", "--source", "amazon", SETTLEMENT, "--map", SETTLEMENT_MAP),
        ("preview", "--source", "square", RESTAURANT, "--map", RESTAURANT_MAP, "--format", "json"),
        ("preview", "--source", "amazon", SETTLEMENT, "--map", SETTLEMENT_MAP, "--format", "csv", "--target", "xero"),
    ],
    ids=lambda words: " ".join(str(word) for word in words if not isinstance(word, Path)),
)
def test_a_command_on_plain_files_loads_nothing_heavy(words: tuple[str | Path, ...], bytecode: Path) -> None:
    loaded = loaded_by(bytecode, *words)
    assert "connector" in loaded and "typer" in loaded
    assert loaded & HEAVY == set()


def test_a_command_on_the_store_does_load_it(bytecode: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the names above are the right ones."""
    monkeypatch.setenv("CONNECTOR_HOME", str(tmp_path))
    assert {"sqlalchemy", "sqlmodel", "alembic", "cryptography"} <= loaded_by(bytecode, "status")
