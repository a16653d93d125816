"""What is not a plain report: packed files, bombs, and files that are something else."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Mapping
from typing import BinaryIO, cast

import pytest

from connector.errors import Unreadable
from connector.sources.amazon import unpacking
from tests.sources.amazon.reports import V2, fact_of, report, row

CONTENT = report([row("Order/ItemPrice/Principal", "20.00")] * 50)


def zipped(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def bomb() -> bytes:
    return ("\t".join(V2) + "\n").encode() + b"\n" * 8_000_000


def test_a_packed_report_is_the_same_as_a_plain_one() -> None:
    assert fact_of(gzip.compress(CONTENT)) == fact_of(zipped({"report.txt": CONTENT})) == fact_of(CONTENT)


def test_two_gzip_members_are_one_file() -> None:
    assert fact_of(gzip.compress(CONTENT[:700]) + gzip.compress(CONTENT[700:])) == fact_of(CONTENT)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\n \n\r\n", "it lacks the columns"),
        (b"\n\n", "it has no lines"),
        (bytes(range(256)) * 4, "not a text file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
        ("settlement-id\t".encode("utf-16"), "UTF-16"),
        (gzip.compress(b"", mtime=0), "it has no lines"),
        (b"<!DOCTYPE html><html>busy</html>", "DOCTYPE"),
        (b"<html>busy</html>", "a web page, but no settlement report"),
        (b"date,amount\n2026-04-01,5\n", "it lacks the columns settlement-id, "),
        (gzip.compress(CONTENT)[:-20], "cut off: the packed file ends too early"),
        (b"\x1f\x8b" + b"garbage" * 30, "damaged"),
        (gzip.compress(zipped({"a.txt": CONTENT})), "not a text file"),
        (zipped({"a.txt": CONTENT})[:-30], "cut off: the zip file"),
        (zipped({}), "a zip file of 0 files"),
        (zipped({"a.txt": CONTENT, "b.txt": CONTENT}), "a zip file of 2 files"),
        (zipped({"in/a.txt": CONTENT}), "with folders"),
        (zipped({"../a.txt": CONTENT}), "with folders"),
        (zipped({"a.zip": zipped({"b.txt": CONTENT})}), "not a text file"),
        (zipped({"a.txt": CONTENT}).replace(b"\x50\x4b\x01\x02", b"\x50\x4b\x09\x09"), "damaged zip"),
        (zipped({"a.txt": CONTENT})[5:].join([b"PK\x03\x04", b""]), "damaged zip"),
        (gzip.compress(bomb()), "a hundred times its size"),
        (zipped({"a.txt": bomb()}), "a hundred times its size"),
    ],
)
def test_row_30_what_is_no_report_is_refused_in_one_clear_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        fact_of(content)
    text = str(refused.value)
    assert reason in text
    assert text.startswith("The file cannot be read: ") and text.endswith(".") and "\n" not in text


def test_an_archive_of_very_many_files_is_refused_by_its_count() -> None:
    with pytest.raises(Unreadable, match="a zip file of 3000 files"):
        fact_of(zipped({f"{number}.txt": b"" for number in range(3000)}))


def test_row_30_a_file_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES", len(CONTENT) - 1)
    for content in (CONTENT, gzip.compress(CONTENT), zipped({"a.txt": CONTENT})):
        with pytest.raises(Unreadable, match="more than 2 GB"):
            fact_of(content)


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(Unreadable, match="a line of it is longer"):
        fact_of(CONTENT + b"x" * 3_000_000)


class Pipe(io.RawIOBase):
    """A stream that gives few bytes at a time and cannot be sought, as a download does."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._content.read(min(size, 7) if size >= 0 else 7)


def test_a_download_that_comes_in_small_pieces_is_read_as_it_comes() -> None:
    from connector.sources.amazon.files import read

    for content in (CONTENT, gzip.compress(CONTENT)):
        assert read(cast(BinaryIO, Pipe(content)), "UTC") == fact_of(CONTENT)
    with pytest.raises(Unreadable, match="zip file cannot be read from this place"):
        read(cast(BinaryIO, Pipe(zipped({"a.txt": CONTENT}))), "UTC")
