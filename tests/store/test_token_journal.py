"""The token journal: on the disk, sealed, for its owner only, and empty again when the database has it all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connector.errors import Broken, Unreadable
from connector.store.token_journal import MOST_BYTES, NAME, TokenJournal
from connector.store.vault import Vault, vault_from


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return vault_from("", tmp_path / "sealing.key")


@pytest.fixture
def journal(tmp_path: Path, vault: Vault) -> TokenJournal:
    return TokenJournal(tmp_path, vault)


def test_the_newest_answer_to_a_refresh_token_is_found(journal: TokenJournal) -> None:
    assert journal.find(7, "used-1") is None
    journal.append(7, 1, "used-1", b"first")
    journal.append(7, 2, "used-1", b"second")
    journal.append(8, 3, "used-1", b"of another connection")
    journal.append(7, 4, "used-2", b"to another token")
    assert journal.find(7, "used-1") == b"second"
    assert journal.find(9, "used-1") is None


def test_it_is_sealed_and_its_owner_alone_may_read_it(journal: TokenJournal, tmp_path: Path) -> None:
    journal.append(7, 1, "used-1", b"a secret pair")
    file = tmp_path / NAME
    assert b"secret" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    journal.append(7, 2, "used-1", b"another")
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_answer_moved_to_another_connection_or_attempt_does_not_open(journal: TokenJournal, tmp_path: Path) -> None:
    journal.append(7, 1, "used-1", b"pair")
    file = tmp_path / NAME
    for old, new in ((b'"connection":7', b'"connection":8'), (b'"attempt":1', b'"attempt":2')):
        whole = file.read_bytes()
        file.write_bytes(whole.replace(old, new))
        with pytest.raises(Broken, match="belongs to another row"):
            journal.find(8 if b"connection" in old else 7, "used-1")
        file.write_bytes(whole)


def test_a_line_that_a_power_cut_left_half_hides_no_other(journal: TokenJournal, tmp_path: Path) -> None:
    journal.append(7, 1, "used-1", b"first")
    file = tmp_path / NAME
    file.write_bytes(file.read_bytes() + b'{"connection":7,"atte')
    journal.append(7, 3, "used-3", b"third")
    assert (journal.find(7, "used-1"), journal.find(7, "used-3")) == (b"first", b"third")


def test_what_has_its_end_is_dropped_and_what_has_none_stays(journal: TokenJournal, tmp_path: Path) -> None:
    for attempt in (1, 2, 3):
        journal.append(7, attempt, f"used-{attempt}", b"pair")
    journal.keep_only(lambda: {2})
    assert [journal.find(7, f"used-{attempt}") for attempt in (1, 2, 3)] == [None, b"pair", None]
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    journal.keep_only(set)
    assert (tmp_path / NAME).read_bytes() == b""


def test_an_empty_journal_asks_for_no_attempts(journal: TokenJournal) -> None:
    def unasked() -> set[int]:
        raise AssertionError("the database was asked for nothing")

    journal.keep_only(unasked)


@pytest.mark.parametrize("case", ["a folder", "a link", "too large", "no folder"])
def test_a_journal_that_cannot_be_written_is_refused_with_a_sentence(tmp_path: Path, vault: Vault, case: str) -> None:
    file, folder = tmp_path / NAME, tmp_path
    if case == "a folder":
        file.mkdir()
    elif case == "a link":
        (tmp_path / "elsewhere").touch()
        file.symlink_to(tmp_path / "elsewhere")
    elif case == "too large":
        file.touch()
        os.truncate(file, MOST_BYTES + 1)
    else:
        folder = tmp_path / "gone"
    with pytest.raises(Unreadable, match=r"token journal .* cannot be written \(.*\), so no token was renewed"):
        TokenJournal(folder, vault).check()
