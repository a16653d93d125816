"""Finds the source folders beside it: each holds a source.py with a SOURCE."""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module

import connector.sources
from connector.errors import Unreadable
from connector.sources.contract import Source


def names() -> list[str]:
    """The names of all sources, which are the names of their folders."""
    return sorted(module.name for module in pkgutil.iter_modules(connector.sources.__path__) if module.ispkg)


@lru_cache(maxsize=16)
def source(name: str) -> Source:
    """The source of that name; raises Unreadable, naming those there are."""
    if name not in names():
        raise Unreadable(f"There is no source {name!r}; there are: {', '.join(names())}.")
    found = import_module(f"connector.sources.{name}.source").SOURCE
    if not isinstance(found, Source):
        raise TypeError(f"sources/{name}/source.py holds no SOURCE")
    return found
