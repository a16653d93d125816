"""One channel as a line of entries in time, and the stories that can be told of its payouts.

A story says for each bank line which run of entries it pays, less the entries held back, plus one held back before.
Every oddity costs. What costs least for the whole stretch is believed, if no other story is as cheap."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

HELD, RELEASED, GIVEN_UP = 1, 1, 4
LONGEST_RUN = 120
_REMEMBERED = 12
_PAIRS_WITHIN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Entries from `start` up to `end`, less `held`, plus `released`; all are positions on the track."""

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

    def runs(self, start: int, stop: Stop, budget: int, skipped: tuple[int, ...]) -> list[tuple[int, Run]]:
        """Runs from `start` that explain the stop for at most `budget`, with what they cost.

        Two entries are thought held back only where nothing less explains it: pairs fit by chance too often."""
        first, last = self.window(stop)
        first, last = max(first, start + 1), min(last, start + LONGEST_RUN)
        target = self.sums[start] + stop.amount
        made = [(0, Run(start=start, end=end)) for end in self.ends.get(target, ()) if first <= end <= last]
        if budget >= HELD:
            made += self._one_odd(start, range(first, last + 1), target, skipped)
        if budget >= 2 * HELD and not made:
            made += self._two_held(start, range(first, min(last, start + _PAIRS_WITHIN) + 1), target)
        return made

    def _one_odd(self, start: int, ends: range, target: int, skipped: tuple[int, ...]) -> Iterator[tuple[int, Run]]:
        """With one entry held back strictly inside (the first and last are paid), or one released."""
        sums, places = self.sums, self.places
        before = {-self.amounts[place]: place for place in skipped if place < start}
        for end in ends:
            over = sums[end] - target
            if over in places:
                for place in places[over]:
                    if start < place < end - 1:
                        yield HELD, Run(start=start, end=end, held=(place,))
            if over in before:
                yield RELEASED, Run(start=start, end=end, released=(before[over],))

    def _two_held(self, start: int, ends: range, target: int) -> Iterator[tuple[int, Run]]:
        inside = self.amounts[start : ends.stop]
        if len(inside) < 2:
            return
        places, least, most = self.places, 2 * min(inside), 2 * max(inside)
        for end in ends:
            over = self.sums[end] - target
            if not least <= over <= most:
                continue
            for one, amount in enumerate(inside[1 : end - start - 2], start + 1):
                if over - amount in places:
                    for two in places[over - amount]:
                        if one < two < end - 1:
                            yield 2 * HELD, Run(start=start, end=end, held=(one, two))


def remembered(skipped: tuple[int, ...], start: int, run: Run) -> tuple[int, ...]:
    """What stays held back after a run that begins at `run.start` where the last one ended at `start`."""
    if start == run.start and not run.held and not run.released:
        return skipped
    more = (*skipped, *range(start, run.start), *run.held)
    return tuple(place for place in more if place not in run.released)[-_REMEMBERED:]
