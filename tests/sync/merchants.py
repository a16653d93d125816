"""Five merchants, a source each, all by their stand-ins, into books of one QuickBooks stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from connector.sandbox.amazon_chain import AMERICAN
from connector.sandbox.amazon_seller import report
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_weekend import fill as fill_square
from connector.sandbox.town import Town, shop_module
from connector.store.account_maps import keep_map
from connector.store.feeds import Connection, Feed, feeds, locations, set_location
from connector.sync.accounts import open_accounts
from connector.sync.connect import Wanted, connect, join
from connector.sync.house import House
from connector.sync.pull import pull
from connector.transport.oauth import Grant
from tests.quick import quick_town
from tests.sync.walking import NOW, REALM, SETTLEMENT

TILLS = ("square", "lightspeed", "loyverse", "dash")
SHOPS = (*TILLS, "amazon")


@contextmanager
def street() -> Iterator[Town]:
    """The stand-ins with goods in the shops."""
    with quick_town(lambda: NOW, *SHOPS) as town:
        town.open_currencies("CAD", "GBP", "JPY", "NZD")
        for name in TILLS:
            (fill_square if name == "square" else shop_module(name).fill)(town.houses[name].shelf)
        _report(town.houses["amazon"].shelf)
        yield town


def _report(shelf: Shelf) -> None:
    """One settlement, made yesterday: Amazon lists reports for 90 days only."""
    report(shelf, AMERICAN[0], NOW - timedelta(days=1), write=lambda plan: SETTLEMENT.read_bytes())


def moved_in(house: House, town: Town, decided: dict[str, str]) -> list[Feed]:
    """Every merchant connected, its takings pulled, its map decided, its accounts open; nothing is posted."""
    token = town.personal_token("quickbooks")
    for name in SHOPS:
        source = _taken_in(house, town, name)
        books = Wanted(
            organisation=f"The {name} shop",
            provider="quickbooks",
            base_url=town.quickbooks.base_url,
            account=REALM,
            name=f"books of {name}",
        )
        feed = join(house, name, source, connect(house, books, Grant(access_token=token)), "clearing")
        with house.database.transaction() as tx:
            keep_map(tx, feed.id, decided[name])
        open_accounts(house, feed)
    with house.database.transaction() as tx:
        return feeds(tx)


def _taken_in(house: House, town: Town, name: str) -> Connection:
    wanted = Wanted(
        organisation=f"The {name} shop",
        provider=name,
        base_url=town.houses[name].base_url,
        account=getattr(shop_module(name), "ACCOUNT", ""),
    )
    source = connect(house, wanted, Grant(access_token=town.personal_token(name)))
    if name in TILLS:
        tell_zones(house, source)
    pull(house, source)
    return source


def tell_zones(house: House, source: Connection) -> None:
    """What a till does not know of its places, the owner says."""
    zones = getattr(shop_module(source.provider), "ZONES", {})
    with house.database.transaction() as tx:
        for place in locations(tx, source.id):
            if not place.zone:
                set_location(tx, source.id, place.source_id, zone=zones.get(place.source_id, "UTC"))
