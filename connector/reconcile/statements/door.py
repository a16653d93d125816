"""The door: a bank's file in any known format → its statements."""

from __future__ import annotations

import re
from collections.abc import Callable

from connector.domain.statement import Statement
from connector.errors import Unreadable
from connector.reconcile.statements.bai2 import read_bai2
from connector.reconcile.statements.camt import read_camt
from connector.reconcile.statements.decoding import decoded
from connector.reconcile.statements.mt940 import read_mt940
from connector.reconcile.statements.ofx import read_ofx
from connector.reconcile.statements.reading import Reading
from connector.reconcile.statements.tables import read_csv, read_xlsx

FILE_BYTES = 200 * 1024 * 1024

_HEAD = 4000  # characters that tell the format
_REFUSED = {
    b"%PDF": "it is a PDF; ask the bank for OFX, CAMT, MT940, BAI2, CSV or XLSX",
    b"\xd0\xcf\x11\xe0": "it is an old Excel workbook; save it as XLSX or CSV",
    b"\x1f\x8b": "it is compressed; unpack it first",
}
_OFX = re.compile(r"OFXHEADER|<OFX\b", re.IGNORECASE)
_CAMT = re.compile(r"<(?:\w+:)?(?:BkToCstmr\w+|Stmt|Rpt|Ntfctn)\b|camt\.05[234]")
_MT940 = re.compile(r"^\s*:20:.*?^\s*:(?:25P?|28C?|60[FM]|61|34F|13D?):", re.MULTILINE | re.DOTALL)
_BAI2 = re.compile(r"\s*01\s*,[^\n]*\n\s*(?:88,[^\n]*\n\s*)*02\s*,")


def read_statements(name: str, data: bytes, reading: Reading | None = None) -> tuple[Statement, ...]:
    """Every statement of a file, in its order. The format is told by the content, never by the name.

    A file without the structure of any known format raises Unreadable with one sentence that begins with `name`. A
    field that cannot be read is left empty and has a warning; an account that does not add up has one too."""
    asked = reading or Reading()
    try:
        _check_size(data)
        return _read(data, asked)
    except Unreadable as error:
        raise Unreadable(f"{name} cannot be read: {error}.") from error


def _check_size(data: bytes) -> None:
    if not data.strip(b" \t\r\n\0"):
        raise Unreadable("it is empty")
    if len(data) > FILE_BYTES:
        raise Unreadable(f"it is larger than {FILE_BYTES >> 20} MB")
    for magic, reason in _REFUSED.items():
        if data.startswith(magic):
            raise Unreadable(reason)


def _read(data: bytes, reading: Reading) -> tuple[Statement, ...]:
    if data.startswith(b"PK\x03\x04"):
        return read_xlsx(data, reading)
    text = decoded(data)
    return _reader(text[:_HEAD])(text, reading)


def _reader(head: str) -> Callable[[str, Reading], tuple[Statement, ...]]:
    if _OFX.search(head):
        return read_ofx
    if head.lstrip().startswith("<"):
        if _CAMT.search(head):
            return read_camt
        raise Unreadable("it is XML or HTML, but neither CAMT nor OFX")
    if _MT940.search(head) or head.lstrip().startswith("{1:"):
        return read_mt940
    if _BAI2.match(head):
        return read_bai2
    return read_csv
