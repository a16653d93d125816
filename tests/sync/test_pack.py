"""The pack of a month from the store: made, proved as a file by whoever has it, shown again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from connector.reconcile.pack.verified import unpacked, verified
from connector.reconcile.pack.written import archive
from connector.sync.house import House
from connector.sync.pack import make_pack
from connector.sync.period_report import period_report
from tests.cli.running import run
from tests.sync.period_world import MARCH, ORGANISATION, month_end


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pack")


@pytest.fixture(scope="module")
def ready(folder: Path) -> Iterator[House]:
    with month_end(folder) as opened:
        yield opened


def pack(ready: House) -> bytes:
    return make_pack(ready, period_report(ready, ORGANISATION, MARCH))


def test_a_pack_holds_the_hashes_of_records_documents_and_maps_and_proves_itself(ready: House) -> None:
    done = verified(pack(ready))
    assert done.problems == ()
    counts = {name: len(msgspec.json.decode(done.members[name])["rows"]) for name in ("documents.json", "records.json")}
    assert counts["documents.json"] == 6 and counts["records.json"] > 30
    rows = msgspec.json.decode(done.members["documents.json"])["rows"]
    assert {posting["read_back"] for row in rows for posting in row["postings"]} == {"as it was sent"}
    assert all(len(posting["payload_sha256"]) == 64 for row in rows for posting in row["postings"])
    assert msgspec.json.decode(done.members["maps.json"])["rows"][0]["id"] == "square-quickbooks 1"


def test_the_same_month_is_the_same_pack_and_the_key_stays(ready: House) -> None:
    assert pack(ready) == pack(ready)


def test_the_key_lies_sealed(ready: House, folder: Path) -> None:
    pack(ready)
    from connector.store.close_tables import PackKeyRow

    with ready.database.transaction() as tx:
        row = tx.get_one(PackKeyRow, 1)
    assert row.sealed.startswith("v1|") and row.public_key not in row.sealed


def test_the_commands_make_prove_and_show_a_pack_and_name_what_was_changed(
    ready: House, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTOR_HOME", str(folder / "data"))
    file = tmp_path / "march.pack.zip"
    assert run("pack", "make", ORGANISATION, "--month", "2026-03", "--write", str(file)).status == 0
    key = run("pack", "key", ORGANISATION).out.strip()
    monkeypatch.setenv("CONNECTOR_HOME", str(tmp_path / "nowhere"))  # from here on there is no database
    good = run("pack", "verify", str(file), "--key", key)
    assert (good.status, "Every cell is as it was signed" in good.out) == (0, True)
    assert run("pack", "verify", str(file), "--key", "0000 1111").status == 3
    pages = [tmp_path / name for name in ("a.html", "b.html")]
    assert run("pack", "show", str(file), "--write", str(pages[0]), "--write", str(pages[1])).status == 0
    assert pages[0].read_bytes() == pages[1].read_bytes() != b""
    members = unpacked(file.read_bytes())
    changed = members["report.json"].replace(b'"475.72"', b'"475.73"', 1)
    file.write_bytes(archive({**members, "report.json": changed}))
    bad = run("pack", "verify", str(file))
    assert bad.status == 3
    assert "CHANGED  report.json: figures[bridge/square-quickbooks/USD/net].amount: was changed" in bad.out
    assert run("pack", "show", str(file)).status == 3
    assert not (tmp_path / "nowhere").exists()


def test_a_reader_may_not_sign_a_pack(
    ready: House, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTOR_HOME", str(folder / "data"))
    done = run("--as", "Bo", "pack", "make", ORGANISATION, "--month", "2026-03", "--write", str(tmp_path / "x"))
    assert done.status == 2 and "may not decide" in done.err
    assert not (tmp_path / "x").exists()
