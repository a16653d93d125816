"""A world for one seed or one row: a shop, books, and the connector between them, in one folder; nothing sleeps."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from unittest.mock import patch

import requests

from connector import faults
from connector.sandbox.faults import Faults
from connector.sandbox.inprocess import Heard, Wire, in_process
from connector.sandbox.oauth import OAuthDesk
from connector.sandbox.quickbooks import app as quickbooks
from connector.sandbox.quickbooks.company import DEFAULTS as QUICKBOOKS_SETTINGS
from connector.sandbox.quickbooks.company import REALM
from connector.sandbox.settings import Settings
from connector.sandbox.shelf import Shelf
from connector.sandbox.square import oauth_rules, square_app
from connector.sandbox.xero import app as xero
from connector.sandbox.xero.organisation import DEFAULTS as XERO_SETTINGS
from connector.sandbox.xero.organisation import TENANT
from connector.store.account_maps import keep_map
from connector.store.database import Database
from connector.store.feeds import Connection, Feed, feed
from connector.store.vault import vault_from
from connector.sync.accounts import open_accounts
from connector.sync.connect import Wanted, connect, join
from connector.sync.drift import look
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import Posted, post
from connector.sync.pull import pull
from connector.transport.oauth import Client, Grant
from tests.chaos.shop import START, Trade, change, trade
from tests.chaos.weather import Mishap, Weather
from tests.quick import quick_database
from tests.store.given import empty

Books = Literal["quickbooks", "xero"]
PLACES = {"square": "127.0.0.1:7001", "quickbooks": "127.0.0.1:7002", "xero": "127.0.0.1:7003"}
Stage = Literal["new", "connected", "journalized", "posted"]
STAGES: tuple[Stage, ...] = ("new", "connected", "journalized", "posted")

MAP = "slots: {bank: Checking}\n"
FEED = "feed"
SETTLE = timedelta(seconds=300)
TICK = timedelta(minutes=20)
WRITES = {"quickbooks": ("POST", "/journalentry"), "xero": ("PUT", "/api.xro/2.0/")}


class Died(BaseException):
    """The process is gone: nothing that catches errors may catch this."""


@dataclass(slots=True, kw_only=True)
class Clock:
    """The time of a world, moved by hand and by whoever waits."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(microseconds=round(seconds * 1_000_000))


@dataclass(slots=True, kw_only=True)
class World:
    """`hook` hears every fault point and may end the process; `log` is all that happened, in order. Where all is
    pulled at the beginning and nothing changes, `pulls` may be turned off: the last checks then save that time."""

    folder: Path
    books: Books
    clock: Clock
    shelves: dict[str, Shelf]
    weather: dict[str, Weather]
    wire: Wire
    trade: Trade
    changes: int = 0
    pulls: bool = True
    locked: str = ""
    hook: Callable[[str], None] = lambda point: None
    log: list[str] = field(default_factory=list)
    processes: int = 0
    alive: int = 0
    alone: bool = True

    @contextmanager
    def house(self, owner: str = "") -> Iterator[House]:
        """A process that works here; it is gone when this ends."""
        self.processes += 1
        database = quick_database(self.folder)
        self.alive += 1
        faults.arm(self._at)
        try:
            yield self._house(database, owner or f"worker-{self.processes}")
        finally:
            self.alive -= 1
            faults.arm(self._at if self.alive else None)
            database.close()

    def run(self, work: Callable[[House], object] | None = None) -> bool:
        """One run of all stations, or of some work, in a process of its own; True where it died on the way."""
        try:
            with self.house() as house:
                (work or walk)(house)
        except Died:
            self.log.append("died")
            return True
        return False

    def post(self) -> Posted:
        with self.house() as house:
            return post(house, target_of(house))

    def passes(self, **time: int) -> None:
        self.clock.at += timedelta(**time)

    def goes_wrong(self, kind: str, *, at: str = "", **rest: object) -> None:
        """The next write of a document into the books suffers; or the next call `at` another house."""
        method, path = ("", "") if at else WRITES[self.books]
        asked: dict[str, object] = {"kind": kind, "method": method, "path": path, **rest}
        self.weather[at or self.books].waiting.append(Mishap(**asked))  # type: ignore[arg-type]

    def shop_changes(self) -> None:
        self.changes, self.pulls = self.changes + 1, True
        change(self.trade, self.clock())

    def lock(self, until: str) -> None:
        """The books are closed until a day; "" opens them again."""
        self.locked = until
        switch = {"quickbooks": "book_close_date", "xero": "period_lock_date"}[self.books]
        defaults = QUICKBOOKS_SETTINGS if self.books == "quickbooks" else XERO_SETTINGS
        Settings(self.shelves[self.books], defaults).change({switch: until})

    def dies_at(self, point: str, nth: int = 1) -> None:
        """The process ends when it passes that point the nth time; the next one lives."""
        left = [nth]

        def hook(name: str) -> None:
            left[0] -= name == point
            if name == point and left[0] == 0:
                raise Died

        self.hook = hook

    def by_hand(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """A person's own call to the books; it must go well."""
        module = quickbooks if self.books == "quickbooks" else xero
        token = module.desk_for(self.shelves[self.books], self.clock, "").issue_personal_token()
        headers = {"authorization": f"Bearer {token}", "accept": "application/json", "xero-tenant-id": TENANT}
        base = f"/v3/company/{REALM}" if self.books == "quickbooks" else "/api.xro/2.0"
        weather, waiting = self.weather[self.books], self.weather[self.books].waiting[:]
        calm, weather.next_mishap = weather.next_mishap, lambda scope: None
        weather.waiting.clear()
        answer = requests.request(
            method, f"http://{PLACES[self.books]}{base}{path}", json=body, headers=headers, timeout=5
        )
        weather.waiting[:], weather.next_mishap = waiting, calm
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def deletes(self) -> str:
        """The bookkeeper deletes the payout's document; its mark."""
        kind, id_, mark = self._payout()
        if self.books == "xero":
            self.by_hand("POST", f"/{kind}/{id_}", {kind: [{"BankTransactionID": id_, "Status": "DELETED"}]})
        else:
            held = self.by_hand("GET", f"/{kind.lower()}/{id_}")[kind]
            self.by_hand("POST", f"/{kind.lower()}?operation=delete", {"Id": id_, "SyncToken": held["SyncToken"]})
        return mark

    def edits(self, day: str = "2026-03-13") -> str:
        """The bookkeeper moves the payout's document to another day; its mark."""
        kind, id_, mark = self._payout()
        if self.books == "xero":
            self.by_hand("POST", f"/{kind}/{id_}", {kind: [{"BankTransactionID": id_, "Date": day}]})
        else:
            held = self.by_hand("GET", f"/{kind.lower()}/{id_}")[kind]
            self.by_hand("POST", f"/{kind.lower()}", {**held, "TxnDate": day})
        return mark

    def has_one_to_touch(self) -> bool:
        """Whether the bookkeeper finds a document to edit or delete."""
        return bool(self._touchable())

    def _touchable(self) -> list[dict[str, Any]]:
        found = [each for each in self._control("documents") if each["kind"] in ("BankTransactions", "JournalEntry")]
        return [each for each in found if each.get("status") not in ("VOIDED", "DELETED") and each["mark"]]

    def _payout(self) -> tuple[str, str, str]:
        found = self._touchable()
        last = max(found, key=lambda each: (each["date"], each["id"]))
        return last["kind"], last["id"], last["mark"]

    def documents(self) -> list[tuple[str, str, str]]:
        """The books' own list, which is the truth: kind, mark, total of what is live."""
        return sorted(
            (each["kind"], each["mark"], str(each["total"]))
            for each in self._control("documents")
            if each.get("status") not in ("VOIDED", "DELETED")
        )

    def balances(self) -> dict[str, int]:
        """The books' own balances by account, minor units."""
        return {name: int(minor) for name, minor in self._control("trial-balance").items()}

    def writes(self) -> list[Heard]:
        """Every call so far that was to write a record into the books."""
        at = PLACES[self.books]
        return [
            each
            for each in self.wire.heard
            if each.house == at and each.method != "GET" and not each.path.endswith(("/query", "/token", "/bearer"))
        ]

    def _control(self, name: str) -> Any:
        return requests.get(f"http://{PLACES[self.books]}/_sandbox/{name}", timeout=5).json()

    def _at(self, point: str) -> None:
        self.log.append(point)
        self.hook(point)

    def _house(self, database: Database, owner: str) -> House:
        return House(
            database=database,
            vault=vault_from("", self.folder / "sealing.key"),
            now=self.clock,
            client=_client,
            settle=SETTLE,
            owner=owner,
            alone=lambda: self.alone,
            sleep=self.clock.sleep,
        )


def walk(house: House) -> Posted:
    """Everything that a run does once it is connected."""
    found = feed_of(house)
    pull(house, found.source)
    journalize(house, found)
    done = post(house, found.target)
    look(house, found.target)
    return done


def feed_of(house: House) -> Feed:
    with house.database.transaction() as tx:
        return feed(tx, FEED)


def source_of(house: House) -> Connection:
    return feed_of(house).source


def target_of(house: House) -> Connection:
    return feed_of(house).target


@contextmanager
def world(books: Books, folder: Path, stage: Stage = "journalized", *, seed: int = 0) -> Iterator[World]:
    """A world at a stage of its way: connected with nothing traded yet, everything journalized and nothing posted, or
    all posted."""
    if stage != "new":
        shutil.copytree(template(books, stage), folder, dirs_exist_ok=True)
    clock, random_before = Clock(), random.getstate()
    random.seed(seed)
    with ExitStack() as opened:
        shelves = {name: opened.enter_context(QuickShelf(folder / f"{name}.shelf")) for name in ("square", books)}
        apps = {
            "square": square_app(shelves["square"], faults=Faults(), clock=clock),
            books: _books_app(books, shelves[books], clock),
        }
        weather = {name: Weather(app=app, clock=clock) for name, app in apps.items()}
        log: list[str] = []
        made = World(
            folder=folder,
            books=books,
            clock=clock,
            shelves=shelves,
            weather=weather,
            wire=Wire(houses={PLACES[name]: each for name, each in weather.items()}, at=faults.fault_point),
            trade=_trade(shelves["square"]),
            log=log,
        )
        opened.enter_context(in_process(made.wire))
        for books_posting in ("quickbooks", "xero"):  # one call after the other, or a seed would not do the same twice
            opened.enter_context(patch(f"connector.targets.{books_posting}.posting.AT_ONCE", 1))
        try:
            yield made
        finally:
            random.setstate(random_before)


@lru_cache
def template(books: Books, stage: Stage) -> Path:
    """The folder of a world at that stage, to be copied."""
    folder = Path(_kept().name) / f"{books}-{stage}"
    before = STAGES[STAGES.index(stage) - 1]
    if before == "new":
        folder.mkdir()
        (folder / "connector.db").write_bytes(empty())
    if stage == "connected":
        _open_accounts(books, folder)
    with world(books, folder, before) as made, made.house() as house:
        if stage == "connected":
            _connect(made, house)
        if stage == "journalized":
            pull(house, source_of(house))
            journalize(house, feed_of(house))
        if stage == "posted":
            walk(house)
    return folder


@lru_cache
def _kept() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="chaos-")


class QuickShelf(Shelf):
    """A shelf that does not wait for the disk: no power is cut here."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._connection.execute("PRAGMA synchronous = OFF")


def _connect(made: World, house: House) -> None:
    tokens = {"square": OAuthDesk(made.shelves["square"], oauth_rules(made.shelves["square"]), made.clock)}
    module = quickbooks if made.books == "quickbooks" else xero
    tokens[made.books] = module.desk_for(made.shelves[made.books], made.clock, "")
    ends = []
    for name, desk in tokens.items():
        account = REALM if name == "quickbooks" else ""
        wanted = Wanted(organisation="Main", provider=name, base_url=f"http://{PLACES[name]}", account=account)
        ends.append(connect(house, wanted, Grant(access_token=desk.issue_personal_token())))
    found = join(house, FEED, ends[0], ends[1], "clearing")
    with house.database.transaction() as tx:
        keep_map(tx, found.id, MAP)


def _open_accounts(books: Books, folder: Path) -> None:
    """The books get the accounts that will be needed; which ones they are shows what is pulled, elsewhere."""
    with world(books, folder, "new") as made, made.house() as house:
        _connect(made, house)
        made.shop_changes()
        pull(house, source_of(house))
        open_accounts(house, feed_of(house))
    (folder / "square.shelf").unlink()
    (folder / "connector.db").write_bytes(empty())


def _trade(shelf: Shelf) -> Trade:
    """The trade of this shelf; where it was made before, it is told again."""
    if not shelf.all("square-order"):
        return trade(shelf)
    with TemporaryDirectory() as elsewhere, QuickShelf(Path(elsewhere) / "again") as again:
        told = trade(again)
    return Trade(shop=type(told.shop)(shelf, told.shop.place, prefix="LATER"), tipped_later=told.tipped_later)


def _books_app(books: Books, shelf: Shelf, clock: Clock):  # type: ignore[no-untyped-def]
    if books == "quickbooks":
        _lift_limits(shelf, QUICKBOOKS_SETTINGS)
        return quickbooks.quickbooks_app(shelf, faults=Faults(), clock=clock)
    _lift_limits(shelf, XERO_SETTINGS)
    return xero.xero_app(shelf, faults=Faults(), clock=clock)


def _lift_limits(shelf: Shelf, defaults) -> None:  # type: ignore[no-untyped-def]
    Settings(shelf, defaults).change({name: 0 for name in defaults if name.startswith("calls_per_")})


def _client(provider: str) -> Client:
    module = {"quickbooks": quickbooks, "xero": xero}[provider]
    return Client(client_id=module.CLIENT_ID, client_secret=module.CLIENT_SECRET)
