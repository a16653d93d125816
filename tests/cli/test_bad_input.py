"""Bad input gets one clear sentence; nothing is lost, nothing half-stored, and the next good file still goes in."""

from __future__ import annotations

import gzip
import io
import random
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.cli.running import SETTLEMENT, Ran, done, run
from tests.opened import prepare
from tests.sources.amazon.reports import V2, report, row, summary, table

ROWS = [row("Order/ItemPrice/Principal", "20.00"), row("Order/ItemFees/Commission", "-3.00")] * 6
GOOD = report(ROWS)
TABLES = ("page", "page_chunk", "record", "fact")


def zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("settlement.txt", content)
    return target.getvalue()


def without_column(name: str) -> bytes:
    return table([summary("102.00"), *ROWS], [column for column in V2 if column != name])


BOMB = ("\t".join(V2) + "\n").encode() + b"\n" * 8_000_000
BAD: Mapping[str, tuple[bytes, str]] = {
    "cut off within a row": (GOOD[: GOOD.rindex(b"Commission")], "it is cut off: it ends within a row"),
    "cut off within the header": (GOOD[:150], "it lacks the columns"),
    "only a header": (("\t".join(V2) + "\n").encode(), "it has no summary row"),
    "a missing column": (without_column("amount-description"), "it lacks the column"),
    "a missing total": (without_column("total-amount"), "it lacks the column"),
    "empty": (b"", "it is empty"),
    "binary": (random.Random(7).randbytes(5000), "it is not a text file"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "it is not a text file"),
    "a zip bomb": (zipped(BOMB), "a hundred times its size"),
    "a gzip bomb": (gzip.compress(BOMB), "a hundred times its size"),
    "a zip cut off": (zipped(GOOD)[:-40], "the zip file ends too early"),
    "cp932 text that is no report": ("注文,金額\n一,二\n".encode("cp932"), "it lacks the columns"),
}
bad_files = pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=list(BAD))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one connection that takes in settlement files."""
    folder = prepare(tmp_path / "home")
    monkeypatch.setenv("CONNECTOR_HOME", str(folder))
    done("connect", "amazon", "--files")
    return folder


def rows_in(home: Path) -> dict[str, int]:
    """How many rows each table of the first hand-over holds."""
    with closing(sqlite3.connect(home / "connector.db")) as database:
        return {name: database.execute(f"select count(*) from {name}").fetchone()[0] for name in TABLES}


def kept(home: Path) -> list[tuple[object, ...]]:
    """Every row of the records and facts, whole."""
    with closing(sqlite3.connect(home / "connector.db")) as database:
        return [found for name in TABLES for found in database.execute(f"select * from {name} order by 1, 2")]


def written(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def preview(*files: Path) -> Ran:
    return run("preview", "--source", "amazon", "--format", "json", *files)


def check_one_sentence(ran: Ran, name: str, sentence: str) -> None:
    """One sentence that names the file, says what is wrong, and ends."""
    assert ran.status == 2
    (said,) = ran.sentences
    assert said.startswith(f"{name} cannot be read: ") and said.endswith(".")
    assert sentence in said
    assert "Traceback" not in said


@bad_files
def test_a_preview_of_a_bad_file_says_one_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    check_one_sentence(preview(written(tmp_path, "march.txt", content)), "march.txt", sentence)


@bad_files
def test_a_bad_file_is_not_half_stored_and_the_next_good_one_goes_in(
    content: bytes, sentence: str, tmp_path: Path, home: Path
) -> None:
    check_one_sentence(run("pull", "amazon", written(tmp_path, "march.txt", content)), "march.txt", sentence)
    assert rows_in(home) == dict.fromkeys(TABLES, 0)
    ran = done("pull", "amazon", written(tmp_path, "april.txt", GOOD))
    assert ran.out == "Amazon: 1 records seen, 1 new or changed.\n"
    assert rows_in(home) == dict.fromkeys(TABLES, 1)


def test_of_several_files_the_good_ones_go_in_and_each_bad_one_has_its_sentence(tmp_path: Path, home: Path) -> None:
    names = [written(tmp_path, f"{n}.txt", content) for n, (content, _) in enumerate(BAD.values())]
    ran = run("pull", "amazon", *names, SETTLEMENT)
    assert (ran.status, len(ran.sentences)) == (2, len(BAD))
    assert ran.out == "Amazon: 1 records seen, 1 new or changed.\n"
    assert rows_in(home) == dict.fromkeys(TABLES, 1)


@pytest.mark.parametrize("make", [lambda folder: folder / "gone.txt", lambda folder: folder], ids=["missing", "folder"])
def test_what_is_no_file_cannot_be_pulled(make: Callable[[Path], Path], tmp_path: Path, home: Path) -> None:
    ran = run("pull", "amazon", make(tmp_path))
    assert (ran.status, len(ran.sentences)) == (2, 1)
    assert "cannot be read" in ran.err
    assert rows_in(home) == dict.fromkeys(TABLES, 0)


def test_a_folder_without_reports_is_told_so(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    written(folder, "notes.md", b"nothing here")
    ran = preview(folder)
    assert ran.status == 2
    assert ran.sentences == ["The folder reports holds no settlement report (.csv, .gz, .tsv, .txt, .xml, .zip)."]


def test_a_wrong_total_is_taken_in_with_its_difference_and_makes_no_document(tmp_path: Path, home: Path) -> None:
    """The file is as received, so it is kept; what does not add up is held where everybody sees it."""
    file = written(tmp_path, "wrong.txt", report(ROWS, total="99.00"))
    ran = preview(file)
    assert ran.status == 3
    assert '"difference": "3.00"' in ran.out and '"documents": []' in ran.out
    done("pull", "amazon", file)
    with closing(sqlite3.connect(home / "connector.db")) as database:
        (problems,) = database.execute("select problems from fact").fetchone()
    assert b'"A1"' in problems and b'"difference":300' in problems


def test_a_wrong_total_is_replaced_by_the_right_file_of_the_same_settlement(tmp_path: Path, home: Path) -> None:
    done("pull", "amazon", written(tmp_path, "wrong.txt", report(ROWS, total="99.00")))
    assert done("pull", "amazon", written(tmp_path, "right.txt", GOOD)).out.endswith("1 new or changed.\n")
    with closing(sqlite3.connect(home / "connector.db")) as database:
        current = database.execute("select problems from fact where is_current").fetchall()
        assert current == [(b"[]",)]
        assert database.execute("select count(*) from fact").fetchone() == (2,)


@pytest.mark.parametrize(
    ("content", "total"),
    [
        (
            table([summary("102,00"), *({**cells, "amount": cells["amount"].replace(".", ",")} for cells in ROWS)]),
            "USD",
        ),
        (
            table([summary("102", currency="JPY"), row("Order/ItemPrice/Principal", "102", sku="珈琲")])
            .decode()
            .encode("cp932"),
            "JPY",
        ),
    ],
    ids=["decimal comma", "cp932 text"],
)
def test_another_spelling_of_a_sound_report_goes_in_whole(
    content: bytes, total: str, tmp_path: Path, home: Path
) -> None:
    file = written(tmp_path, "april.txt", content)
    ran = preview(file)
    assert ran.err == ""
    assert f'"{total}": "{"102" if total == "JPY" else "102.00"}"' in ran.out
    assert done("pull", "amazon", file).out.endswith("1 new or changed.\n")
    with closing(sqlite3.connect(home / "connector.db")) as database:
        assert database.execute("select problems from fact").fetchall() == [(b"[]",)]


def test_the_same_file_again_is_no_work_under_any_name(tmp_path: Path, home: Path) -> None:
    done("pull", "amazon", written(tmp_path, "april.txt", GOOD))
    before = kept(home)
    for name, content in (("april.txt", GOOD), ("copy.txt", GOOD), ("packed.txt.gz", gzip.compress(GOOD))):
        ran = done("pull", "amazon", written(tmp_path, name, content))
        assert ran.out == "Amazon: 1 records seen, 0 new or changed.\n"
    assert kept(home) == before


def test_the_same_settlement_with_other_amounts_is_refused_and_nothing_changes(tmp_path: Path, home: Path) -> None:
    done("pull", "amazon", written(tmp_path, "april.txt", GOOD))
    before = kept(home)
    other = report([row("Order/ItemPrice/Principal", "21.00")])
    ran = run("pull", "amazon", written(tmp_path, "other.txt", other))
    assert (ran.status, len(ran.sentences)) == (2, 1)
    assert ran.err.startswith("other.txt holds 55500011122 again, with other amounts")
    assert "nothing was changed" in ran.err
    assert kept(home) == before


def test_two_files_of_one_settlement_that_differ_hold_it_in_a_preview(tmp_path: Path) -> None:
    other = report([row("Order/ItemPrice/Principal", "21.00")])
    ran = preview(written(tmp_path, "april.txt", GOOD), written(tmp_path, "other.txt", other))
    assert ran.status == 3
    assert '"settlement_differs"' in ran.out and '"documents": []' in ran.out


def test_a_source_that_is_no_file_refuses_one(tmp_path: Path, home: Path) -> None:
    ran = run("pull", "shop", written(tmp_path, "april.txt", GOOD))
    assert (ran.status, ran.sentences) == (2, ["There is no connection 'shop'; there are: amazon."])


def test_a_source_of_files_without_a_file_says_how_to_give_one(home: Path) -> None:
    ran = run("pull", "amazon")
    assert (ran.status, ran.sentences) == (2, ["Amazon is pulled from files: connector pull amazon FILE…"])


@pytest.mark.parametrize("content", [b"", b"[", b"\0\1\2", b'{"hello": 1}', b'{"orders": {}}', b"[1, 2]", b'"text"'])
def test_saved_answers_that_cannot_be_read_get_one_sentence_and_the_others_are_shown(
    content: bytes, tmp_path: Path
) -> None:
    order = b'{"orders": [{"id": "O1", "location_id": "L1", "state": "OPEN", "created_at": "2026-03-14T12:00:00Z",'
    written(tmp_path, "orders.json", order + b'"total_money": {"amount": 900, "currency": "USD"}}]}')
    written(tmp_path, "payments.json", content)
    ran = run("preview", "--source", "square", "--zone", "UTC", "--format", "json", tmp_path)
    assert (ran.status, len(ran.sentences)) == (2, 1), ran.err
    assert "payments.json" in ran.err
    assert "O1" in ran.out


@pytest.mark.parametrize("address", ["mysql://me:hunter2@host/books", "hunter2", "postgresql://"])
def test_a_database_of_another_kind_is_refused_without_showing_its_address(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTOR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CONNECTOR_DATABASE", address)
    refused = run("status")
    assert (refused.status, len(refused.sentences)) == (2, 1)
    assert refused.err.startswith("CONNECTOR_DATABASE should be the address of a PostgreSQL database")
    assert "hunter2" not in refused.err and not (tmp_path / "home").exists()


def test_a_database_without_tables_is_left_alone_until_somebody_upgrades_it(
    postgresql_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(f"{postgresql_server}postgres", autocommit=True) as admin:
        admin.execute("create database not_upgraded")
    monkeypatch.setenv("CONNECTOR_HOME", str(tmp_path))
    monkeypatch.setenv("CONNECTOR_DATABASE", f"{postgresql_server}not_upgraded")
    refused = run("status")
    assert refused.status == 2 and refused.err.strip().endswith("run: connector db upgrade")
    assert "it was empty" in done("db", "upgrade").out
    assert "nothing to do" in done("db", "upgrade").out
    done("status")
