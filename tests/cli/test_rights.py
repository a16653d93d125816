"""Who may do what: every command says which right it needs, a reader changes nothing, and what it sees stays seen."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import connector.cli
from connector.cli.app import app
from connector.settings import Settings
from connector.store.feeds import NewConnection, Side, add_feed, keep_connection
from connector.store.persons import keep_person, set_role
from tests.opened import house as open_house

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ENDS: tuple[tuple[Side, str], ...] = (("source", "square"), ("target", "quickbooks"))
SEES = {  # commands that only show, or keep what was seen; all others need more than to be a member
    "audit", "check", "explain", "status", "map export", "map diff", "map history", "map show", "map suggest",
    "feed list_feeds", "policy show", "person list_", "person tell", "queue list_", "queue show", "runs list_",
    "runs show", "schedule show", "setup show", "diff", "match_rules rules", "reconcile_items list_",
    "reconcile_items links", "reconcile_clearing clearing", "reconcile_ties ties", "reconcile_ties taxes",
    "reconcile_report report", "reconcile_books books",
    "pack key",
}  # fmt: skip
MAY_SEE = {  # commands that show, and change where they are given something
    "calendar", "connect location", "diff undo", "drift adopt", "feed set_", "feed accounts", "queue fix",
    "setup advanced", "setup answers", "setup cutover", "reconcile_close close",
}  # fmt: skip
REFUSED = (
    ("feed", "set", "bar", "--amends", "hold"), ("feed", "accounts", "bar", "--create"),
    ("map", "revert", "bar", "1"), ("setup", "answers", "bar", "--registered", "no"), ("setup", "activate", "bar"),
    ("schedule", "pause", "bar"), ("backfill", "bar", "--from", "2026-01-01"), ("post", "bar"),
    ("pull", "square of Bar"),    ("disconnect", "square of Bar"), ("drift", "accept", "SQ-1", "--by", "Anna"),
    ("undo", "bar", "--apply", "--by", "Anna"),
    ("connect", "amazon", "--organisation", "Bar", "--files"), ("erase", "Bar"),
    ("db", "backup", "never-written"), ("notify", "--due"),
)  # fmt: skip


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two organisations; Anna is a reader of the bar, and Olga runs the bakery and reads the bar."""
    home = tmp_path_factory.mktemp("street")
    with open_house(Settings(home=home), lambda: NOW) as opened, opened.database.transaction() as tx:
        for name in ("Bar", "Bakery"):
            ends = [
                keep_connection(tx, NewConnection(
                    organisation=name, name=f"{provider} of {name}", side=side, provider=provider, external_id=name
                ))
                for side, provider in ENDS
            ]  # fmt: skip
            add_feed(tx, name=name.lower(), source=ends[0], target=ends[1], style="clearing")
        for person, organisation, role in (
            ("Anna", "Bar", "reader"),
            ("Olga", "Bar", "reader"),
            ("Olga", "Bakery", "operator"),
        ):
            keep_person(tx, person)
            set_role(tx, person, organisation, role)
    yield home


@pytest.fixture
def at(street: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONNECTOR_HOME", str(street))
    return street


def rights() -> dict[str, str]:
    """What each command asks for, as its file spells it, by group and function."""
    found = {}
    for path in sorted(Path(connector.cli.__file__ or "").parent.glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "opened":
                        name = function.name if function.name == path.stem else f"{path.stem} {function.name}"
                        found[name.replace("map_show ", "map ").replace("map_suggest ", "map ")] = ast.unparse(
                            call.args[0]
                        )
    return found


def test_only_what_shows_is_open_to_readers() -> None:
    found = rights()
    assert {name for name, right in found.items() if right == "'read'"} == SEES
    assert {name for name, right in found.items() if right != "'read'" and "'read'" in right} == MAY_SEE


@pytest.mark.parametrize("words", REFUSED, ids=lambda words: " ".join(words[:2]))
def test_a_reader_changes_nothing(at: Path, words: tuple[str, ...]) -> None:
    status, out, err = run("--as", "Anna", *words)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith("Anna is reader of Bar, and may not ")


def test_a_reader_sees_what_there_is(at: Path) -> None:
    for words in (("feed", "set", "bar"), ("map", "history", "bar"), ("schedule", "show"), ("runs",), ("queue",)):
        assert run("--as", "Anna", *words)[0] == 0, words


def test_who_may_run_elsewhere_is_told_where(at: Path) -> None:
    status, _, err = run("--as", "Olga", "journalize", "bar")
    assert status == 2
    assert err == "There is no feed 'bar'; there are: bakery. (Olga may pull or post in: Bakery.)\n"
    assert run("--as", "Olga", "schedule", "pause", "bakery")[0] in (0, 2)
    assert "may not" not in run("--as", "Olga", "schedule", "pause", "bakery")[2]
