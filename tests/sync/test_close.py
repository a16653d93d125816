"""A month's end: blocked while a payout is missing, signed off when it is there, and what is told afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connector.errors import Unreadable
from connector.reconcile.close.checklist import blocking
from connector.store.account_maps import account_map, keep_map
from connector.store.close_tables import SignOffRow
from connector.store.matches import matches
from connector.sync.close import Closing, closing, sign
from connector.sync.decide import undo
from connector.sync.house import House
from tests.cli.running import run
from tests.sync.period_world import (
    LAST_PAYOUT,
    MARCH,
    ORGANISATION,
    administrator_pays,
    bank_shows,
    month_end,
    square,
)
from tests.sync.walking import MAP


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("close")


@pytest.fixture(scope="module")
def ready(folder: Path) -> Iterator[House]:
    with month_end(folder) as opened:
        yield opened


def blocked(done: Closing) -> list[str]:
    return [item.name for item in blocking(done.items)]


def test_a_missing_payout_blocks_and_cannot_be_signed_off(ready: House) -> None:
    done = closing(ready, ORGANISATION, MARCH)
    assert blocked(done) == ["matched"]
    (item,) = blocking(done.items)
    assert item.told.startswith("po_main_000004 (29.06 USD)")
    with pytest.raises(Unreadable, match="cannot be signed off yet"):
        sign(ready, ORGANISATION, MARCH, by="Ada")
    assert closing(ready, ORGANISATION, MARCH).signed is None


def test_a_month_that_is_not_over_blocks(ready: House) -> None:
    days = (date(2026, 11, 1), date(2026, 11, 30))
    assert "over" in blocked(closing(ready, ORGANISATION, days))


def test_only_who_may_decide_signs_and_with_a_name(ready: House) -> None:
    with pytest.raises(Unreadable, match="Bo is reader of Main Street, and may not decide"):
        sign(ready.seen_by("Bo"), ORGANISATION, MARCH, by="Bo", despite="because")
    with pytest.raises(Unreadable, match="Say who signs"):
        sign(ready, ORGANISATION, MARCH, by=" ")


def test_with_a_reason_it_is_signed_and_the_reason_stays(ready: House) -> None:
    signed = sign(ready, ORGANISATION, MARCH, by="Ada", despite="the bank confirmed it by telephone")
    assert (signed.signed_by, signed.despite) == ("Ada", "the bank confirmed it by telephone")
    assert closing(ready, ORGANISATION, MARCH).since == ()


def test_a_pack_that_was_changed_in_the_database_is_told_as_that(ready: House) -> None:
    signed = sign(ready, ORGANISATION, MARCH, by="Ada", despite="to be looked at")
    assert b'"475.72"' in signed.pack
    for pack in (signed.pack.replace(b'"475.72"', b'"475.73"', 1), signed.pack):
        with ready.database.transaction() as tx:
            row = tx.get_one(SignOffRow, signed.id)
            row.pack = pack
            tx.add(row)
        if pack != signed.pack:
            with pytest.raises(Unreadable, match=r"changed in the database: report\.json: "):
                closing(ready, ORGANISATION, MARCH)
    assert closing(ready, ORGANISATION, MARCH).since == ()


def test_when_the_payout_is_there_it_is_signed_off_and_later_changes_are_told(ready: House) -> None:
    bank_shows(ready, LAST_PAYOUT)
    signed = sign(ready, ORGANISATION, MARCH, by="Ada")
    done = closing(ready, ORGANISATION, MARCH)
    assert (blocked(done), done.since, signed.despite) == ([], (), "")
    assert done.signed == signed and len(signed.report_sha256) == 64
    of = square(ready)
    with ready.database.transaction() as tx:
        match = matches(tx, of.id, "accepted")[0]
        assert account_map(tx, of.id).number == 1
        keep_map(tx, of.id, MAP + "codes: [{kind: sale, code: Tea, account: Tea}]\n", author="Ada",
                 reason="tea")  # fmt: skip
    undo(ready, match.id, by="Ada", reason="it was another one")
    since = closing(ready, ORGANISATION, MARCH).since
    assert [(each.kind, each.told) for each in since] == [
        ("map", "new version by Ada: tea"),
        ("match", "accepted → undone (by itself, it is certain, undone by Ada)"),
    ]
    assert since[1].amounts == (("bank", 117_11),)


def test_the_command_shows_signs_and_tells_what_blocks(
    ready: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Last, for it adds to the month."""
    monkeypatch.setenv("CONNECTOR_HOME", str(folder / "data"))
    administrator_pays(ready)
    shown = run("reconcile", "close", ORGANISATION, "--month", "2026-03")
    assert shown.status == 3  # a match was taken back
    for words in ("✗ Every payout is at the bank", "✓ Every clearing balance", "! Every payment is reconciled",
                  "Signed off by Ada", "What changed since: 2"):  # fmt: skip
        assert words in shown.out
    refused = run("reconcile", "close", ORGANISATION, "--month", "2026-03", "--sign", "--as", "Ada")
    assert refused.status == 2 and "cannot be signed off yet" in refused.err
    assert run("reconcile", "close", ORGANISATION, "--month", "2026-03", "--sign", "--as", "Bo").status == 2
