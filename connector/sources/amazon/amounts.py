"""Amounts as Amazon writes them: decimal point or decimal comma, one of the two in the whole file."""

from __future__ import annotations

import re

from connector.domain.money import exponent
from connector.errors import Unreadable

_SHAPE = re.compile(
    r"([+-]?)(\d[\d.,]{0,23})\Z", re.ASCII
)  # no amount is longer; without a limit a long one costs much time
_GROUPED = {mark: re.compile(rf"\d{{1,3}}(?:\{mark}\d{{3}})+\Z") for mark in ".,"}
_OTHER = {".": ",", ",": "."}


class Amounts:
    """Reads amounts of one file into minor units of its currency; the decimal mark is learnt from all of them together.

    `mark` is "." or "," once an amount has decided it, else empty."""

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._places = exponent(currency)
        self.mark = ""
        self._plain = re.compile(rb"(?:-?\d{1,18}\t)*-?\d{1,18}") if not self._places else None

    def plain(self, cells: list[bytes]) -> list[int]:
        """The amounts of many cells read together; nothing where one of them is empty or not spelled plainly."""
        joined = b"\t".join(cells)
        if self._plain and self._plain.fullmatch(joined):
            return list(map(int, joined.replace(self.mark.encode(), b"").split(b"\t")))
        return []

    def minor(self, text: str) -> int | None:
        """The amount in minor units; None where "1.234" can still be read two ways. Raises Unreadable."""
        found = _SHAPE.match(text)
        if not found:
            raise Unreadable(f"{text!r} in it is not an amount")
        sign, body = found.groups()
        if body.isdigit():
            size = int(body + "0" * self._places)
        else:
            mark = self._mark_of(body)
            if not mark:
                return None
            size = self._size(body, mark, text)
            self._settle(mark, text)
        return -size if sign == "-" else size

    def _mark_of(self, body: str) -> str:
        """Which mark the decimal one must be for this text to be an amount; empty where both would do."""
        last = "." if body.rfind(".") > body.rfind(",") else ","
        if _OTHER[last] in body:
            return last
        if body.count(last) > 1:
            return _OTHER[last]
        head, _, tail = body.partition(last)
        if len(tail) != 3 or len(head) > 3 or head.startswith("0"):
            return last
        return self.mark or ("" if self._places else _OTHER[last])

    def _settle(self, mark: str, text: str) -> None:
        if self.mark and self.mark != mark:
            words = {".": "a decimal point", ",": "a decimal comma"}
            raise Unreadable(
                f"it writes some amounts with {words[self.mark]} and {text!r} with {words[mark]}; "
                "upload the file as Amazon gave it"
            )
        if not self.mark and self._places:
            plain = rf"-?\d{{1,18}}\{mark}\d{{{self._places}}}"
            self._plain = re.compile(rf"(?:{plain}\t)*{plain}".encode())
        self.mark = mark

    def _size(self, body: str, mark: str, text: str) -> int:
        whole, _, part = body.partition(mark)
        grouping = _OTHER[mark]
        if grouping in whole:
            if not _GROUPED[grouping].match(whole):
                raise Unreadable(f"{text!r} in it is not an amount")
            whole = whole.replace(grouping, "")
        if not (part + "0").isdigit() or part[self._places :].strip("0"):
            raise Unreadable(f"{text!r} in it is not an amount in {self._currency}")
        return int(whole + part[: self._places].ljust(self._places, "0"))
