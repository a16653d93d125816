"""Words that sentences share."""

from __future__ import annotations


def many(count: int, word: str) -> str:
    """A number of things: 1 movement, 2 movements."""
    return f"{count} {word}{'' if count == 1 else 's'}"
