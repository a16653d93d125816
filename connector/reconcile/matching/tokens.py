"""Words and ids in the text of a bank line."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+")
_LONG, _DIGITS, _NAME = 6, 4, 4


def words(text: str) -> Sequence[str]:
    """The words of a text in capitals, without marks between them."""
    return _WORD.findall(text.upper())


def key(name: str) -> str:
    """An id without marks and in capitals: po_123-4 is PO1234."""
    upper = name.upper()
    return upper if upper.isalnum() else "".join(_WORD.findall(upper))


def ids(text: str) -> set[str]:
    """What in a text may be an id: words as they stand between spaces, and the parts between marks; with a digit."""
    found = {key(piece) for piece in text.split()} | set(words(text))
    return {each for each in found if any(map(str.isdigit, each))}


def is_strong(name: str) -> bool:
    """Six letters and digits or more are evidence by themselves."""
    return len(name) >= _LONG


def is_fair(name: str) -> bool:
    """Four digits or more are evidence together with the channel."""
    return sum(map(str.isdigit, name)) >= _DIGITS


def names(text: str) -> set[str]:
    """Words of letters that may be somebody's name."""
    return {word for word in words(text) if len(word) >= _NAME and word.isalpha()}
