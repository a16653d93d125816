"""Bytes → text: what banks write into their files as text."""

from __future__ import annotations

import re

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARED = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,20})["']|CHARSET:\s*([A-Za-z0-9_.-]{2,20})""")
_KNOWN = re.compile(
    r"(?:iso-?|)8859-\d{1,2}|(?:windows-|cp|)125\d|cp\d{3,4}|us-ascii|koi8-[ru]|shift_jis|gb18030|gbk|big5|euc-\w\w"
)
_STEERING = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])  # no control characters but tab and line ends


def decoded(data: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else as it declares itself, else Windows-1252.

    No bytes are refused; control characters are left out, and every line ends with a line feed."""
    text = _text(data).translate(_STEERING)
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _text(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if wide := _wide(data[:400]):
        return data.decode(wide, "replace")
    for encoding in ("utf-8", _declared(data[:1000])):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def _wide(head: bytes) -> str:
    """UTF-16 without its mark shows as every second byte being nothing."""
    zeros = [head[start::2].count(0) * 3 > len(head) for start in (0, 1)]
    return {(True, False): "utf-16-be", (False, True): "utf-16-le"}.get((zeros[0], zeros[1]), "")


def _declared(head: bytes) -> str:
    found = _DECLARED.search(head)
    name = (found[1] or found[2]).decode("ascii").lower() if found else ""
    if not _KNOWN.fullmatch(name):
        return "cp1252"
    if name.startswith("125"):
        return f"cp{name}"
    return f"iso-{name}" if name.startswith("8859") else name
