"""The commands of reconciling over a database: what they print, and how they end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import done, run
from tests.sync.walking import connected, house, town, walked

MARCH = (
    "Date,Description,Amount,Currency\n"
    "2026-03-16,SQUARE INC L260316000002,117.11,USD\n"
    "2026-03-17,SQUARE INC,269.93,USD\n"
    "2026-03-17,RENT,-900.00,USD\n"
)


@pytest.fixture
def statement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bank file beside a shop that has posted its weekend."""
    with town(tmp_path) as here, house(tmp_path) as ready:
        connected(ready, here, "quickbooks")
        walked(ready)
    monkeypatch.setenv("CONNECTOR_HOME", str(tmp_path / "data"))
    file = tmp_path / "march.csv"
    file.write_text(MARCH)
    return file


def deposits(*words: str) -> Any:
    return done("reconcile", "deposits", "square-quickbooks", "--json", *words).json()


def test_from_the_bank_file_to_an_accepted_match_and_back(statement: Path) -> None:
    keep = ("reconcile", "statements", statement, "--into", "quickbooks", "--bank-account", "Checking")
    assert done(*keep).out == "3 new lines kept, 0 known, 0 not booked yet.\n"
    assert done(*keep).out == "0 new lines kept, 3 known, 0 not booked yet.\n"
    shown = done("reconcile", "deposits", "square-quickbooks", "--apply-certain").out
    assert "Matches: 1 accepted, 1 proposed, 0 undone (2 new, 1 accepted now)." in shown and "RENT" in shown
    first, second = deposits()["matches"]
    assert first["accepted_by"] == "connector" and "is in the bank text" in first["sentence"]
    assert "is accepted: bank line 2" in done("reconcile", "match", "accept", str(second["id"]), "--as", "Ada").out
    assert "are open again" in done("reconcile", "match", "undo", str(first["id"]), "--as", "Ada").out
    assert "is ignored: rent" in done("reconcile", "match", "ignore", "3", "--as", "Ada", "--reason", "rent").out
    body = deposits()
    assert [each["state"] for each in body["matches"]] == ["undone", "accepted", "proposed"]
    assert [each["text"] for each in body["lines"]] == []
    assert run("reconcile", "match", "accept", "99", "--as", "Ada").sentences == [
        "There is no match 99; connector reconcile deposits lists them."
    ]


def test_a_statement_is_kept_only_where_it_is_said_whose_it_is(statement: Path) -> None:
    half = run("reconcile", "statements", statement, "--into", "quickbooks")
    assert half.status == 2 and "--bank-account" in half.err
    source = run("reconcile", "statements", statement, "--into", "square", "--bank-account", "Checking")
    assert source.status == 2 and "square is a source" in source.err


def test_the_clearing_balance_of_a_day_is_shown_with_what_it_consists_of(statement: Path) -> None:
    shown = done("reconcile", "clearing", "square-quickbooks", "--on", "2026-03-15").out
    assert "Square Balance on 2026-03-15: 490.96 USD, in the books not told for that day" in shown
    assert "opening 0.00 USD + posted 490.96 USD − settled 0.00 USD" in shown
    body: Any = done("reconcile", "clearing", "square-quickbooks", "--on", "2026-03-18", "--json").json()
    balance = next(each for each in body["accounts"] if each["account"] == "Square Balance")
    assert balance["items"] == [
        {"cause": "next batch", "text": "payment MAINP000009", "amount": "62.00", "date": "2026-03-14", "age": 4}
    ]
    assert (balance["by_documents"], balance["in_books"], balance["unexplained"]) == ("62.00", None, "0.00")
    wrong = run("reconcile", "clearing", "square-quickbooks", "--on", "yesterday")
    assert wrong.status == 2 and "is not a day" in wrong.err
