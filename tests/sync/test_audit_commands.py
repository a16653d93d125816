"""`connector audit` and `connector map suggest` as a person types them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from connector.cli.audit import audit
from connector.cli.map_suggest import suggest
from connector.store.account_maps import keep_map
from connector.store.feeds import feed
from tests.sync.walking import MAP, connected, house, town, walked

APP = typer.Typer()
APP.command("audit")(audit)
APP.command("suggest")(suggest)
FEED = "square-quickbooks"


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(APP, words, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A shop whose weekend is in the books, and whose map does not say any more what service charges are."""
    monkeypatch.setenv("CONNECTOR_HOME", str(tmp_path / "data"))
    with town(tmp_path) as opened:
        with house(tmp_path) as ready:
            connected(ready, opened, "quickbooks")
            walked(ready)
            with ready.database.transaction() as tx:
                keep_map(tx, feed(tx, FEED).id, "slots: {bank: Checking}")
        yield tmp_path


def test_the_audit_prints_the_gravest_first_with_money_and_the_fix(shop: Path) -> None:
    status, out, _ = run("audit", "--organisation", "Main Street")
    rows = [row for row in out.splitlines() if row.startswith(("blocking", "warning", "info"))]
    words = [row.split()[0] for row in rows]
    assert status == 0 and words[0] == "blocking"
    assert words == sorted(words, key=("blocking", "warning", "info").index)
    assert "unmapped_service_charge" in rows[0] and "→ In the account map, under slots: {service_charge:" in out
    ends = {row.index(" USD") for row in rows if " USD" in row}
    assert len(ends) == 1
    assert out.splitlines()[-1].startswith("1 blocking, ")


def test_the_audit_ends_with_3_where_something_so_grave_is_found(shop: Path) -> None:
    assert run("audit", "--fail-on", "blocking")[0] == 3
    assert run("audit", "--fail-on", "info")[0] == 3
    assert run("audit", "--fail-on", "grave")[0] == 2
    with house(shop) as ready, ready.database.transaction() as tx:
        keep_map(tx, feed(tx, FEED).id, MAP)
    assert run("audit", "--fail-on", "blocking")[0] == 0


def test_the_audit_as_json_has_what_preview_shows_and_the_money_behind_it(shop: Path) -> None:
    status, out, _ = run("audit", "--json")
    found = json.loads(out)["findings"]
    first = found[0]
    assert status == 0
    assert {"code", "severity", "subject", "message", "fix", "amount", "currency", "movements", "blocked"} <= set(first)
    assert first["code"] == "unmapped_service_charge" and first["amount"] != "0.00" and first["blocked"]


def test_wrong_input_is_one_sentence_and_ends_with_2(shop: Path) -> None:
    bad = shop / "policies.yaml"
    bad.write_text("policies: [{role: tip}]", encoding="utf-8")
    for words in (("--organisation", "Elsewhere"), ("--policies", str(bad)), ("--policies", str(shop / "none.yaml"))):
        status, out, err = run("audit", *words)
        assert (status, out, len(err.splitlines())) == (2, "", 1), err


def test_suggestions_are_printed_with_their_reason(shop: Path) -> None:
    status, out, _ = run("suggest", FEED)
    assert status == 0
    assert any(
        row.startswith("sale Food ") and row.endswith(")") and "→  Square Sales  (" in row for row in out.splitlines()
    )
    told = json.loads(run("suggest", FEED, "--json")[1])
    assert {"kind", "code", "suggestions"} == set(told[0])
    assert run("suggest", FEED, "--back-test")[1].startswith("Too little is decided")
    assert run("suggest", "none")[0] == 2
