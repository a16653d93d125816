"""One channel as a line of entries in time, and the stories that can be told of its payouts.

A story says for each bank line which run of entries it pays, less the entries held back, plus one held back before.
Every oddity costs. What costs least for the whole stretch is believed, if no other story is as cheap."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import msgspec

HELD, RELEASED, GIVEN_UP = 1, 1, 4
LONGEST_RUN = 120
_REMEMBERED = 12
_PAIRS_WITHIN = 40


class Run(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Entries from `start` up to `end`, less `held`, plus `released`; all are positions on the track.

    A struct, for a channel has thousands of them to be made, compared and hashed."""

    start: int
    end: int
    held: tuple[int, ...] = ()
    released: tuple[int, ...] = ()

    def positions(self) -> list[int]:
        return [*self.released, *(each for each in range(self.start, self.end) if each not in self.held)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A bank line of the channel; or, with `barrier`, the place on the track that a known payout ends before."""

    amount: int
    earliest: int
    latest: int
    barrier: int | None = None


@dataclass(slots=True)
class Track:
    """The channel's open entries in time: amounts (net of fees) and days as ordinals."""

    amounts: Sequence[int]
    days: Sequence[int]
    sums: Sequence[int] = ()
    ends: dict[int, list[int]] = field(default_factory=dict)
    places: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sums = list(accumulate(self.amounts, initial=0))
        for place, total in enumerate(self.sums):
            self.ends.setdefault(total, []).append(place)
        for place, amount in enumerate(self.amounts):
            self.places.setdefault(amount, []).append(place)

    def window(self, stop: Stop) -> tuple[int, int]:
        """The places where a run may end whose last entry is of a day in the stop's window: first and last."""
        return bisect_left(self.days, stop.earliest) + 1, bisect_right(self.days, stop.latest)


@dataclass(slots=True)
class Reach:
    """Which runs of a track explain one stop. From a place with something held back it is asked again and again: what
    was found once is kept."""

    track: Track
    stop: Stop
    first: int = 0
    last: int = 0
    one_held: dict[int, list[tuple[int, Run]]] = field(default_factory=dict)
    two_held: dict[int, list[tuple[int, Run]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.first, self.last = self.track.window(self.stop)

    def plain(self, start: int) -> list[tuple[int, Run]]:
        """Runs from `start` that are exact as they stand."""
        found = self.track.ends.get(self.track.sums[start] + self.stop.amount)
        if not found:
            return []
        ends = self._ends(start)
        return [(0, Run(start=start, end=end)) for end in found if end in ends]

    def runs(self, start: int, budget: int, skipped: tuple[int, ...]) -> list[tuple[int, Run]]:
        """Runs from `start` that explain the stop for at most `budget`, with what they cost.

        Two entries are thought held back only where nothing less explains it: pairs fit by chance too often."""
        made = self.plain(start)
        if budget >= HELD:
            if start not in self.one_held:
                self.one_held[start] = list(self._one_held(start))
            made += self.one_held[start]
            made += self._released(start, skipped) if skipped else ()
        if budget >= 2 * HELD and not made:
            if start not in self.two_held:
                self.two_held[start] = list(self._two_held(start))
            made += self.two_held[start]
        return made

    def _ends(self, start: int) -> range:
        return range(max(self.first, start + 1), min(self.last, start + LONGEST_RUN) + 1)

    def _one_held(self, start: int) -> Iterator[tuple[int, Run]]:
        """With one entry held back strictly inside: the first and last are paid."""
        ends, places = self._ends(start), self.track.places
        target = self.track.sums[start] + self.stop.amount
        for end, total in enumerate(self.track.sums[ends.start : ends.stop], ends.start):
            if total - target in places:
                for place in places[total - target]:
                    if start < place < end - 1:
                        yield HELD, Run(start=start, end=end, held=(place,))

    def _released(self, start: int, skipped: tuple[int, ...]) -> Iterator[tuple[int, Run]]:
        """With one entry more that was held back before."""
        target, ends = self.track.sums[start] + self.stop.amount, self._ends(start)
        before = {self.track.amounts[place]: place for place in skipped if place < start}
        for amount, place in before.items():
            for end in self.track.ends.get(target - amount, ()):
                if end in ends:
                    yield RELEASED, Run(start=start, end=end, released=(place,))

    def _two_held(self, start: int) -> Iterator[tuple[int, Run]]:
        first, last = max(self.first, start + 1), min(self.last, start + _PAIRS_WITHIN)
        inside = self.track.amounts[start : last + 1]
        if first > last or len(inside) < 2:
            return
        sums, places, target = self.track.sums, self.track.places, self.track.sums[start] + self.stop.amount
        least, most, there = 2 * min(inside), 2 * max(inside), frozenset(inside)
        for end in range(first, last + 1):
            over = sums[end] - target
            if not least <= over <= most:
                continue
            for one, amount in enumerate(inside[1 : end - start - 2], start + 1):
                if over - amount in there:
                    for two in places[over - amount]:
                        if one < two < end - 1:
                            yield 2 * HELD, Run(start=start, end=end, held=(one, two))


def remembered(skipped: tuple[int, ...], start: int, run: Run) -> tuple[int, ...]:
    """What stays held back after a run that begins at `run.start` where the last one ended at `start`."""
    if start == run.start and not run.held and not run.released:
        return skipped
    more = (*skipped, *range(start, run.start), *run.held)
    return tuple(place for place in more if place not in run.released)[-_REMEMBERED:]
