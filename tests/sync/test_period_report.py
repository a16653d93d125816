"""The report of a month, gathered from the store: figures, payouts, discrepancies, decisions, what is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.errors import Unreadable
from connector.reconcile.report.footing import unfooted
from connector.reconcile.report.values import Report, Row
from connector.reconcile.report.written import read_report
from connector.store.account_maps import note_decided
from connector.store.feeds import feed
from connector.sync.clearing import proved
from connector.sync.house import House
from connector.sync.period_report import period_report
from tests.cli.running import run
from tests.sync.period_world import MARCH, ORGANISATION, administrator_pays, month_end, square


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def ready(folder: Path) -> Iterator[House]:
    with month_end(folder) as opened:
        administrator_pays(opened)
        yield opened


@pytest.fixture(scope="module")
def report(ready: House) -> Report:
    return period_report(ready, ORGANISATION, MARCH)


def rows(report: Report, table: str) -> tuple[Row, ...]:
    return report.table(table).rows


def amount(report: Report, figure: str) -> int:
    return report.figure(figure).amount


def test_the_month_adds_up(report: Report) -> None:
    assert list(unfooted(report)) == []
    assert len(report.checks) > 5


def test_the_bridge_is_what_the_documents_hold(report: Report) -> None:
    base = "bridge/square-quickbooks/USD"
    assert [amount(report, f"{base}/{name}") for name in ("net", "taken", "fee", "out")] == [
        475_72, 609_94, -12_86, 416_10,
    ]  # fmt: skip
    assert [amount(report, f"{base}/{name}") for name in ("seen", "unseen")] == [387_04, 29_06]
    assert amount(report, "method/square-quickbooks/USD/total") == amount(report, f"{base}/taken")


def test_each_payout_tells_what_became_of_it(report: Report) -> None:
    states = {str(row.cells["payout"]): row.cells["state"] for row in rows(report, "payouts")}
    assert states == {
        "po_main_000001": "failed", "po_main_000002": "matched", "po_main_000003": "matched",
        "po_main_000004": "missing",
    }  # fmt: skip
    assert amount(report, "payouts/square-quickbooks/USD/missing") == 29_06


def test_a_match_tells_its_evidence_and_who_accepted_it(report: Report) -> None:
    found = rows(report, "matches")
    assert {row.cells["by"] for row in found} == {"by itself, it is certain"}
    assert all("L26031" in str(row.cells["evidence"]) for row in found)


def test_each_clearing_balance_is_the_one_of_the_proof_with_its_items(ready: House, report: Report) -> None:
    of_report = {str(row.cells["account"]): row for row in rows(report, "clearing")}
    for proof in proved(ready, square(ready), MARCH[1]).proofs:
        row = of_report[proof.account]
        assert (row.amount("closing"), row.amount("unexplained")) == (proof.by_documents, 0)
        items = [each for each in rows(report, "items") if each.cells["account"] == proof.account]
        assert [(each.cells["cause"], each.amount("amount"), each.cells["age"]) for each in items] == [
            (item.cause, item.amount, str(item.age)) for item in sorted(proof.items, key=lambda i: (i.cause, i.day))
        ]


def test_a_clearing_account_moves_by_what_its_lines_say(report: Report) -> None:
    for row in rows(report, "clearing"):
        of = [each for each in rows(report, "lines") if each.cells["account"] == row.cells["account"]]
        assert row.amount("posted") == sum(each.amount("amount") for each in of)


def test_a_bank_line_that_was_set_aside_tells_by_whom_and_why(report: Report) -> None:
    (row,) = [each for each in rows(report, "discrepancies") if each.cells["what"] == "bank line set aside"]
    assert (row.cells["by"], row.cells["resolution"], row.amount("amount")) == ("Ada", "rent has no payout", -900_00)


def test_a_payment_that_an_administrator_did_not_reconcile_is_listed(report: Report) -> None:
    (row,) = rows(report, "unreconciled")
    assert (row.cells["kind"], row.cells["recorded_by"], row.amount("amount")) == ("administrator", "Bo", 25_00)


def test_the_decisions_that_made_the_documents_are_told(report: Report) -> None:
    places = {row.cells["place"]: row.cells["after"] for row in rows(report, "decisions")}
    assert places["slots.bank"] == "account Checking"


def test_when_a_version_of_the_map_was_decided_is_noted_once(ready: House) -> None:
    with ready.database.transaction() as tx:
        number = feed(tx, "square-quickbooks").id
        for day in (2, 9):
            note_decided(tx, number, 1, datetime(2026, 3, day, 8, tzinfo=UTC))
    found = rows(period_report(ready, ORGANISATION, MARCH), "decisions")
    assert {row.cells["decided"] for row in found if row.cells["feed"] == "square-quickbooks"} == {"2026-03-02 08:00"}


def test_a_month_begins_with_what_the_one_before_ended_with(ready: House, report: Report) -> None:
    april = period_report(ready, ORGANISATION, (date(2026, 4, 1), date(2026, 4, 30)))
    closing = {str(row.cells["account"]): row.amount("closing") for row in rows(report, "clearing")}
    opening = {str(row.cells["account"]): row.amount("opening") for row in rows(april, "clearing")}
    assert {name: opening[name] for name in closing} == closing
    assert list(unfooted(april)) == []


def test_whoever_does_not_belong_to_an_organisation_sees_no_report(ready: House) -> None:
    assert period_report(ready.seen_by("Bo"), ORGANISATION, MARCH).organisation == ORGANISATION
    with pytest.raises(Unreadable, match="no organisation 'Elsewhere'"):
        period_report(ready, "Elsewhere", MARCH)


def test_the_command_prints_the_figures_and_writes_each_form(
    ready: House, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTOR_HOME", str(folder / "data"))
    files = [tmp_path / f"march.{form}" for form in ("html", "pdf", "xlsx", "json")]
    wanted = [word for file in files for word in ("--write", str(file))]
    done = run("reconcile", "report", ORGANISATION, "--month", "2026-03", *wanted)
    assert done.status == 0, done.err
    assert "Due to the shop" in done.out and "Everything adds up" in done.out
    assert [file.read_bytes()[:4] for file in files[:3]] == [b"<!do", b"%PDF", b"PK\x03\x04"]
    assert read_report(files[3].read_bytes()).organisation == ORGANISATION


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "Say which days"),
        (("--month", "March"), "is no month"),
        (("--from", "2026-03-31", "--to", "2026-03-01"), "is before"),
        (("--month", "2026-03", "--write", "march.doc"), "not as .doc"),
    ],
    ids=["no days", "no month", "backwards", "another form"],
)
def test_what_cannot_be_meant_is_one_sentence(
    ready: House, folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.setenv("CONNECTOR_HOME", str(folder / "data"))
    done = run("reconcile", "report", ORGANISATION, *words)
    assert (done.status, len(done.sentences)) == (2, 1)
    assert told in done.err
