"""A running stand-in of the Selling Partner API, and pulls from it; waiting moves the clock and takes no time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from connector.domain.facts import Fact
from connector.domain.shop import Shop
from connector.sandbox.amazon import AmazonHabits, amazon_app
from connector.sandbox.amazon_deferrals import SELLER_ID
from connector.sandbox.amazon_seller import fill
from connector.sandbox.body import decode, text
from connector.sandbox.faults import Fault, Faults
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sources.amazon.pulling import pull
from connector.sources.amazon.source import SOURCE
from connector.sources.contract import Page, PullOrder, Received
from connector.transport.access import Access

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


@dataclass
class Clock:
    """The time for both sides. `sleep` is for a client: it notes the wait and moves the time."""

    now: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@dataclass
class Seller:
    """A seller at the stand-in. `calls` are the paths asked for, in order."""

    shelf: Shelf
    faults: Faults
    clock: Clock
    access: Access
    calls: list[str]

    def pages(self, stream: str, position: str = "") -> list[Page]:
        order = PullOrder(stream=stream, location="", position=position, now=self.clock.now)
        return list(pull(self.access, order, self.clock.sleep))

    def records(self, stream: str, position: str = "") -> list[Received]:
        return [record for page in self.pages(stream, position) for record in page.records]

    def facts(self, stream: str) -> dict[str, Fact]:
        assert SOURCE.translate
        return {record.source_id: SOURCE.translate(record, Shop()) for record in self.records(stream)}


@contextmanager
def selling(folder: Path, habits: AmazonHabits | None = None) -> Iterator[Seller]:
    clock, faults = Clock(), _Noting()
    with Shelf(folder / "amazon.db") as shelf:
        fill(shelf)
        app = amazon_app(shelf, faults=faults, clock=clock, habits=habits)
        with serve(app) as served:
            answer = httpx.post(f"{served.base_url}/_sandbox/personal-token", trust_env=False)
            token = text(decode(answer.content), "token")
            access = Access(base_url=served.base_url, external_id=SELLER_ID, token=lambda: token, now=clock)
            faults.calls.clear()
            yield Seller(shelf=shelf, faults=faults, clock=clock, access=access, calls=faults.calls)


class _Noting(Faults):
    """Faults that also note what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def take(self, method: str, path: str) -> Fault | None:
        self.calls.append(path)
        return super().take(method, path)
