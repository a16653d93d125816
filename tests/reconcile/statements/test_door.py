"""The door: any file is read or refused with one sentence, and nothing else ever comes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Unreadable
from connector.reconcile.statements import door
from connector.reconcile.statements.door import read_statements
from tests.reconcile.statements import test_bai2, test_camt, test_mt940, test_ofx, test_tables
from tests.reconcile.statements.reading_files import codes, one, read

SAMPLES = Path(__file__).resolve().parents[3] / ".." / "shared" / "samples"
GOOD = {
    "OFX": test_ofx.HEADER + test_ofx.bank(test_ofx.line()),
    "CAMT": test_camt.camt(test_camt.statement_of(test_camt.entry())),
    "MT940": test_mt940.message(":61:260314C100,00NTRFR1\n:86:words"),
    "BAI2": test_bai2.bai("16,165,10000,0,BANK1,CUST1,SQUARE/"),
    "CSV": test_tables.PLAIN,
}
ENDINGS = (".ofx", ".qfx", ".qbo", ".sta", ".mt940", ".940", ".942", ".bai", ".bai2", ".xlsx", ".camt")


@pytest.mark.parametrize("form", GOOD)
def test_the_content_tells_the_format_whatever_stands_before_it(form: str) -> None:
    for text in (GOOD[form], "\n\n" + GOOD[form], "\ufeff" + GOOD[form]):
        assert [each.form for each in read(text)] == [form]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b" \r\n\0", "it is empty"),
        (b"%PDF-1.7 ...", "it is a PDF"),
        (b"\x1f\x8b\x08\x00", "unpack it first"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as XLSX or CSV"),
        (b"hello", "no known bank format"),
    ],
)
def test_a_file_without_structure_is_refused_with_one_sentence(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(data)
    assert str(refused.value).startswith("march.txt cannot be read: ")
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "FILE_BYTES", 10)
    with pytest.raises(Unreadable, match="larger than"):
        read(GOOD["CSV"])


def test_warnings_without_end_are_counted() -> None:
    rows = "".join(f"2026-02-30,{number},-1.00\n" for number in range(1500))
    found = codes(one("Date,Text,Amount\n" + rows))
    assert (len(found), found[-1]) == (1001, "more")


@pytest.mark.parametrize("form", GOOD)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(form: str, data: st.DataObject) -> None:
    text = GOOD[form]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 80)))
    damaged = text[:start] + data.draw(st.text(max_size=8)) + text[end:]
    read_or_refused("damaged", damaged.encode("utf-8", "replace"))


@given(data=st.binary(max_size=300), magic=st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"<", b":20:", b"01,"]))
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes, magic: bytes) -> None:
    read_or_refused("bytes", magic + data)


def test_the_banks_files_among_the_samples_are_read_or_refused_with_a_sentence() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the shared samples are not here")
    files = [path for path in sorted(SAMPLES.rglob("*")) if path.suffix.lower() in ENDINGS or "bank" in path.parts]
    if not files:
        pytest.skip("there are no banks' files among the shared samples")
    for path in files:
        read_or_refused(path.name, path.read_bytes())


def read_or_refused(name: str, data: bytes) -> None:
    try:
        statements = read_statements(name, data)
    except Unreadable as refused:
        assert str(refused).startswith(f"{name} cannot be read: ")
        return
    for statement in statements:
        assert all(type(line.amount) is int or line.amount is None for line in statement.lines)
        assert [line.number for line in statement.lines] == list(range(1, len(statement.lines) + 1))
