"""Finds the target folders beside it: each holds a target.py with a TARGET."""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module

import connector.targets
from connector.errors import Unreadable
from connector.targets.contract import Target


def names() -> list[str]:
    """The names of all targets, which are the names of their folders."""
    return sorted(module.name for module in pkgutil.iter_modules(connector.targets.__path__) if module.ispkg)


@lru_cache(maxsize=16)
def target(name: str) -> Target:
    """The target of that name; raises Unreadable, naming those there are."""
    if name not in names():
        raise Unreadable(f"There is no target {name!r}; there are: {', '.join(names())}.")
    found = import_module(f"connector.targets.{name}.target").TARGET
    if not isinstance(found, Target):
        raise TypeError(f"targets/{name}/target.py holds no TARGET")
    return found
