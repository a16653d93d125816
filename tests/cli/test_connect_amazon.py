"""A seller's own application: its refresh token is copied from Seller Central and pasted."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from connector.sandbox import amazon
from connector.sandbox.town import open_town
from tests.cli.running import done, environment, run


def now() -> datetime:
    """The command line tells the time itself, so the stand-in goes by the same clock."""
    return datetime.now(UTC)


def test_a_pasted_refresh_token_connects_a_seller_and_settlements_come_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sandbox").mkdir()
    with open_town(tmp_path / "sandbox", clock=now, shops=("amazon",)) as town:
        stand = town.houses["amazon"]
        amazon.fill(stand.shelf)
        for name, value in application(stand.base_url, tmp_path / "home").items():
            monkeypatch.setenv(name, value)
        answer = requests.post(f"{stand.base_url}/_sandbox/refresh-token", timeout=10).json()
        pasted = str(answer["refresh_token"])
        told = done("connect", "amazon", "--token", "--account", amazon.ACCOUNT, given=f"{pasted}\n")
        assert amazon.ACCOUNT in told.out
        assert pasted not in told.out + told.err
        assert "new or changed" in done("pull", "amazon").out
        year = (now() + timedelta(days=365)).date().isoformat()
        assert f"consent ends {year} unless it is renewed" in done("status").out
        refused = run("connect", "amazon", "--token", "--account", amazon.ACCOUNT, given="Atzr|wrong\n")
        assert refused.status == 1 and "connect again" in refused.err.lower()


def test_a_german_seller_agrees_on_the_page_of_europe_and_each_marketplace_comes_in_its_currency(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sandbox").mkdir()
    with open_town(tmp_path / "sandbox", clock=now, shops=("amazon",)) as town:
        stand = town.houses["amazon"]
        amazon.fill_abroad(stand.shelf)
        for name, value in application(stand.base_url, tmp_path / "home").items():
            monkeypatch.setenv(name, value)
        words = [sys.executable, "-m", "connector", "connect", "amazon", "--marketplace", "Amazon.de"]
        env = environment(tmp_path / "bytecode")
        with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) as process:
            assert process.stderr is not None
            page = next(line.strip() for line in process.stderr if line.strip().startswith("http"))
            assert page.startswith(f"{stand.base_url}/eu/apps/authorize/consent?")
            assert requests.get(f"{page}&approve=yes", timeout=10).status_code == 200
            told, _ = process.communicate(timeout=60)
        assert (process.returncode, amazon.ACCOUNT in told) == (0, True)
        assert "8 records seen, 8 new" in done("pull", "amazon").out  # four marketplaces, a settlement of each


def test_the_page_of_a_marketplace_is_its_own_where_amazon_itself_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody agrees within the time, and nothing is asked of Amazon."""
    for name, value in application("", tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("connector.cli.connect.CONSENT_SECONDS", 0)
    for marketplace, page in (
        ("DE", "https://sellercentral-europe.amazon.com/apps/authorize/consent?"),
        ("JP", "https://sellercentral.amazon.co.jp/apps/authorize/consent?"),
    ):
        ran = run("connect", "amazon", "--marketplace", marketplace)
        assert ran.status == 1 and page in ran.err
    refused = run("connect", "amazon", "--region", "Mars")
    assert refused.status != 0 and "Amazon has no region or marketplace 'Mars'" in refused.err
    refused = run("connect", "square", "--region", "EU")
    assert refused.status != 0 and "square has no regions: leave --region out." in refused.err


def application(base_url: str, home: Path) -> dict[str, str]:
    """The environment of an application at the stand-in, or at Amazon itself."""
    found = {
        "CONNECTOR_HOME": str(home),
        "CONNECTOR_CLIENT_AMAZON": amazon.CLIENT_ID,
        "CONNECTOR_SECRET_AMAZON": amazon.CLIENT_SECRET,
        "CONNECTOR_APPLICATION_AMAZON": amazon.APPLICATION_ID,
    }
    return found | ({"CONNECTOR_URL_AMAZON": base_url} if base_url else {})
