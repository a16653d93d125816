"""A seller's own application: its refresh token is copied from Seller Central and pasted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from connector.sandbox import amazon
from connector.sandbox.town import open_town
from tests.cli.running import done, run


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
        monkeypatch.setenv("CONNECTOR_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("CONNECTOR_URL_AMAZON", stand.base_url)
        monkeypatch.setenv("CONNECTOR_CLIENT_AMAZON", amazon.CLIENT_ID)
        monkeypatch.setenv("CONNECTOR_SECRET_AMAZON", amazon.CLIENT_SECRET)
        answer = requests.post(f"{stand.base_url}/_sandbox/refresh-token", timeout=10).json()
        pasted = str(answer["refresh_token"])
        told = done("connect", "amazon", "--token", "--account", amazon.ACCOUNT, given=f"{pasted}\n")
        assert amazon.ACCOUNT in told.out
        assert pasted not in told.out + told.err
        assert "new or changed" in done("pull", "amazon").out
        refused = run("connect", "amazon", "--token", "--account", amazon.ACCOUNT, given="Atzr|wrong\n")
        assert refused.status == 1 and "connect again" in refused.err.lower()
