"""The opening items of the cut-over, and which payout takes which of them out of the account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from connector.reconcile.clearing.values import Posting, Taking

UNLISTED = "what was taken before the first day"
"""What a payout brings from before the first day, and no opening item names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a payout brings of takings from before the first day; `title` is what an opening item may call it."""

    payout: str
    title: str
    amount: int


@dataclass(slots=True, kw_only=True)
class Opened:
    """Opening items in the pieces in which payouts take them, each of its own name, and by payout the pieces."""

    items: list[Posting] = field(default_factory=list)
    settles: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))


def settled_openings(opening: Sequence[Posting], brought: Iterable[Brought]) -> Opened:
    """Each payout takes the item that names it, else one of just its amount, else of the oldest what it needs.

    An item that names a payout is taken whole, be the payout's amount another: then the proof tells both."""
    opened, left = Opened(), [each for each in opening if each.amount]
    rest: list[Brought] = []
    for each in brought:
        item = next((item for item in left if _names(item, each)), None)
        item = item or next((item for item in left if item.amount == each.amount), None)
        if item is None:
            rest.append(each)
        else:
            left.remove(item)
            _take(opened, item, each.payout, each.amount)
    for each in rest:
        left = _take_oldest(opened, left, each)
    for item in left:
        _named(opened, item)
    return opened


def opening_takings(opening: Iterable[Posting]) -> list[Taking]:
    """Opening items as takings that the document of the cut-over put on the account."""
    return [
        Taking(name=opened(each), day=each.day, amount=each.amount, period=each.of, kind="opening") for each in opening
    ]


def opened(item: Posting) -> str:
    return item.text or "opening item"


def _names(item: Posting, brought: Brought) -> bool:
    return item.text.startswith((f"{brought.title}:", f"{brought.title},")) or item.text == brought.title


def _take_oldest(opened: Opened, left: Sequence[Posting], brought: Brought) -> list[Posting]:
    """Gives what is left of the items."""
    still, due = [], brought.amount
    for item in left:
        part = min(abs(item.amount), abs(due)) * (1 if item.amount > 0 else -1) if item.amount * due > 0 else 0
        if part:
            _take(opened, replace(item, amount=part), brought.payout, part)
            due -= part
        if item.amount != part:
            still.append(replace(item, amount=item.amount - part))
    if due:
        opened.settles[brought.payout][UNLISTED] = due
    return still


def _take(opened: Opened, item: Posting, payout: str, amount: int) -> None:
    opened.settles[payout][_named(opened, item)] = amount


def _named(made: Opened, item: Posting) -> str:
    """Keeps a piece under a name that no other has."""
    said, known = opened(item), {opened(each) for each in made.items}
    number = next(n for n in range(1, len(known) + 2) if (said if n == 1 else f"{said} ({n})") not in known)
    piece = replace(item, text=said if number == 1 else f"{said} ({number})")
    made.items.append(piece)
    return piece.text
