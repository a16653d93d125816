"""Rung 5: payouts of a channel follow one another, so a line pays a run of its entries in time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from connector.domain.money import decimal_text
from connector.reconcile.matching.board import Board
from connector.reconcile.matching.rules import CONFIRMATIONS
from connector.reconcile.matching.stories import Told, tell
from connector.reconcile.matching.track import Run, Stop, Track
from connector.reconcile.matching.values import Confidence, Evidence

RUN = 5
SURE, PLAIN = 1, 2
_LEARNT_FROM = 8


def match_runs(board: Board) -> None:
    """Solves every channel and currency as a whole, between the payouts that are known already."""
    entries: dict[tuple[str, str], list[int]] = {}
    for place, entry in enumerate(board.entries):
        entries.setdefault((entry.channel, entry.currency), []).append(place)
    lines: dict[tuple[str, str], list[int]] = {}
    for place, line in enumerate(board.lines):
        if place not in board.named:
            lines.setdefault((board.channels[place], line.currency), []).append(place)
    for of in sorted(entries.keys() & lines.keys()):
        if not board.open_lines.isdisjoint(lines[of]):
            in_time = sorted(entries[of], key=lambda each: (board.entries[each].day, each))
            _match(board, sorted(lines[of], key=lambda each: (board.lines[each].day, each)), in_time)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """A channel's track with the entry behind each place."""

    track: Track
    entries: Sequence[int]


def _match(board: Board, lines: Sequence[int], in_time: Sequence[int]) -> None:
    order = {entry: number for number, entry in enumerate(in_time)}
    free = [entry for entry in in_time if entry in board.open_entries]
    of = [board.entries[entry] for entry in free]
    track = Track(amounts=[each.amount - each.fee for each in of], days=[each.day.toordinal() for each in of])
    window = _learnt(board, lines) or board.window(board.channels[lines[0]])
    numbers = [order[entry] for entry in free]
    stops = [_stop(board, line, window, order, numbers) for line in lines]
    kept = [(line, stop) for line, stop in zip(lines, stops, strict=True) if stop is not None]
    told = tell(track, [stop for _, stop in kept]) if free else []
    stretch = _Stretch(track=track, entries=free)
    for (line, stop), said in zip(kept, told, strict=False):
        if stop.barrier is None and said.run is not None:
            _propose(board, stretch, line, said, window)


def _learnt(board: Board, lines: Sequence[int]) -> tuple[int, int] | None:
    """The lags of the payouts that are known, once they are enough to go by."""
    lags = [board.lag(line, board.settled[line][-1]) for line in lines if board.settled.get(line)]
    return (min(lags), max(lags)) if len(lags) >= _LEARNT_FROM else None


def _stop(
    board: Board, line: int, window: tuple[int, int], order: dict[int, int], numbers: Sequence[int]
) -> Stop | None:
    day = board.lines[line].day.toordinal()
    stop = Stop(amount=board.lines[line].amount, earliest=day - window[1], latest=day - window[0])
    if line in board.open_lines:
        return stop
    own = sorted(order[entry] for entry in board.settled[line] if entry in order)
    return replace(stop, barrier=bisect_left(numbers, own[len(own) // 2])) if own else None


def _propose(board: Board, stretch: _Stretch, line: int, said: Told, window: tuple[int, int]) -> None:
    if said.run is None:
        return
    entries = [stretch.entries[place] for place in said.run.positions()]
    if not set(entries) <= board.open_entries:
        return
    channel = board.channels[line]
    rule = board.rules.of_channel(channel)
    confidence: Confidence = "likely" if said.margin >= SURE else "possible"
    if board.grains[channel] == "one":
        # Payouts merge as they come; but customers do not pay in turn, and one to one was tried before.
        if said.cost or len(entries) == 1:
            return
        confidence = "likely" if said.margin >= PLAIN else "possible"
    if confidence == "likely" and not said.cost and said.margin >= PLAIN and rule.confirmed_runs >= CONFIRMATIONS:
        confidence = "certain"
    board.propose([line], entries, RUN, confidence, _evidence(board, stretch, line, said, window))


def _evidence(board: Board, stretch: _Stretch, line: int, said: Told, window: tuple[int, int]) -> list[Evidence]:
    run = said.run or Run(start=0, end=0)
    first, last = (board.entries[stretch.entries[place]] for place in (run.start, run.end - 1))
    paid = len(run.positions())
    evidence = [Evidence(fact="channel", value=board.channels[line])] if board.channels[line] else []
    evidence.append(Evidence(fact="run", value=str(paid), detail=f"{first.day} to {last.day}"))
    for fact, places in (("held_back", run.held), ("released", run.released)):
        for place in places:
            entry = board.entries[stretch.entries[place]]
            amount = f"{decimal_text(entry.amount, entry.currency)} {entry.currency}"
            evidence.append(Evidence(fact=fact, value=entry.entry_id, detail=amount))
    lag = board.lines[line].day.toordinal() - last.day.toordinal()
    evidence.append(Evidence(fact="lag_days", value=str(lag), detail=f"window {window[0]}..{window[1]}"))
    evidence.append(Evidence(fact="amount", value="exact"))
    evidence.append(Evidence(fact="story", value=str(said.margin), detail="dearer is the next best of the stretch"))
    return evidence
