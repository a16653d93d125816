"""How often this process called each provider, and what came back: counts for whoever watches, nothing else.

A provider is named by the last two parts of its host: some give every merchant a host, and merchants are not named."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from connector.transport.hosts import is_loopback

MOST_NAMES = 50

_calls: Counter[tuple[str, str]] = Counter()
_lock = threading.Lock()


@dataclass
class Call:
    """One call under way; `status` stays None where no answer comes."""

    status: int | None = None


@contextmanager
def counted(url: str) -> Iterator[Call]:
    """Counts the call that is made inside, also where it fails."""
    call = Call()
    try:
        yield call
    finally:
        with _lock:
            name = _name(urlsplit(url).hostname or "")
            known = {known for known, _ in _calls}
            _calls[(name if name in known or len(known) < MOST_NAMES else "other", _outcome(call.status))] += 1


def calls() -> dict[tuple[str, str], int]:
    """Calls by provider and outcome: 2xx, 3xx, 4xx, 429, 5xx, or none."""
    with _lock:
        return dict(_calls)


def _name(host: str) -> str:
    return "this machine" if is_loopback(host) else ".".join(host.casefold().split(".")[-2:])


def _outcome(status: int | None) -> str:
    if status is None:
        return "none"
    return "429" if status == 429 else f"{status // 100}xx"
