"""The swarm in the suite: a bounded number of seeds, those that failed once, and the same seed twice."""

from __future__ import annotations

import pytest

from tests.chaos.swarm import survived

SEEDS = 12
REGRESSIONS = (44, 136, 238, 1008, 1126)
"""Seeds that found something once."""


@pytest.mark.parametrize("seed", sorted({*range(1, SEEDS + 1), *REGRESSIONS}))
def test_whatever_goes_wrong_nothing_is_doubled_lost_or_stuck(seed: int) -> None:
    found = survived(seed)
    assert found.wrong == {}, found.faults


def test_the_same_seed_does_the_same_twice() -> None:
    assert survived(3) == survived(3)
    assert survived(3).log != survived(4).log
