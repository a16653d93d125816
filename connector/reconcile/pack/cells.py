"""The cells of a member: every value by where it stands, and a short digest of each.

The digest of the whole member is the proof; those of the cells only tell which one was changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import msgspec

SHORT = 8  # hex digits of a cell's digest


def cells(body: object, place: str = "") -> Iterator[tuple[str, object]]:
    """Every value with its place, such as tables[lines].rows[L1].cells.amount, in one order. What is empty is a value
    too."""
    if isinstance(body, dict) and body:
        for name in sorted(body):
            yield from cells(body[name], f"{place}.{name}" if place else str(name))
    elif isinstance(body, list) and body:
        for number, each in enumerate(body):
            name = each["id"] if isinstance(each, dict) and "id" in each else number
            yield from cells(each, f"{place}[{name}]")
    else:
        yield place, body


def digests(body: object) -> str:
    """The digests of all cells, one behind the other."""
    return "".join(_digest(place, value) for place, value in cells(body))


def changed(body: object, digests: str) -> list[str]:
    """The places of the cells that are not as their digests say; where cells were added or taken away, the first. A row
    whose id was changed is told by its id alone, for every cell of it has another place then."""
    known = [digests[start : start + SHORT] for start in range(0, len(digests), SHORT)]
    found = list(cells(body))
    if len(found) != len(known):
        return [_first(found, known)]
    wrong = [place for (place, value), wanted in zip(found, known, strict=True) if _digest(place, value) != wanted]
    renamed = tuple(f"{place.removesuffix('.id')}." for place in wrong if place.endswith("].id"))
    return [place for place in wrong if place.endswith("].id") or not place.startswith(renamed)]


def _first(found: Sequence[tuple[str, object]], known: Sequence[str]) -> str:
    for (place, value), wanted in zip(found, known, strict=False):
        if _digest(place, value) != wanted:
            return place
    return found[len(known)][0] if len(found) > len(known) else "the end"


def _digest(place: str, value: object) -> str:
    return hashlib.sha256(place.encode() + b"\0" + msgspec.json.encode(value)).hexdigest()[:SHORT]
