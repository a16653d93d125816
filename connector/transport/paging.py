"""Turning pages: a list that leads back to where it was is given up at once, not read for ever."""

from __future__ import annotations

from connector.errors import Broken


def turned(asked: str, given: str, what: str) -> str:
    """What asks for the next page (a cursor, a token, an address), as an answer gave it; empty at the end of a list.

    Raises Broken where it is what that answer itself was asked with."""
    if given and given == asked:
        raise Broken(f"{what} goes round in a circle: a page leads to itself. Nothing after it was read.")
    return given
