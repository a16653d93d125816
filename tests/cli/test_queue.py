"""`connector queue` and `connector person` as a specialist types them, over two organisations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connector.cli.app import app
from connector.domain.finding import Finding, Severity
from connector.settings import Settings
from connector.store.connection_findings import keep_connection_findings
from connector.store.feeds import NewConnection, Side, add_feed, connection, keep_connection
from connector.store.findings import keep_findings
from tests.opened import house as open_house

NOW = datetime.now(UTC)
ENDS: tuple[tuple[Side, str], ...] = (("source", "square"), ("target", "quickbooks"))


def finding(code: str, subject: str, amount: int, severity: Severity = "blocking") -> Finding:
    return Finding(code=code, subject=subject, severity=severity, message=f"{subject} waits.", fix="Decide it.",
                   amount=amount, currency="USD", movements=1, blocked=("day|1",))  # fmt: skip


SEEN = {
    "Bakery": [finding("unmapped_tip", "tips", 10_00), finding("new_tender", "WALLET", 900_00, "warning")],
    "Bar": [finding("unmapped_tip", "tips", 25_00), finding("account_archived", "Sales", 20_00)],
}


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def street(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two organisations with what is open about them, the bar's for three days longer."""
    monkeypatch.setenv("CONNECTOR_HOME", str(tmp_path))
    with open_house(Settings(home=tmp_path), lambda: NOW) as opened, opened.database.transaction() as tx:
        for name, found in SEEN.items():
            ends = [
                keep_connection(tx, NewConnection(
                    organisation=name, name=f"{side} of {name}", side=side, provider=provider, external_id=name
                ))
                for side, provider in ENDS
            ]  # fmt: skip
            feed = add_feed(tx, name=name.lower(), source=ends[0], target=ends[1], style="clearing")
            keep_findings(tx, feed.id, found, NOW - timedelta(days=4 if name == "Bar" else 1), "audit")
    yield tmp_path


def queue(*words: str) -> list[tuple[str, list[str]]]:
    """Causes in order, each with the feeds of its findings."""
    causes = json.loads(run("queue", *words, "--json")[1])["causes"]
    return [(cause["cause"], [each["feed"] for each in cause["findings"]]) for cause in causes]


def test_the_queue_is_grouped_by_cause_and_sorted_by_weight_money_and_age(street: Path) -> None:
    assert queue() == [("unmapped_tip", ["bar", "bakery"]), ("account_archived", ["bar"]), ("new_tender", ["bakery"])]
    status, out, _ = run("queue")
    assert status == 0
    assert out.splitlines()[0] == "blocking  unmapped_tip  ·  2 in 2 organisations  ·  35.00 USD  ·  4 days"
    assert out.splitlines()[-1] == "4 open of 3 causes."
    assert queue("--organisation", "Bakery") == [("unmapped_tip", ["bakery"]), ("new_tender", ["bakery"])]


def test_findings_are_assigned_said_something_about_and_muted_one_or_many(street: Path) -> None:
    tips, sales = SEEN["Bar"][0].finding_id, SEEN["Bar"][1].finding_id
    assert run("person", "add", "Anna", "--organisation", "Bar", "--role", "operator")[0] == 0
    assert (
        run("queue", "assign", tips, sales[:6], "--to", "Anna", "--feed", "bar")[1] == "2 findings assigned to Anna.\n"
    )
    assert queue("--mine", "--as", "Anna") == [("unmapped_tip", ["bar"]), ("account_archived", ["bar"])]
    assert run("queue", "comment", sales, "--text", "The owner knows.", "--as", "Anna")[0] == 0
    shown = run("queue", "show", sales)[1]
    assert "Anna looks after it" in shown and "Anna: The owner knows." in shown
    muted = ("mute", "--cause", "unmapped_tip", "--until", "2999-01-01", "--because", "Later.")
    assert run("queue", *muted)[1] == "2 findings muted until 2999-01-01.\n"
    assert "unmapped_tip" not in dict(queue()) and run("queue")[1].endswith("2 open of 2 causes. 2 muted.\n")
    assert queue("--muted") == [("unmapped_tip", ["bar", "bakery"])]
    assert run("queue", "unmute", tips)[0] == 0 and dict(queue())["unmapped_tip"] == ["bar", "bakery"]


def test_who_belongs_to_one_organisation_sees_and_does_nothing_elsewhere(street: Path) -> None:
    run("person", "add", "Anna", "--organisation", "Bar", "--role", "reader")
    assert {feed for _, feeds in queue("--as", "Anna") for feed in feeds} == {"bar"}
    assert (
        run("--as", "Anna", "feed", "list")[1].startswith("bar:")
        and "bakery" not in run("--as", "Anna", "feed", "list")[1]
    )
    for words in (
        ("--as", "Anna", "queue", "comment", SEEN["Bar"][0].finding_id, "--text", "So."),
        ("--as", "Anna", "queue", "show", SEEN["Bakery"][1].finding_id),
        ("--as", "Anna", "person", "add", "Bert", "--organisation", "Bar"),
        ("--as", "Nobody", "queue"),
    ):
        status, out, err = run(*words)
        assert (status, out, len(err.splitlines())) == (2, "", 1), words


def test_a_connection_that_must_be_mended_stands_in_the_queue_and_closes_by_itself(street: Path) -> None:
    ended = finding("reconnect_needed", "consent", 0)
    for findings, expected in (([ended], ["source of Bar"]), ([], [])):
        with open_house(Settings(home=street), lambda: NOW) as opened, opened.database.transaction() as tx:
            source = connection(tx, "source of Bar")
            keep_connection_findings(tx, source.id, "reconnect_needed", findings, NOW)
        causes = json.loads(run("queue", "--cause", "reconnect_needed", "--json")[1])["causes"]
        assert [each["connection"] for cause in causes for each in cause["findings"]] == expected
        if expected:
            assert "Bar · source of Bar  consent  by hand" in run("queue")[1]
            assert run("queue", "show", ended.finding_id)[1].splitlines()[1] == "  consent waits."
            status, out, err = run("queue", "comment", ended.finding_id, "--text", "So.")
            assert (status, out) == (2, "") and err.startswith(f"{ended.finding_id} is about the connection")
            assert run("queue", "fix", ended.finding_id)[1].startswith(f"{ended.finding_id}  consent: by hand.")


def test_wrong_words_are_one_sentence_and_change_nothing(street: Path) -> None:
    tips = SEEN["Bar"][0].finding_id
    for words in (
        ("assign",), ("assign", tips, "--to", "Nobody"), ("comment", tips), ("mute", tips, "--because", "So."),
        ("mute", tips, "--until", "2020-01-01", "--because", "So."), ("mute", tips, "--until", "2999-01-01"),
        ("show", "zz"), ("show", "ffffffff"),
    ):  # fmt: skip
        status, _, err = run("queue", *words)
        assert (status, len(err.splitlines())) == (2, 1), words
    assert queue("--muted") == [] and "said" not in run("queue")[1]


def test_a_fix_that_nobody_can_apply_says_what_to_do_by_hand(street: Path) -> None:
    status, out, _ = run("queue", "fix", "--cause", "new_tender", "--yes")
    assert (status, out) == (0, f"{SEEN['Bakery'][1].finding_id}  WALLET: by hand. Decide it.\n")
