"""One piece of money of a summary: a movement before it is placed."""

from __future__ import annotations

from typing import NamedTuple


class Piece(NamedTuple):
    """`amount` in minor units, in the seller's view; pieces of zero are dropped. `parent` is "kind|code" of what a
    tax is charged on, empty where the summary does not tell."""

    kind: str
    code: str
    amount: int
    tax_code: str = ""
    parent: str = ""
