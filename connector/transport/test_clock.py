"""A clock that tests move: asked over loopback, and only where every provider is a stand-in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from connector.errors import Unreadable

FRESH_SECONDS = 0.05
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def moved_clock(address: str, providers: Sequence[str], addresses: Mapping[str, str]) -> Callable[[], datetime]:
    """The time as the clock at that address tells it (a GET answers with a moment in ISO 8601).

    Raises Unreadable where the clock, or a provider, is anywhere but on this machine: real books keep real time."""
    import requests

    far = [name for name in providers if urlsplit(addresses.get(name, "")).hostname not in LOOPBACK]
    if far or urlsplit(address).hostname not in LOOPBACK:
        raise Unreadable(
            "CONNECTOR_TEST_CLOCK is for tests with stand-ins: it is refused unless CONNECTOR_URL_<PROVIDER> of every "
            f"provider is on this machine ({', '.join(far) or 'the clock itself'} is not)."
        )
    lock, known = threading.Lock(), [(0.0, "")]

    def now() -> datetime:
        with lock:
            if time.monotonic() - known[0][0] > FRESH_SECONDS:
                known[0] = (time.monotonic(), requests.get(address, timeout=5).text.strip())
            return datetime.fromisoformat(known[0][1])

    return now
