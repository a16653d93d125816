"""Text of a report: UTF-8, else the code page of its marketplace; amounts and types are ASCII in both."""

from __future__ import annotations

BOM = b"\xef\xbb\xbf"


def text_of(cell: bytes, currency: str) -> str:
    """A cell or a row as text without outer blanks; a byte that no code page knows becomes a replacement mark."""
    try:
        return cell.decode("utf-8").strip()
    except UnicodeDecodeError:
        return cell.decode("cp932" if currency == "JPY" else "cp1252", "replace").strip()
