"""A request and its answer as plain values, so that a page is a function from one to the other, on a thread."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, RedirectResponse, Response

from connector.settings import Settings
from connector.sync.house import House
from connector.transport.hosts import is_loopback
from connector.web.session import Session, Signer

LONGEST_FIELD = 4_000


class Heard:
    """How many webhooks came to this process, by provider and what was made of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, provider: str, outcome: str) -> None:
        with self._lock:
            self._counts[(provider, outcome)] += 1

    def counts(self) -> dict[tuple[str, str], int]:
        with self._lock:
            return dict(self._counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What every page is handed. `base_url` is where browsers and providers reach us, without a slash at the end;
    `problems` says what keeps this process from its work, `jobs` counts the engine's jobs by state."""

    house: House
    settings: Settings
    signer: Signer
    base_url: str
    problems: Callable[[], tuple[str, ...]] = tuple
    jobs: Callable[[], dict[tuple[str, ...], int]] = dict
    webhooks: Heard = field(default_factory=Heard)

    @property
    def is_local(self) -> bool:
        """Whether the pages are for this machine only: no setup key, and no address that others reach."""
        return not self.settings.setup_key and is_loopback(urlsplit(self.base_url).hostname or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request. Header names are lower case; `path` holds the parts that the route named."""

    method: str
    url: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    peer: str
    session: Session
    body: bytes = field(default=b"", repr=False)

    def text(self, name: str, most: int = 200) -> str:
        """A field of the form, without the spaces around it; empty where it is missing, cut where it is too long."""
        return self.form.get(name, "")[:LONGEST_FIELD].strip()[:most]


Page = Callable[[Office, Asked], Response]


def see_other(address: str) -> Response:
    """After a form: the browser goes on with GET."""
    return RedirectResponse(address, status_code=303)


def html(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status_code=status)
