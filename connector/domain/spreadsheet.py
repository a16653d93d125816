"""Text within a file that somebody will open in a spreadsheet."""

from __future__ import annotations

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def plain_cell(text: str) -> str:
    """The text so that a spreadsheet takes it for nothing else: one that would begin a formula is quoted."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
