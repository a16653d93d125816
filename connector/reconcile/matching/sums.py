"""Which few of some amounts make a total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

_Pair = tuple[int, int]


def ways(parts: Sequence[tuple[int, int]], total: int) -> Iterator[tuple[int, ...]]:
    """Sets of two to four of the parts (amount, name) that make the total, by their names: small sets first, each
    in the order of the parts. What is missing to two parts is looked up, as one part or as two."""
    singles: dict[int, list[int]] = {}
    for place, (amount, _) in enumerate(parts):
        singles.setdefault(amount, []).append(place)
    pairs = {each: parts[each[0]][0] + parts[each[1]][0] for each in combinations(range(len(parts)), 2)}
    by_sum: dict[int, list[_Pair]] = {}
    for pair, amount in pairs.items():
        by_sum.setdefault(amount, []).append(pair)
    found: list[tuple[int, ...]] = list(by_sum.get(total, ()))
    for pair, amount in pairs.items():
        found += [(*pair, last) for last in singles.get(total - amount, ()) if last > pair[1]]
    for pair, amount in pairs.items():
        found += [(*pair, *rest) for rest in by_sum.get(total - amount, ()) if rest[0] > pair[1]]
    return (tuple(parts[place][1] for place in places) for places in found)
