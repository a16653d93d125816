"""Amounts as banks write them → minor units."""

from __future__ import annotations

import re
from dataclasses import dataclass

from connector.domain.money import exponent

_DIGITS = 40
_CURRENCY = re.compile(r"^(?:[A-Z]{3}|[A-Z]{0,3}[$€£¥₹₩])\s*|\s*(?:[A-Z]{3}|[$€£¥₹₩])$")
_SIDE = re.compile(r"\s*(CR|DR|C|D)\.?$", re.IGNORECASE)
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009'’_]")
_SIGNED = re.compile(r"([+-]?)([0-9.,]+)([+-]?)")
_GROUPS = re.compile(r"\d{1,3}(?:[.,]\d{2,3})*(?:[.,]\d{3})|\d*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Minor units, and whether the file says more decimals than the currency has (then rounded half up)."""

    minor: int
    is_rounded: bool = False


def read_amount(written: str, currency: str, decimals: str = "") -> Amount:
    """The amount exactly. `decimals` is the decimal mark; left empty, the last of both marks is it, or the only one.

    Raises ValueError where the text is no amount: nothing is taken for zero."""
    sign, digits = _plain(written)
    whole, part = _parts(digits, decimals)
    places = exponent(currency)
    kept, rest = part[:places].ljust(places, "0"), part[places:]
    minor = int(f"0{whole}{kept}") + (1 if rest[:1] >= "5" else 0)
    return Amount(minor=sign * minor, is_rounded=bool(rest.strip("0")))


def _plain(written: str) -> tuple[int, str]:
    """The sign, and the digits with their marks."""
    text, sign = written.strip().replace("−", "-").replace("–", "-"), 1
    if side := _SIDE.search(text):
        text, sign = text[: side.start()], -1 if side[1].upper().startswith("D") else 1
    if text.startswith("(") and text.endswith(")"):
        text, sign = text[1:-1], -sign
    lead = re.match(r"[+-]", text)
    text = _CURRENCY.sub("", text[1:].strip() if lead else text)
    found = _SIGNED.fullmatch(_SPACES.sub("", (lead[0] if lead else "") + text))
    if not found or (found[1] and found[3]) or len(found[2]) > _DIGITS:
        raise ValueError(f"{written!r} is no amount")
    return (-sign if "-" in (found[1], found[3]) else sign), found[2]


def _parts(digits: str, decimals: str) -> tuple[str, str]:
    mark = decimals or _mark(digits)
    whole, _, part = digits.rpartition(mark) if mark and mark in digits else (digits, "", "")
    if not re.search(r"\d", digits) or (part and not part.isdigit()) or not _GROUPS.fullmatch(whole):
        raise ValueError(f"{digits!r} is no amount")
    return re.sub(r"[.,]", "", whole), part


def _mark(digits: str) -> str:
    """The decimal mark of one amount: of both the later one, of one the only one; several of one are groups."""
    if "." in digits and "," in digits:
        return max(".,", key=digits.rfind)
    return next((mark for mark in ".," if digits.count(mark) == 1), "")
