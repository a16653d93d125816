"""docs/add-a-source.md is true: its files, written out, are a source."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import connector.sources
from connector.domain.facts import Fact
from connector.domain.map_file import read_map
from connector.domain.notation import journal
from connector.domain.shop import Shop
from connector.mapping.documents import documents
from connector.mapping.outcome import Journalized
from connector.mapping.rules import Rules
from connector.sources.contract import Source
from connector.sources.registry import names, source

PAGE = Path(__file__).parents[2] / "docs" / "add-a-source.md"
FILE = re.compile(r"```\w+ file=(\S+)\n(.*?)```", re.DOTALL)


@pytest.fixture
def corner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the page describes, beside the sources there are."""
    folder = tmp_path / "corner"
    for name, text in FILE.findall(PAGE.read_text(encoding="utf-8")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for package in (folder, folder / "data"):
        (package / "__init__.py").touch()
    monkeypatch.setattr(connector.sources, "__path__", [*connector.sources.__path__, str(tmp_path)])
    source.cache_clear()
    yield folder
    source.cache_clear()
    for module in [name for name in sys.modules if name.startswith("connector.sources.corner")]:
        del sys.modules[module]


def made_from(corner: Path, found: Source, account_map: str) -> Journalized:
    assert found.saved is not None
    facts = [fact for fact in found.saved([corner / "given"], Shop(zone="America/New_York")) if isinstance(fact, Fact)]
    rules = Rules(
        defaults=found.defaults,
        account_map=read_map(account_map),
        organisation="Corner",
        connection="paper",
        account="file",
    )
    return documents(facts, rules)


def test_the_folder_of_the_page_is_a_source_and_nothing_else_had_to_change(corner: Path) -> None:
    assert "corner" in names()
    held = made_from(corner, source("corner"), "").held
    assert [(each.code, each.movements) for each in held] == [("unknown_kind", 8)]
    assert "'seashells' is not in the source's vocabulary" in held[0].reason


def test_with_the_decision_of_the_page_the_day_is_the_journal_of_the_page(corner: Path) -> None:
    made = made_from(corner, source("corner"), (corner / "account_map.yaml").read_text(encoding="utf-8"))
    text = re.sub(r"\[CO-20261119-\w+\]", "[CO-20261119-MARK]", journal(made.documents))
    assert text == (corner / "expected.journal").read_text(encoding="utf-8")
