"""`connector reconcile statements`: what it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from connector.cli.reconcile_statements import statements
from tests.reconcile.statements import test_camt, test_tables

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(statements)


def run(*words: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "march.csv").write_text(test_tables.PLAIN)
    (tmp_path / "april.csv").write_text(test_tables.PLAIN + "2026-04-01,FEE,-5.00,USD,987\n")
    (tmp_path / "ask.csv").write_text("Date,Text,Amount\n05/03/2026,A,-1.00\n")
    (tmp_path / "bank.xml").write_text(test_camt.camt(test_camt.statement_of(test_camt.entry("99.00"))))
    return tmp_path


def test_lines_stand_with_their_amounts_under_each_other(folder: Path) -> None:
    status, out, err = run(folder / "march.csv")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "march.csv  CSV  account 987  USD",
        "             2026-03-14     412.60  SQUARE PAYOUT",
        "             2026-03-15  -1,000.00  RENT",
        "  2 lines",
    ]


def test_a_line_in_two_files_counts_once(folder: Path) -> None:
    _, out, _ = run(folder / "march.csv", folder / "april.csv", "--json")
    _, april = json.loads(out)["statements"]
    assert [line["state"] for line in april["lines"]] == ["seen", "seen", "new"]
    assert run(folder / "march.csv", folder / "april.csv")[1].endswith("  3 lines, 2 seen before\n")


def test_the_json_has_amounts_as_decimals_and_warnings_with_their_codes(folder: Path) -> None:
    status, out, _ = run(folder / "bank.xml", "--json")
    (statement,) = json.loads(out)["statements"]
    assert status == 3
    assert (statement["opening"], statement["closing"], statement["closing_on"]) == ("1000.00", "1100.00", "2026-03-14")
    (line,) = statement["lines"]
    assert (line["amount"], line["bank_id"], line["state"]) == ("99.00", "B-77", "new")
    assert [(warning["code"], warning["line"]) for warning in statement["warnings"]] == [("sum", None)]


def test_a_file_that_cannot_be_read_is_a_sentence_and_the_others_are_shown(folder: Path) -> None:
    status, out, err = run(folder / "ask.csv", folder / "missing.csv", folder / "march.csv")
    assert status == 2
    assert "412.60" in out
    assert [sentence.split(" cannot be read: ")[0] for sentence in err.splitlines()] == ["ask.csv", "missing.csv"]


def test_options_say_what_the_file_does_not(folder: Path) -> None:
    status, out, _ = run(folder / "ask.csv", "--dates", "dmy", "--currency", "usd", "--account", "Checking")
    assert (status, out.splitlines()[0]) == (0, "ask.csv  CSV  account Checking  USD")
    assert "2026-03-05" in out
    assert run(folder / "march.csv", "--currency", "dollars")[0] == 2
