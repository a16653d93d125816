"""Commands as a person types them, in this process: what they print, and how they end."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from connector.cli.app import app

STORIES = Path(__file__).parents[1] / "stories"
SETTLEMENT = STORIES / "c_settlement_over_a_month_end" / "given" / "settlement.txt"
SETTLEMENT_MAP = STORIES / "c_settlement_over_a_month_end" / "account_map.yaml"
RESTAURANT = STORIES / "a_restaurant_in_the_us" / "given"
RESTAURANT_MAP = STORIES / "a_restaurant_in_the_us" / "account_map.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str

    def json(self) -> object:
        """All of stdout as JSON; anything beside it fails."""
        return json.loads(self.out)

    @property
    def sentences(self) -> list[str]:
        """The lines on stderr."""
        return self.err.splitlines()


def run(*words: str | Path, given: str = "") -> Ran:
    """Runs `connector WORDS`; an exception that the command does not turn into a sentence is raised."""
    result = CliRunner().invoke(app, [str(word) for word in words], input=given, catch_exceptions=False)
    return Ran(status=result.exit_code, out=result.stdout, err=result.stderr)


def done(*words: str | Path, given: str = "") -> Ran:
    """Runs a command that must end well."""
    ran = run(*words, given=given)
    assert ran.status == 0, ran
    return ran


def environment(bytecode: Path) -> dict[str, str]:
    """The environment for a command as a process of its own; what Python compiles is kept in a folder of the tests."""
    here = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return here | {"PYTHONPYCACHEPREFIX": str(bytecode)}
