"""The cheapest story of a whole track, stop by stop, and how much dearer the next best is at every stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from connector.reconcile.matching.track import GIVEN_UP, HELD, Reach, Run, Stop, Track, remembered

_FAR = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the cheapest story says of a stop (no run: it is given up), and its cost.

    `margin` is by how much any story that says something else of it is dearer (0: one is as cheap), `rival` what the
    next best says."""

    run: Run | None
    cost: int
    margin: int
    rival: Run | None = None


class _Step(msgspec.Struct, frozen=True, gc=False):
    """From a place on the track to another over one stop."""

    start: int
    end: int
    cost: int
    run: Run | None


class _State(msgspec.Struct, frozen=True, gc=False):
    cost: int
    skipped: tuple[int, ...]


def tell(track: Track, stops: Sequence[Stop]) -> list[Told]:
    """What is best said of each stop. Linear in the stops: at every stop only places are kept that cost no more than
    giving a line up."""
    states: dict[int, _State] = {0: _State(0, ())}
    # A history may begin in the middle of a payout.
    if stops:
        for place in range(1, track.window(stops[0])[1]):
            states[place] = _State(GIVEN_UP // 2, ())
    layers: list[dict[int, int]] = []
    steps: list[list[_Step]] = []
    for stop in stops:
        layers.append({place: state.cost for place, state in states.items()})
        states, made = _over(Reach(track=track, stop=stop), states)
        steps.append(made)
    return _weighed(layers, steps, {place: state.cost for place, state in states.items()})


def _over(reach: Reach, states: dict[int, _State]) -> tuple[dict[int, _State], list[_Step]]:
    best = min([state.cost for state in states.values()])
    barrier = reach.stop.barrier
    made: list[_Step] = []
    after: dict[int, _State] = {}
    for place, state in sorted(states.items(), key=lambda each: (each[1].cost, each[0])):
        budget = best + GIVEN_UP - state.cost
        if budget < 0:
            break
        for step in _steps(reach, place, state, budget) if barrier is None else _to_barrier(place, barrier):
            made.append(step)
            cost = state.cost + step.cost
            if step.end not in after or cost < after[step.end].cost:
                after[step.end] = _State(cost, _skipped(state, place, step))
    least = min([state.cost for state in after.values()])
    return {place: state for place, state in after.items() if state.cost <= least + GIVEN_UP}, made


def _skipped(state: _State, place: int, step: _Step) -> tuple[int, ...]:
    return state.skipped if step.run is None else remembered(state.skipped, place, step.run)


def _to_barrier(place: int, barrier: int) -> list[_Step]:
    """To a payout that is known: what lies before it unpaid was held back; a place behind it contradicts it."""
    cost = min(barrier - place, GIVEN_UP) * HELD if place <= barrier else GIVEN_UP
    return [_Step(place, barrier, cost, None)]


def _steps(reach: Reach, place: int, state: _State, budget: int) -> list[_Step]:
    if budget < HELD:  # most places: giving up a line leaves so many open that nothing odd may follow
        return [_Step(place, run.end, cost, run) for cost, run in reach.plain(place)]
    made: list[_Step] = []
    for start in range(place, min(place + budget // HELD + 1, len(reach.track.amounts))):
        paid = HELD * (start - place)
        found = reach.runs(start, budget - paid, state.skipped)
        made += [_Step(place, run.end, paid + cost, run) for cost, run in found]
    if budget >= GIVEN_UP:
        ends = range(max(reach.first, place + 1), reach.last + 1)
        made += [_Step(place, end, GIVEN_UP, None) for end in (place, *ends)]
    return made


def _weighed(layers: Sequence[dict[int, int]], steps: Sequence[Sequence[_Step]], last: dict[int, int]) -> list[Told]:
    """Forwards costs are in the layers; backwards costs are summed here, and each stop's best and next best found."""
    ahead = dict.fromkeys(last, 0)
    told: list[Told] = []
    for costs, made in zip(reversed(layers), reversed(steps), strict=True):
        best: dict[Run | None, int] = {}
        cost_of: dict[Run | None, int] = {}
        behind: dict[int, int] = {}
        for step in made:
            rest = step.cost + ahead.get(step.end, _FAR)
            behind[step.start] = min(behind.get(step.start, _FAR), rest)
            whole = costs[step.start] + rest
            if whole < best.get(step.run, _FAR):
                best[step.run], cost_of[step.run] = whole, step.cost
        told.append(_said(best, cost_of))
        ahead = behind
    told.reverse()
    return told


def _said(best: dict[Run | None, int], cost_of: dict[Run | None, int]) -> Told:
    ranked = sorted(best.items(), key=lambda each: (each[1], each[0] is None))
    run, cost = ranked[0]
    if len(ranked) == 1:
        return Told(run=run, cost=cost_of[run], margin=GIVEN_UP)
    return Told(run=run, cost=cost_of[run], margin=ranked[1][1] - cost, rival=ranked[1][0])
