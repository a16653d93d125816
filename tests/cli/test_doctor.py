"""`connector doctor` says what is wrong with an installation, and what to do."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connector.cli.app import app
from connector.store.quarantine import quarantine_all
from tests.sync.walking import NOW, connected, house, town


def doctor(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[tuple[str, str], str]:
    """What was said, by subject and state; with the exit status under ("", "")."""
    for name in [each for each in os.environ if each.startswith("CONNECTOR_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, ["doctor", "--json"], catch_exceptions=False)
    told: dict[tuple[str, str], str] = {("", ""): str(result.exit_code)}
    for each in json.loads(result.stdout):
        told[each["subject"], each["state"]] = f"{each['said']} {each['fix']}".strip()
    return told


def test_a_slip_of_the_pen_in_a_setting_is_told_with_what_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = doctor(monkeypatch, CONNECTOR_HOME=str(tmp_path / "data"), CONNECTOR_SETLE_SECONDS="5")
    assert told["settings", "look"] == "Nobody reads CONNECTOR_SETLE_SECONDS. Did you mean CONNECTOR_SETTLE_SECONDS?"
    assert told["", ""] == "0"


def test_a_setting_that_cannot_be_read_is_one_sentence_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = doctor(monkeypatch, CONNECTOR_HOME=str(tmp_path / "data"), CONNECTOR_KEY="short")
    assert told["installation", "wrong"].startswith("CONNECTOR_KEY must hold 32 bytes in base64.")
    assert told["", ""] == "3"


def test_the_settings_file_is_read_if_it_is_private_and_the_environment_comes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "connector.env"
    file.write_text(f'# ours\nCONNECTOR_HOME="{tmp_path / "data"}"\nCONNECTOR_PUBLIC_URL=http://shop.example\n')
    told = doctor(monkeypatch, CONNECTOR_FILE=str(file))
    assert "can be read by others: run chmod 600 on it." in told["installation", "wrong"]
    file.chmod(0o600)
    told = doctor(monkeypatch, CONNECTOR_FILE=str(file))
    assert told["public address", "wrong"].startswith("http://shop.example is not https.")
    told = doctor(monkeypatch, CONNECTOR_FILE=str(file), CONNECTOR_PUBLIC_URL="https://shop.example")
    assert told["public address", "good"] == "https://shop.example"
    file.write_text("nonsense\n")
    told = doctor(monkeypatch, CONNECTOR_FILE=str(file))
    assert "line 1: it should be CONNECTOR_…=value." in told["installation", "wrong"]


def test_a_token_that_the_key_does_not_open_and_a_restore_that_waits_are_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with town(tmp_path) as providers, house(tmp_path) as ready:
        connected(ready, providers, "quickbooks")
        with ready.database.transaction() as tx:
            quarantine_all(tx, "It was restored.", NOW)
    told = doctor(monkeypatch, CONNECTOR_HOME=str(tmp_path / "data"))
    assert "opens every token" in told["key", "good"]
    assert told["restore", "wrong"].endswith("connector db release")
    (tmp_path / "data" / "sealing.key").write_bytes(base64.b64encode(bytes(32)))
    told = doctor(monkeypatch, CONNECTOR_HOME=str(tmp_path / "data"))
    assert "which is not set" in told["key", "wrong"]
