"""Five merchants, a source each, all by their stand-ins: four into books of one QuickBooks stand-in, and one, in
London, into Xero's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from connector.sandbox.amazon_chain import AMERICAN
from connector.sandbox.amazon_seller import report
from connector.sandbox.faults import Faults
from connector.sandbox.inprocess import Wire, in_process
from connector.sandbox.loyverse import loyverse_app
from connector.sandbox.oauth import OAuthDesk
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_weekend import fill as fill_square
from connector.sandbox.town import House as Stall
from connector.sandbox.town import Town, open_town, shop_module
from connector.store.account_maps import keep_map
from connector.store.feeds import Connection, Feed, feeds, locations, set_location
from connector.sync.accounts import open_accounts
from connector.sync.connect import Wanted, connect, join
from connector.sync.house import House
from connector.sync.pull import pull
from connector.transport.oauth import Grant
from tests.sync.kiosk import LAST, settle_in_london
from tests.sync.kiosk import fill as fill_kiosk
from tests.sync.walking import NOW, REALM, SETTLEMENT

TILLS = ("square", "lightspeed", "loyverse", "dash")
SHOPS = (*TILLS, "amazon")
TWIN = "twin"  # a second feed into the kiosk's books, of a till that takes the same sales


@contextmanager
def street() -> Iterator[Town]:
    """The stand-ins with goods in the shops."""
    wire = Wire(houses={})
    with in_process(wire), open_town(None, clock=lambda: NOW, shops=SHOPS, ports=wire) as town:
        town.open_currencies()
        settle_in_london(wire, town.xero, lambda: NOW)
        for name in TILLS:
            fill = {"square": fill_square, "loyverse": fill_kiosk}.get(name) or shop_module(name).fill
            fill(town.houses[name].shelf)
        _report(town.houses["amazon"].shelf)
        with Shelf(Path(":memory:")) as shelf:
            fill_kiosk(shelf, "Thames Kiosk (old till)", first=LAST - 3)
            twin = Stall(port=7099, shelf=shelf, faults=Faults())
            wire.houses["127.0.0.1:7099"] = loyverse_app(shelf, faults=twin.faults, clock=lambda: NOW)
            yield Town({**town.houses, TWIN: twin}, lambda: NOW, ExitStack())


def _report(shelf: Shelf) -> None:
    """One settlement, made yesterday: Amazon lists reports for 90 days only."""
    report(shelf, AMERICAN[0], NOW - timedelta(days=1), write=lambda plan: SETTLEMENT.read_bytes())


def moved_in(house: House, town: Town, decided: dict[str, str]) -> list[Feed]:
    """Every merchant connected, its takings pulled, its map decided, its accounts open; nothing is posted."""
    for name in (*SHOPS, TWIN):
        source, provider = _taken_in(house, town, name), provider_of(name)
        books = Wanted(
            organisation=f"The {_shop(name)} shop",
            provider=provider,
            base_url=books_of(town, name).base_url,
            account="" if provider == "xero" else REALM,
            name=f"books of {_shop(name)}",
        )
        grant = Grant(access_token=town.personal_token(provider))
        feed = join(house, name, source, connect(house, books, grant), "clearing")
        with house.database.transaction() as tx:
            keep_map(tx, feed.id, decided[name])
        open_accounts(house, feed)
    with house.database.transaction() as tx:
        return feeds(tx)


def _shop(name: str) -> str:
    return "loyverse" if name == TWIN else name


def provider_of(name: str) -> str:
    """Whose books a merchant keeps."""
    return "xero" if _shop(name) == "loyverse" else "quickbooks"


def books_of(town: Town, name: str) -> Stall:
    """The stand-in of a merchant's books."""
    return town.houses[provider_of(name)]


def _taken_in(house: House, town: Town, name: str) -> Connection:
    wanted = Wanted(
        organisation=f"The {_shop(name)} shop",
        provider=_shop(name),
        name=name,
        base_url=town.houses[name].base_url,
        account=getattr(shop_module(_shop(name)), "ACCOUNT", ""),
    )
    desk = OAuthDesk(town.houses[name].shelf, shop_module(_shop(name)).oauth_rules(town.houses[name].shelf), house.now)
    source = connect(house, wanted, Grant(access_token=desk.issue_personal_token()))
    if _shop(name) in TILLS:
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
