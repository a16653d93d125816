"""`connector reconcile match` on plain tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from connector.cli.reconcile_match import match

app = typer.Typer()
app.command()(match)
STATEMENT = """id,date,amount,currency,text,reference
b1,2026-03-16,400.22,CAD,SQUARE DEPOSIT,po_19AB77
b2,2026-05-06,968.56,CAD,AMAZON.COM,
b3,2026-05-07,-12.00,CAD,BANK CHARGES,
b4,2026-05-08,50.00,CAD,TRANSFER,
"""
LEDGER = """id,date,amount,currency,channel,batch,fee,text
e1,2026-03-14,412.60,CAD,Square,po_19AB77,12.38,
e2,2026-05-04,748.97,USD,Amazon,,,
e3,2026-05-05,50.00,CAD,Invoices,,,
e4,2026-05-05,50.00,CAD,Invoices,,,
"""
RULES = """
channels:
  - {name: Amazon, descriptors: [amazon.com], latest: 6, entries: one}
rates: {USD/CAD: "1.2900"}
band_percent: "2.5"
write_off:
  - {currency: CAD, at_most: "1.00", percent: "0.5", account: Bank Charges, tax: NONE}
"""


def run(folder: Path, *words: str, statement: str = STATEMENT, ledger: str = LEDGER, rules: str = "") -> Result:
    files = {"statement": statement, "ledger": ledger, "rules": rules}
    given = []
    for name, text in files.items():
        if text:
            (folder / name).write_text(text, encoding="utf-8")
            given += [f"--{name}", str(folder / name)]
    return CliRunner().invoke(app, [*given, *words], catch_exceptions=False)


def test_json_has_every_proposal_with_its_evidence_as_data_and_as_a_sentence(tmp_path: Path) -> None:
    ran = run(tmp_path, "--json")
    assert ran.exit_code == 0, ran.output
    body = json.loads(ran.stdout)
    counts = {"lines": 4, "certain": 1, "likely": 0, "possible": 2, "unexplained": 1, "open_entries": 3}
    assert body["summary"] == counts
    certain = body["proposals"][0]
    assert (certain["lines"], certain["entries"], certain["confidence"]) == (["b1"], ["e1"], "certain")
    assert {"fact": "fee", "value": "12.38 CAD", "detail": "known from the source"} in certain["evidence"]
    assert certain["sentence"].startswith("PO19AB77 is in the bank text; the amount is exact")
    foreign = next(each for each in body["proposals"] if each["lines"] == ["b2"])
    assert {"fact": "implied_rate", "value": "1.293189"}.items() <= foreign["evidence"][1].items()
    assert [each["line"] for each in body["waiting"]] == ["b2", "b3", "b4"]
    assert body["waiting"][2]["possible"] == [["e3"], ["e4"]]
    assert body["open_entries"] == ["e2", "e3", "e4"]


def test_with_a_rate_in_the_rules_the_foreign_deposit_is_likely(tmp_path: Path) -> None:
    body = json.loads(run(tmp_path, "--json", rules=RULES).stdout)
    foreign = next(each for each in body["proposals"] if each["lines"] == ["b2"])
    assert foreign["confidence"] == "likely"
    difference = {"fact": "exchange_difference", "value": "2.39 CAD", "detail": "at 1.2900"}
    assert difference in foreign["evidence"]


def test_the_table_says_why_and_what_is_near(tmp_path: Path) -> None:
    ran = run(tmp_path)
    assert "4 bank lines: 1 certain, 0 likely, 2 possible, 1 unexplained. 3 ledger entries stay open." in ran.stdout
    rows = {row.split()[0]: row for row in ran.stdout.splitlines() if row.startswith("  b")}
    assert "400.22 CAD  e1" in rows["b1"]
    assert "the implied rate is 1.293189" in rows["b2"]
    assert "unexplained" in rows["b3"]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("statement", STATEMENT.replace("b2", "b1"), "statement has the id b1 twice."),
        ("statement", STATEMENT.replace("968.56", "968,56"), "statement, line 3: 7 fields where the heading has 6."),
        ("ledger", LEDGER.replace("12.38", "x"), "ledger, line 2, column fee: 'x' is not a plain decimal amount."),
        ("ledger", LEDGER.replace("2026-05-04", "4 May"), "ledger, line 3, column date: '4 May' is not a date such as"),
        ("rules", "channels: [", "rules is not YAML that can be read."),
        ("rules", "chanels: []", "Rules: the rules knows no field chanels; it has band_percent, channels,"),
        ("rules", "rates: {USD/CAD: 1.29}", "Rules, rates USD/CAD: a text is wanted; put numbers in quotes"),
        ("rules", 'rates: {USD: "1.29"}', "Rules, rates: 'USD' is not a pair such as USD/CAD."),
        ("rules", "channels: [{name: A, entries: many}]", "Rules, channel A: entries is one"),
        ("rules", "channels: [{name: A, earliest: 5, latest: 2}]", "Rules, channel A: earliest is after latest."),
        ("rules", "channels: [{name: A}, {name: A}]", "Rules: channel A is there twice."),
        ("rules", "write_off: [{currency: USD}]", "Rules, write_off: at_most: a text is wanted"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    ran = run(tmp_path, **{name: text})
    assert ran.exit_code == 2
    assert ran.stderr.startswith(sentence)
    assert ran.stderr.count("\n") == 1


def test_a_file_that_is_not_there_or_not_text_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_bytes(b"id,date\n\xff\xfe")
    (tmp_path / "statement").write_text(STATEMENT, encoding="utf-8")
    words = ["--statement", str(tmp_path / "statement"), "--ledger"]
    ran = CliRunner().invoke(app, [*words, str(tmp_path / "ledger")], catch_exceptions=False)
    assert (ran.exit_code, ran.stderr) == (2, "ledger is not UTF-8 text; save it as CSV UTF-8.\n")
    ran = CliRunner().invoke(app, [*words, str(tmp_path / "none")], catch_exceptions=False)
    assert (ran.exit_code, ran.stderr) == (2, "none cannot be read: No such file or directory.\n")
