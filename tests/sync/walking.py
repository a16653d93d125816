"""The whole way in one call, against the stand-ins: connect, pull, join, journalize, post."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import requests

from connector.sandbox.square_weekend import fill
from connector.sandbox.town import Town, open_town
from connector.settings import Settings
from connector.store.account_maps import keep_map
from connector.sync.accounts import open_accounts
from connector.sync.connect import Wanted, connect, join
from connector.sync.house import House
from connector.sync.journalize import journalize
from connector.sync.post import Posted, post
from connector.sync.pull import pull, pull_file
from connector.transport.oauth import Grant
from tests.opened import house as open_house
from tests.postgresql import address_in

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MAP = "slots: {bank: Checking, service_charge: Square Service Charge Income}\n"
REALM = "9341452000000001"
SETTLEMENT = Path(__file__).parents[1] / "stories" / "c_settlement_over_a_month_end" / "given" / "settlement.txt"


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    (folder / "sandbox").mkdir(exist_ok=True)
    with open_town(folder / "sandbox", clock=lambda: NOW) as opened:
        fill(opened.square.shelf)
        yield opened


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """The house at noon; whoever would wait there does not."""
    settings = Settings(home=folder / "data", database=address_in(folder), settle_seconds=0)
    with open_house(settings, lambda: NOW) as opened:
        yield replace(opened, sleep=lambda seconds: None)


def connected(house: House, town: Town, *targets: str) -> None:
    """Square, Amazon and the targets, by personal token, and a feed from each source into each target."""
    square = Wanted(organisation="Main Street", provider="square", base_url=town.square.base_url)
    sources = {
        "square": connect(house, square, Grant(access_token=town.personal_token("square"))),
        "amazon": connect(house, Wanted(organisation="Main Street", provider="amazon"), None),
    }
    for target in targets:
        at, account = (town.xero, "") if target == "xero" else (town.quickbooks, REALM)
        token = town.personal_token("xero") if target == "xero" else town.personal_token("quickbooks")
        wanted = Wanted(organisation="Main Street", provider=target, base_url=at.base_url, account=account)
        books = connect(house, wanted, Grant(access_token=token))
        for source in sources.values():
            feed = join(house, f"{source.name}-{target}", source, books, "clearing")
            with house.database.transaction() as tx:
                keep_map(tx, feed.id, MAP)


def walked(house: House, *, accounts: bool = True) -> dict[str, Posted]:
    """Everything that a run does once it is connected; gives what was posted, by target."""
    from connector.store.feeds import connection, feeds

    with house.database.transaction() as tx:
        square, amazon, all_feeds = connection(tx, "square"), connection(tx, "amazon"), feeds(tx)
    pull(house, square)
    pull_file(house, amazon, SETTLEMENT)
    for feed in all_feeds:
        if accounts:
            open_accounts(house, feed)
        journalize(house, feed)
    targets = {feed.target.name: feed.target for feed in all_feeds}
    return {name: post(house, target) for name, target in targets.items()}


def documents_in(base_url: str) -> list[tuple[str, str, str]]:
    """The stand-in's own list: (kind, mark, total) of each document in its books."""
    answer = requests.get(f"{base_url}/_sandbox/documents", timeout=10)
    return sorted((each["kind"], each["mark"], str(each["total"])) for each in answer.json())


def balances_in(base_url: str) -> dict[str, int]:
    answer = requests.get(f"{base_url}/_sandbox/trial-balance", timeout=10)
    return {name: int(minor) for name, minor in answer.json().items()}
