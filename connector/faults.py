"""Named fault points: dead unless a test arms them. They mark the lines between which a process may die.

CONNECTOR_FAULT=name:3 ends the process, as a power cut would, the third time the point is reached."""

from __future__ import annotations

import os
from collections.abc import Callable

KILLED = 137
_armed: Callable[[str], None] | None = None


def fault_point(name: str) -> None:
    """Does nothing, unless armed."""
    if _armed is not None:
        _armed(name)


def arm(hook: Callable[[str], None] | None) -> None:
    """From now on the hook hears every point by name, and may raise; None disarms."""
    global _armed
    _armed = hook


def _kill_at(wanted: str) -> Callable[[str], None]:
    point, _, times = wanted.partition(":")
    left = [int(times or 1)]

    def hook(name: str) -> None:
        left[0] -= name == point
        if not left[0]:
            os._exit(KILLED)

    return hook


if os.environ.get("CONNECTOR_FAULT"):
    arm(_kill_at(os.environ["CONNECTOR_FAULT"]))
