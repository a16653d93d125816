"""What was reckoned once is looked up: shops take the same amounts again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")
MOST = 1 << 16  # kept in mind


class Remembered(dict[K, V]):
    """The values of a pure function by its argument, made when they are first asked for; raises what that raises, and
    TypeError for an argument that cannot be looked up. It never holds more than `most`: it is emptied then."""

    def __init__(self, make: Callable[[K], V], most: int = MOST) -> None:
        super().__init__()
        self._make, self._most = make, most

    def __missing__(self, key: K) -> V:
        found = self._make(key)
        if len(self) >= self._most:
            self.clear()
        self[key] = found
        return found
