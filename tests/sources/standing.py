"""Every source that is pulled, found through the registry, with a house that is connected to its stand-in.

The stand-ins answer in this process and waiting moves the clock. It is the day after the last thing that happened at
the shop, and only the last days of its month are wanted. A shop and the house that is connected to it are made once and
then copied, so that a test costs no more than its own pull."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import import_module
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector import faults
from connector.sandbox.faults import Faults
from connector.sandbox.inprocess import Wire, in_process
from connector.sandbox.oauth import OAuthDesk
from connector.sandbox.shelf import Shelf
from connector.sandbox.town import shop_module
from connector.settings import Settings
from connector.sources.registry import names, source
from connector.store.facts import facts, move_cursor
from connector.store.feeds import Connection, connection, locations, set_location
from connector.sync.connect import Wanted, connect
from connector.sync.house import House
from connector.sync.pull import Pulled, begin_at, places_of, pull
from connector.transport.oauth import Grant
from tests.opened import house as open_house

PULLED = [name for name in names() if source(name).pull is not None]
PLACE = "127.0.0.1:9"
ZONE = "America/New_York"  # of a place whose source knows none
DAYS = 4  # that are wanted of a month
_MOMENT = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_ASKED = re.compile(rb'(limit=|page_size=|pageSize=|"limit": ?)\d+')


class QuickShelf(Shelf):
    """A shelf that does not wait for the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._connection.execute("PRAGMA synchronous = OFF")


@dataclass(kw_only=True)
class Stand:
    """A shop's stand-in, and the folder of a house that is connected to it.

    `a_page` are the records of a page, however many are asked for; 0 gives as many as that. `calls` are counted by the
    stream, and place, that is read; `asked` are the moments of all of them, in the order of `wire.heard`. `before` is
    told when the reading of a stream begins."""

    name: str
    folder: Path
    shelf: Shelf
    moment: datetime
    faults: Faults = field(default_factory=Faults)
    a_page: int = 0
    reading: str = ""
    calls: Counter[str] = field(default_factory=Counter)
    asked: list[datetime] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    wire: Wire = field(init=False)
    books_token: str = ""

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    def heard(self, point: str) -> None:
        if point == "wire.before":
            self.calls[self.reading] += 1
            self.asked.append(self.moment)

    @contextmanager
    def house(self, data: str = "data") -> Iterator[House]:
        with open_house(Settings(home=self.folder / data, settle_seconds=0), self.now) as opened:
            yield replace(opened, sleep=self.sleep)

    def connection(self, house: House) -> Connection:
        with house.database.transaction() as tx:
            return connection(tx, self.name)

    def pull(self, house: House) -> Pulled:
        def reading(part: str) -> None:
            self.reading = part
            self.before()

        return pull(house, self.connection(house), reading)

    def rewind(self, house: House, days: int) -> None:
        """All of the last days is wanted, as of a first pull."""
        made, begin = self.connection(house), begin_at((self.moment - timedelta(days=days)).date())
        wanted = [(each, at) for each in source(self.name).streams for at in places_of(house, made, each)]
        with house.database.transaction() as tx:
            for stream, place in wanted:
                move_cursor(tx, made.id, place, stream.name, "" if stream.is_reference else begin)

    def told(self) -> bytes:
        """Everything that lies on the shelf of the stand-in."""
        return b"".join(_bodies(self.folder))

    def kept(self, house: House) -> list[str]:
        """The facts that are there now with their money, in an order of their own."""
        with house.database.transaction() as tx:
            found = facts(tx, self.connection(house).id)
            return sorted(f"{each.stream} {each.source_id} {each.problems} {each.buckets}" for each in found)

    def named(self, house: House) -> list[tuple[str, str]]:
        """Stream and name of each fact that is there now."""
        with house.database.transaction() as tx:
            return [(each.stream, each.source_id) for each in facts(tx, self.connection(house).id)]

    def found_by_another(self, days: int = DAYS) -> list[str]:
        """What a house that was just connected finds, without any accident."""
        shutil.copytree(_connected(self.name) / "data", self.folder / "another", dirs_exist_ok=True)
        with self.house("another") as house:
            self.rewind(house, days)
            self.pull(house)
            return self.kept(house)


class Acts(Protocol):
    """What may happen at a shop: `tests/sources/NAME/acts.py`. `add` trades under a name, now; `disagree` makes a
    record fail an identity of its own, `surprise` puts a word into another that its provider never had. Each of these
    two gives what ends the business key of the period that must wait. `garble` makes a record one that cannot be read,
    and gives its id and its day."""

    def add(self, shelf: Shelf, name: str, now: datetime) -> None: ...

    def disagree(self, shelf: Shelf) -> str: ...

    def surprise(self, shelf: Shelf) -> str: ...

    def garble(self, shelf: Shelf) -> tuple[str, str]: ...


def acts(name: str) -> Acts:
    found: Acts = import_module(f"tests.sources.{name}.acts")
    return found


@contextmanager
def stand_in(name: str, folder: Path) -> Iterator[Stand]:
    """The stand-in of a source with its month, and a house in `folder` that is connected to it and has nothing yet."""
    shutil.copytree(_connected(name), folder, dirs_exist_ok=True)
    with _open(name, folder) as stand:
        yield stand


def connect_to(stand: Stand, house: House) -> Connection:
    module = shop_module(stand.name)
    token = OAuthDesk(stand.shelf, module.oauth_rules(stand.shelf), stand.now).issue_personal_token()
    account = getattr(module, "ACCOUNT", "")
    wanted = Wanted(organisation="Main", provider=stand.name, base_url=f"http://{PLACE}", account=account)
    made = connect(house, wanted, Grant(access_token=token))
    with house.database.transaction() as tx:
        for place in locations(tx, made.id):
            if not place.zone:
                set_location(tx, made.id, place.source_id, zone=ZONE)
    return made


@contextmanager
def killed_at(page: int) -> Iterator[None]:
    """The process is gone when that page of a pull arrives."""
    pages = count(1)

    def die() -> None:
        if next(pages) == page:
            raise Died

    with at_each_page(die):
        yield


@contextmanager
def at_each_page(then: Callable[[], None]) -> Iterator[None]:
    """Something happens when a page of a pull has arrived, before it is kept."""
    faults.arm(lambda point: then() if point == "fetch.page_received" else None)
    try:
        yield
    finally:
        faults.arm(None)


class Died(BaseException):
    """The process is gone."""


class SmallPages:
    """An application whose pages are as small as its stand wants them."""

    def __init__(self, app: ASGIApp, stand: Stand) -> None:
        self._app, self._stand = app, stand

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def heard() -> Message:
            message = await receive()
            return {**message, "body": self._few(message.get("body", b""))}

        await self._app({**scope, "query_string": self._few(scope["query_string"])}, heard, send)

    def _few(self, asked: bytes) -> bytes:
        return _ASKED.sub(rb"\g<1>%d" % self._stand.a_page, asked) if self._stand.a_page else asked


@contextmanager
def _open(name: str, folder: Path) -> Iterator[Stand]:
    with QuickShelf(folder / "shop") as shelf:
        fill(name, shelf)
        stand = Stand(name=name, folder=folder, shelf=shelf, moment=_newest(folder) + timedelta(days=1))
        app = getattr(shop_module(name), f"{name}_app")(shelf, faults=stand.faults, clock=stand.now)
        stand.wire = Wire(houses={PLACE: SmallPages(app, stand)}, at=stand.heard)
        with in_process(stand.wire):
            yield stand


def fill(name: str, shelf: Shelf) -> None:
    """A shop of a few days where its stand-in has one, else a month."""
    module = shop_module(name)
    getattr(module, "fill_few", module.fill)(shelf)


def _newest(folder: Path) -> datetime:
    """The last moment that anything on the shelf tells of."""
    moments = [each.decode() for body in _bodies(folder) for each in _MOMENT.findall(body)]
    return max(datetime.fromisoformat(each) for each in moments).astimezone(UTC)


def _bodies(folder: Path) -> list[bytes]:
    with closing(sqlite3.connect(folder / "shop")) as file:
        return [body for (body,) in file.execute("SELECT body FROM body WHERE kind <> 'oauth_token'")]


@lru_cache
def _connected(name: str) -> Path:
    folder = Path(_kept().name) / name
    folder.mkdir()
    with _open(name, folder) as stand, stand.house() as house:
        connect_to(stand, house)
        stand.rewind(house, DAYS)
    return folder


@lru_cache
def _kept() -> TemporaryDirectory[str]:
    return TemporaryDirectory()
