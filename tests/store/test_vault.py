"""Tokens at rest open only with their key and in their row."""

from __future__ import annotations

import os
import stat
from base64 import b64encode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connector.errors import Broken, Unreadable
from connector.store.vault import Vault, key_id, vault_from

OLD_KEY, NEW_KEY = bytes(range(32)), bytes(range(32, 64))
FULL_KEY = b"\xff" * 32  # its base64 holds signs that the two alphabets write differently
ROW = "connection:7:tokens"


def vault(*keys: bytes) -> Vault:
    return Vault(keys={key_id(key): key for key in keys}, current=key_id(keys[-1]))


def test_what_was_sealed_for_a_row_opens_in_that_row() -> None:
    sealed = vault(OLD_KEY).seal(b"refresh-1", ROW)
    assert vault(OLD_KEY).open(sealed, ROW) == b"refresh-1"
    assert "refresh-1" not in sealed
    assert sealed.split("|")[:2] == ["v1", key_id(OLD_KEY)]


def test_the_same_token_is_never_sealed_to_the_same_text() -> None:
    assert len({vault(OLD_KEY).seal(b"refresh-1", ROW) for _ in range(50)}) == 50


def test_sealed_text_moved_to_another_row_does_not_open() -> None:
    sealed = vault(OLD_KEY).seal(b"refresh-1", ROW)
    with pytest.raises(Broken, match="connection:8:tokens is damaged or belongs to another row"):
        vault(OLD_KEY).open(sealed, "connection:8:tokens")


def test_changed_sealed_text_does_not_open() -> None:
    form, key, nonce, sealed = vault(OLD_KEY).seal(b"refresh-1", ROW).split("|")
    other = "A" if sealed[0] != "A" else "B"
    changed = [
        "|".join((form, key, nonce, other + sealed[1:])),
        "|".join((form, key, nonce, sealed[:8])),
        "|".join((form, key, "", sealed)),
        "|".join(("v2", key, nonce, sealed)),
        "|".join((form, key, nonce)),
        "|".join((form, key, nonce, "é")),
        "",
    ]
    for text in changed:
        with pytest.raises(Broken, match=ROW):
            vault(OLD_KEY).open(text, ROW)


def test_row_96_an_unknown_key_is_named_and_what_to_do_about_it() -> None:
    sealed = vault(OLD_KEY).seal(b"refresh-1", ROW)
    with pytest.raises(Unreadable, match=f"sealed with the key {key_id(OLD_KEY)}, which is not set"):
        vault(NEW_KEY).open(sealed, ROW)


def test_after_a_change_of_key_old_text_opens_and_is_seen_to_be_old() -> None:
    old = vault(OLD_KEY).seal(b"refresh-1", ROW)
    ring = vault(OLD_KEY, NEW_KEY)
    assert ring.open(old, ROW) == b"refresh-1"
    assert not ring.is_current(old)
    assert ring.is_current(ring.seal(b"refresh-1", ROW))


def test_keys_show_in_no_text_of_the_vault() -> None:
    assert repr(OLD_KEY) not in repr(vault(OLD_KEY))
    assert "keys" not in str(vault(OLD_KEY))


@pytest.mark.parametrize("key", [b"", b"short", bytes(33)])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(Unreadable, match="32 bytes"):
        Vault(keys={"a": key}, current="a")


def test_a_ring_without_its_current_key_is_refused() -> None:
    with pytest.raises(Unreadable, match="no sealing key 'b'"):
        Vault(keys={"a": OLD_KEY}, current="b")


def test_a_first_start_makes_a_key_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    key_file = tmp_path / "home" / "key"
    previous = os.umask(0)
    try:
        sealed = vault_from("", key_file).seal(b"refresh-1", ROW)
    finally:
        os.umask(previous)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert vault_from("", key_file).open(sealed, ROW) == b"refresh-1"
    assert [path.name for path in key_file.parent.iterdir()] == ["key"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        vaults = list(pool.map(lambda _: vault_from("", tmp_path / "key"), range(8)))
    assert len({made.current for made in vaults}) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    key_file = tmp_path / "key"
    key_file.write_bytes(b64encode(OLD_KEY))
    key_file.chmod(mode)
    with pytest.raises(Unreadable, match="can be read by others: run chmod 600"):
        vault_from("", key_file)


@pytest.mark.parametrize("content", [b"", b"not base64 at all", b64encode(b"short")])
def test_row_96_a_damaged_key_file_is_refused_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    key_file = tmp_path / "key"
    key_file.write_bytes(content)
    key_file.chmod(0o600)
    with pytest.raises(Unreadable, match="must hold 32 bytes in base64"):
        vault_from("", key_file)
    assert key_file.read_bytes() == content


@pytest.mark.parametrize("text", [b64encode(FULL_KEY).decode(), urlsafe_b64encode(FULL_KEY).decode() + "\n"])
def test_the_key_of_the_settings_comes_first_and_makes_no_file(tmp_path: Path, text: str) -> None:
    assert vault_from(text, tmp_path / "key").current == key_id(FULL_KEY)
    assert not (tmp_path / "key").exists()


def test_a_key_in_the_settings_still_opens_what_the_key_file_sealed(tmp_path: Path) -> None:
    sealed = vault_from("", tmp_path / "key").seal(b"refresh-1", ROW)
    later = vault_from(b64encode(NEW_KEY).decode(), tmp_path / "key")
    assert later.open(sealed, ROW) == b"refresh-1"
    assert later.current == key_id(NEW_KEY)


def test_a_key_in_the_settings_of_another_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="CONNECTOR_KEY must hold 32 bytes in base64"):
        vault_from("c2hvcnQ=", tmp_path / "key")
