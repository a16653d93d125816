"""A week of a shop on one small box: `connector serve` as a process on SQLite, connected in a browser by the redirects
of OAuth, its clock moved through the days, killed at moments that a seed draws, and started again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from connector.sandbox.faults import Fault, Faults
from connector.sandbox.serving import serve
from connector.sandbox.square_acts import sell_offline
from connector.sandbox.square_payments import Pay
from connector.sandbox.square_payouts import Entry
from connector.sandbox.square_prices import Cart, CartLine, Product
from connector.sandbox.square_shop import Occasion, Sale, Shop
from connector.sandbox.square_weekend import BEANS, CARD, CASH, LATTE, SANDWICH, WINE, main_street
from connector.sandbox.town import Town, open_town
from connector.settings import Settings
from connector.store.account_maps import keep_map
from connector.store.ledger import unconserved
from connector.sync.accounts import open_accounts
from connector.sync.connect import Wanted, connect, join
from connector.sync.journalize import journalize
from connector.sync.post import post
from connector.sync.pull import pull
from connector.transport.oauth import Grant
from tests.cli.running import done, environment, run
from tests.opened import house as open_house
from tests.opened import prepare
from tests.sync.walking import REALM, balances_in
from tests.web.office import BOOKS, SHOPS, Browser, Clock, settings_for

ZONE = ZoneInfo("America/New_York")
BEFORE = [date(2026, 3, 14), date(2026, 3, 15)]
DAYS = [date(2026, 3, 16) + timedelta(days=n) for n in range(7)]
MAP = "slots: {bank: Checking, service_charge: Square Service Charge Income}\n"
SEED = int(os.environ.get("SEED", "7"))
KILLS = 6
SIGNS = {"JournalEntry": 1, "Invoices": 1, "CreditNotes": -1, "BankTransactions": 1}
RESTART = timedelta(minutes=16)  # what a process had claimed when it died is due again by then
PATIENCE = 240.0  # a machine may be busy: nothing is timed, only waited for

Books = Mapping[date, int]
"""By day: what was taken, and what was paid out."""


def test_a_week_runs_by_itself_however_often_it_is_killed(
    tmp_path: Path, bytecode: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with week(tmp_path, bytecode, monkeypatch) as box:
        for day in BEFORE:
            box.trade(day)
        box.start()
        connect_in_a_browser(box.address())
        set_up(tmp_path, monkeypatch, box.environment)
        box.draw()
        for day in DAYS:
            box.trade(day)
            box.move_to(day, 15)  # of a day that is not over nothing is posted
            box.move_to(day, 24 + 5)
            box.until(box.has_posted)
        assert box.kills == KILLS
        box.stop()
        check(box, tmp_path)


@dataclass
class Till:
    """The shop and what it took: the truth that both books are held against."""

    shop: Shop
    taken: dict[date, int] = field(default_factory=dict)
    payouts: dict[date, Sequence[Entry]] = field(default_factory=dict)
    cards: tuple[Sale, ...] = ()

    def trade(self, day: date, *, is_busy: bool) -> None:
        """Cards and cash, the payout of the day before, and now and then a sale that the till sends a day late."""
        if self.cards:
            self._pay_out(day)
        lattes = self.shop.sell(cart(LATTE, 2 + day.day % 3), [CARD], on(day, 8))
        beans = self.shop.sell(cart(BEANS), [CASH], on(day, 12))
        wine = self.shop.sell(cart(WINE), [Pay(kind="CARD", tip=100 * (day.day % 4))], on(day, 20))
        self.cards = (lattes, wine)
        self.taken[day] = sum(each.cart.total for each in (lattes, beans, wine))
        if is_busy:
            before = day - timedelta(days=1)
            late = sell_offline(self.shop, cart(SANDWICH), CASH, taken_at=on(before, 19).at, arrived_at=on(day, 9).at)
            self.taken[before] += late.cart.total

    def _pay_out(self, day: date) -> None:
        entries = self.shop.charges(*self.cards)
        self.shop.payout(entries, at=on(day, 6).at, arrival=day, settled_at=on(day, 7).at)
        self.payouts[day] = entries

    def truth(self, name: str) -> Books:
        """QuickBooks' journal of a payout holds the fees too, Xero's bank transaction is what arrived."""
        found = Counter(self.taken)
        for day, entries in self.payouts.items():
            found[day] += sum(each.net if name == "xero" else each.gross for each in entries)
        return found


@dataclass
class Box:
    """The machine: the process, the clock it follows, and who pulls its plug at the nth sign of life."""

    folder: Path
    town: Town
    till: Till
    environment: dict[str, str]
    random: random.Random
    clock: Clock
    kills: int = 0
    countdown: int = 0
    process: subprocess.Popen[bytes] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def trade(self, day: date) -> None:
        self.till.trade(day, is_busy=day in (DAYS[2], DAYS[5]))

    def move_to(self, day: date, hour: int) -> None:
        self.clock.at = max(self.clock.at, on(day, 0).at + timedelta(hours=hour))

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        words = [sys.executable, "-m", "connector", "serve", "--port", "0"]
        self.process = subprocess.Popen(words, stderr=log, env=self.environment, cwd=Path(__file__).parents[2])
        log.close()

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(60) == 0, self.log()
            self.process = None

    def address(self) -> str:
        self.until(lambda: "Connector serves" in self.log())
        return next(line.split()[-1] for line in self.log().splitlines() if line.startswith("Connector serves"))

    def alive(self) -> None:
        """A sign of life: a call to a stand-in, or a look at the clock. The drawn one is the last."""
        with self.lock:
            self.countdown -= 1
            if self.countdown == 0 and self.process is not None:
                self.process.kill()

    def draw(self) -> None:
        with self.lock:
            self.countdown = self.random.randint(1, 45) if self.kills < KILLS else 0

    def until(self, holds: Callable[[], bool]) -> None:
        """Waits for something that must come true, and starts the process again each time it was killed."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if self.process is not None and self.process.poll() is not None:
                assert self.process.returncode == -signal.SIGKILL, self.log()
                self.kills += 1
                self.clock.at += RESTART
                self.start()
                self.draw()
            assert time.monotonic() < end, f"{run('runs').out}\n{run('status').out}\n{self.log()[-4000:]}"
            time.sleep(0.4)

    def has_posted(self) -> bool:
        """Whether both books hold what the till took and what was paid out until now."""
        return all(in_books(self.town, name) == self.till.truth(name) for name in BOOKS)

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@contextmanager
def week(folder: Path, bytecode: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """All stand-ins, a shop that has opened, and a box on which nothing runs yet."""
    clock, late = Clock(on(DAYS[0], 5).at), list[Box]()

    async def tell(request: Request) -> PlainTextResponse:
        late[0].alive()
        return PlainTextResponse(clock().isoformat())

    take = Faults.take

    def heard(self: Faults, method: str, path: str) -> Fault | None:
        for box in late:
            box.alive()
        return take(self, method, path)

    monkeypatch.setattr(Faults, "take", heard)  # each call to any stand-in comes by here
    (folder / "sandbox").mkdir()
    prepare(folder / "home")
    with ExitStack() as opened:
        town = opened.enter_context(open_town(folder / "sandbox", clock=clock, shops=SHOPS))
        told_by = opened.enter_context(serve(Starlette(routes=[Route("/", tell)])))
        box = Box(
            folder=folder,
            town=town,
            till=Till(shop=main_street(town.square.shelf)),
            environment=environment(bytecode) | told(settings_for(town, folder / "home"), told_by.base_url),
            random=random.Random(SEED),
            clock=clock,
        )
        late.append(box)
        try:
            yield box
        finally:
            if box.process is not None:
                box.process.kill()
                box.process.wait()


def told(settings: Settings, clock: str) -> dict[str, str]:
    """The settings as the process is told them."""
    said = {
        "CONNECTOR_HOME": str(settings.home),
        "CONNECTOR_SETTLE_SECONDS": "0",
        "CONNECTOR_TEST_CLOCK": clock,
    }
    said |= {f"CONNECTOR_URL_{name.upper()}": address for name, address in settings.addresses.items()}
    said |= {f"CONNECTOR_APPLICATION_{name.upper()}": known for name, known in settings.applications.items()}
    for name, (client, secret) in settings.clients.items():
        said |= {f"CONNECTOR_CLIENT_{name.upper()}": client, f"CONNECTOR_SECRET_{name.upper()}": secret}
    return said


def connect_in_a_browser(address: str) -> None:
    """By every page that a person sees: consent here, agreement there, the way back, the company by its name."""
    browser = Browser(address)
    for provider in ("square", *BOOKS):
        assert browser.say(browser.connect(provider)).headers["location"] == "/connections"


def set_up(folder: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    """What a newcomer types once; the accounts follow from what was taken on the day before."""
    for name, value in environment.items():
        if name.startswith("CONNECTOR_"):
            monkeypatch.setenv(name, value)
    (folder / "map.yaml").write_text(MAP)
    done("pull", "square")
    for books, kind in (("quickbooks", "daily"), ("xero", "hourly")):
        ends = ("--from", "square", "--to", books, "--map", folder / "map.yaml")
        done("feed", "add", books, *ends, "--fresh-start", "--create-accounts")
        done("schedule", "set", books, "--kind", kind)


def in_books(town: Town, name: str) -> Books:
    found = Counter[date]()
    for each in listed(town, name):
        if each["kind"] in SIGNS:
            found[date.fromisoformat(each["date"])] += SIGNS[each["kind"]] * int(Decimal(str(each["total"])) * 100)
    return found


def listed(town: Town, name: str) -> list[dict[str, str]]:
    """The live documents of a stand-in."""
    answer = requests.get(f"{town.houses[name].base_url}/_sandbox/documents", timeout=10).json()
    return [each for each in answer if each.get("status") not in ("VOIDED", "DELETED")]


def cart(product: Product, quantity: int = 1) -> Cart:
    return Cart(lines=(CartLine(product=product, quantity=Decimal(quantity)),))


def on(day: date, hour: int) -> Occasion:
    return Occasion(at=datetime(day.year, day.month, day.day, hour, tzinfo=ZONE))


def check(box: Box, folder: Path) -> None:
    """No day is missing and nothing doubled, and one run over all of it in other books comes to the same."""
    for name in BOOKS:
        assert in_books(box.town, name) == box.till.truth(name)
        marks = Counter(each["mark"] for each in listed(box.town, name))
        assert [mark for mark, times in marks.items() if times > 1] == []
    with in_one_go(box, folder / "again") as other:
        for name in BOOKS:
            assert balances_in(box.town.houses[name].base_url) == balances_in(other.houses[name].base_url)


@contextmanager
def in_one_go(box: Box, folder: Path) -> Iterator[Town]:
    """The same shop into new books by one run of each station, which nobody disturbs."""
    folder.mkdir()
    settings = Settings(home=folder / "home", settle_seconds=0)
    with open_town(folder, clock=box.clock, shops=()) as town, open_house(settings, box.clock) as house:
        shop = Wanted(organisation="Main Street", provider="square", base_url=box.town.square.base_url)
        source = connect(house, shop, Grant(access_token=box.town.personal_token("square")))
        pull(house, source)
        for name in BOOKS:
            account = REALM if name == "quickbooks" else ""
            base = town.houses[name].base_url
            wanted = Wanted(organisation="Main Street", provider=name, base_url=base, account=account)
            feed = join(house, name, source, connect(house, wanted, Grant(access_token=town.personal_token(name))), "")
            with house.database.transaction() as tx:
                keep_map(tx, feed.id, MAP)
            open_accounts(house, feed)
            journalize(house, feed)
            post(house, feed.target)
            with house.database.transaction() as tx:
                assert not unconserved(tx, feed.id)
        yield town
