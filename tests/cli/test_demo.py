"""`connector demo` as a newcomer runs it: twice, and once more after it was killed on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from connector.faults import KILLED
from tests.cli.running import environment

Row = dict[str, object]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> tuple[Path, Row]:
    """A folder in which the demo ran once, and what it showed."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, shown(folder, bytecode)


def shown(folder: Path, bytecode: Path) -> Row:
    ran = demo(folder, bytecode)
    assert (ran.returncode, ran.stderr) == (0, "")
    return cast(Row, json.loads(ran.stdout))


def demo(folder: Path, bytecode: Path, fault: str = "") -> subprocess.CompletedProcess[str]:
    """`connector demo --json` as a process of its own, in a folder; `fault` ends it there as a power cut would."""
    command = [sys.executable, "-m", "connector", "demo", "--json"]
    here = environment(bytecode) | {"PYTHONPATH": str(Path(__file__).parents[2])}
    here |= {"CONNECTOR_FAULT": fault} if fault else {}
    return subprocess.run(command, cwd=folder, env=here, capture_output=True, text=True, timeout=120)


def inner(row: Row, name: str) -> list[Row]:
    return cast(list[Row], row[name])


def feeds(told: Row) -> dict[str, Row]:
    return {cast(str, feed["name"]): feed for feed in inner(told, "feeds")}


def posted(told: Row) -> dict[str, dict[str, int]]:
    return cast(dict[str, dict[str, int]], told["posted"])


def in_the_books(told: Row) -> list[tuple[str, str, str]]:
    """(feed, mark, state) of each record of each document."""
    return sorted(
        (name, str(posting["mark"]), str(posting["state"]))
        for name, feed in feeds(told).items()
        for document in inner(feed, "documents")
        for posting in inner(document, "postings")
    )


def test_the_demo_shows_each_document_with_its_id_in_both_books(first: tuple[Path, Row]) -> None:
    _, told = first
    assert set(feeds(told)) == {"square-quickbooks", "square-xero", "amazon-quickbooks", "amazon-xero"}
    for feed in feeds(told).values():
        for document in inner(feed, "documents"):
            ids = [posting["id"] for posting in inner(document, "postings")]
            assert ids and all(ids)
            assert {posting["state"] for posting in inner(document, "postings")} == {"verified"}
    months = [document["date"] for document in inner(feeds(told)["amazon-quickbooks"], "documents")]
    assert months == ["2026-04-30", "2026-05-02", "2026-05-04"]
    kinds = {document["kind"] for document in inner(feeds(told)["square-xero"], "documents")}
    assert {"sales", "refund", "payout"} <= kinds


def test_each_clearing_balance_equals_the_books_and_says_what_it_consists_of(first: tuple[Path, Row]) -> None:
    _, told = first
    balances = {
        (name, str(balance["account"])): balance
        for name, feed in feeds(told).items()
        for balance in inner(feed, "clearing")
    }
    square = balances["square-quickbooks", "Square Balance"]
    assert [(item["item"], item["amount"]) for item in inner(square, "open_items")] == [
        ("payment MAINP000009", "62.00")
    ]
    assert balances["amazon-quickbooks", "Amazon.com Clearing"]["by_documents"] == "0.00"
    for (name, account), balance in balances.items():
        assert (balance["in_books"] or "0.00") == balance["by_documents"], (name, account)
        assert inner(balance, "lines")


def test_the_second_run_posts_nothing_and_shows_the_same(first: tuple[Path, Row], bytecode: Path) -> None:
    folder, told = first
    assert min(done["posted"] for done in posted(told).values()) > 0
    again = shown(folder, bytecode)
    assert {number for done in posted(again).values() for number in done.values()} == {0}
    assert again["feeds"] == told["feeds"]


@pytest.mark.parametrize("fault", ["lease.committed:2", "confirm.before:3"])
def test_killed_on_the_way_and_run_again_the_books_hold_the_same_documents_once(
    fault: str, first: tuple[Path, Row], tmp_path: Path, bytecode: Path
) -> None:
    killed = demo(tmp_path, bytecode, fault)
    assert (killed.returncode, killed.stdout) == (KILLED, "")
    again = shown(tmp_path, bytecode)
    assert 0 < sum(done["posted"] for done in posted(again).values()) < len(in_the_books(first[1]))
    assert in_the_books(again) == in_the_books(first[1])
    balances = {name: feed["clearing"] for name, feed in feeds(again).items()}
    assert balances == {name: feed["clearing"] for name, feed in feeds(first[1]).items()}
