"""`connector demo`: real takings all the way into stand-ins of both books, on this machine, without any account."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.connect import limits_of
from connector.cli.opened import now, opened, print_json

if TYPE_CHECKING:
    from connector.sandbox.town import Town
    from connector.settings import Settings
    from connector.store.feeds import Connection, Feed
    from connector.sync.house import House
    from connector.sync.post import Posted

ORGANISATION = "Main Street Trading"
BOOKS = ("quickbooks", "xero")
MAP = """\
slots:
  bank: Checking
"""
DECIDED = {
    "square": "  service_charge: Square Service Charge Income\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """What a demo shows: the shops that have a stand-in, and whether a settlement file goes with them."""

    shops: tuple[str, ...]
    with_settlement: bool
    folder: Path


def demo(
    source: Annotated[str, typer.Option(help="One source's month, instead of the Square weekend and the file.")] = "",
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its data and the stand-ins their books.")] = Path(
        ".demo"
    ),
    afresh: Annotated[bool, typer.Option(help="Forget an earlier demo first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """An Amazon settlement that crosses a month end and a Square weekend, pulled, journalized, posted into QuickBooks
    and Xero, and read back. Run it twice: the second time nothing is posted."""
    from connector.cli.opened import plain_errors

    with plain_errors():
        show = _show(source, folder)
    if afresh:
        shutil.rmtree(show.folder, ignore_errors=True)
    (show.folder / "sandbox").mkdir(parents=True, exist_ok=True)
    done = _run(show, as_json)
    posted = sum(each.posted + each.adopted for each in done.values())
    if not as_json:
        typer.echo(f"{posted} posted." + (" Nothing was new: nothing was posted twice." if not posted else ""))
        typer.echo("Next: run it again, or follow a number back with the mark of a document:")
        typer.echo(f"  CONNECTOR_HOME={show.folder / 'data'} .venv/bin/connector explain MARK")


def _show(source: str, folder: Path) -> Show:
    from importlib.util import find_spec

    from connector.errors import Unreadable

    if not source:
        return Show(shops=("square",), with_settlement=True, folder=folder)
    if find_spec(f"connector.sandbox.{source}") is None or source in BOOKS:
        raise Unreadable(f"There is no demo of {source!r}; leave --source out for Square and Amazon.")
    return Show(shops=(source,), with_settlement=False, folder=folder / source)


def _run(show: Show, as_json: bool) -> dict[str, Posted]:
    from connector.cli.demo_shown import as_data, show_all
    from connector.sandbox.town import open_town
    from connector.sync.post import post

    with open_town(show.folder / "sandbox", clock=now, shops=show.shops) as town:
        _stock(town, show)
        with opened("own", _settings(town, show)) as house:
            connections = _connections(house, town, show)
            pulled = _pull(house, connections, show)
            feeds, created = _feeds(house, connections)
            _journalize(house, feeds)
            done = {name: post(house, connections[name]) for name in BOOKS}
            if as_json:
                print_json(as_data(house, feeds, done))
            else:
                show_all(house, feeds, [*pulled, *created])
    return done


def _settings(town: Town, show: Show) -> Settings:
    from connector.settings import Settings

    providers = (*show.shops, *BOOKS)
    return Settings(
        home=show.folder / "data",
        addresses={name: town.houses[name].base_url for name in providers},
        clients={name: town.client(name) for name in providers},
        applications={name: town.application(name) for name in providers},
        settle_seconds=0,  # the stand-ins act at once or not at all
    )


def _stock(town: Town, show: Show) -> None:
    """Goods in the shops, and books that take the currencies they sell in."""
    from connector.sandbox.amazon_settlement import write_settlement
    from connector.sandbox.square_weekend import fill
    from connector.sandbox.town import shop_module

    town.open_currencies("CAD", "GBP", "JPY", "NZD")
    for name in show.shops:
        stock = fill if show.with_settlement else shop_module(name).fill
        stock(town.houses[name].shelf)
    if show.with_settlement:
        write_settlement(show.folder / "settlement.txt")


def _connections(house: House, town: Town, show: Show) -> dict[str, Connection]:
    names = (*show.shops, *BOOKS)
    found = {name: _connected(house, name, town.houses[name].base_url) for name in names}
    if show.with_settlement:
        found["amazon"] = _connected(house, "amazon", "")
    _tell_zones(house, [found[name] for name in show.shops])
    return found


def _connected(house: House, provider: str, address: str) -> Connection:
    """Consent by OAuth at the stand-in, with the owner's part played by a visitor that agrees."""
    from connector.sandbox.visitor import agree
    from connector.sync.connect import Wanted, connect, consent_of
    from connector.transport.callback import wait_for_callback
    from connector.transport.exchange import authorize_url, exchange

    wanted = Wanted(organisation=ORGANISATION, provider=provider, base_url=address)
    if not address:
        return connect(house, wanted, None)
    consent, client = consent_of(provider, address), house.client(provider)
    with wait_for_callback() as listener:
        pending = authorize_url(consent, client, listener.redirect_uri)
        agree(pending.url)
        grant = exchange(consent, client, pending, listener.wait(30), house.now)
    return connect(house, wanted, grant)


def _tell_zones(house: House, connections: Sequence[Connection]) -> None:
    """Where a source does not tell the zone of a place, the owner does; here it is the stand-in's own."""
    from connector.sandbox.town import shop_module
    from connector.store.feeds import locations, set_location

    with house.database.transaction() as tx:
        for connection in connections:
            zones = getattr(shop_module(connection.provider), "ZONES", {})
            for place in locations(tx, connection.id):
                if not place.zone:
                    set_location(tx, connection.id, place.source_id, zone=zones.get(place.source_id, "UTC"))


def _pull(house: House, connections: dict[str, Connection], show: Show) -> list[str]:
    from connector.sync.pull import pull, pull_file

    done = {name: pull(house, connections[name]) for name in show.shops}
    if show.with_settlement:
        done["amazon"] = pull_file(house, connections["amazon"], show.folder / "settlement.txt")
    told = [f"{connections[name].title}: {each.seen} records seen, {each.new} new" for name, each in done.items()]
    return [*told, *(limits for name in done if (limits := limits_of(name)))]


def _feeds(house: House, connections: dict[str, Connection]) -> tuple[list[Feed], list[str]]:
    from connector.store.account_maps import keep_map, note_decided
    from connector.sync.accounts import open_accounts
    from connector.sync.connect import join
    from connector.sync.setup import begin_afresh

    feeds, told = [], []
    for source in (name for name in connections if name not in BOOKS):
        for books in BOOKS:
            feed = join(house, f"{source}-{books}", connections[source], connections[books], "clearing")
            begin_afresh(house, feed, author="demo")
            with house.database.transaction() as tx:
                number = keep_map(tx, feed.id, MAP + DECIDED.get(source, ""), author="demo", reason="as the demo shows")
                note_decided(tx, feed.id, number, house.now())
            created = open_accounts(house, feed)
            if created:
                told.append(f"{books}: created {', '.join(account.name for account in created)}")
            feeds.append(feed)
    return feeds, told


def _journalize(house: House, feeds: Sequence[Feed]) -> None:
    from connector.sync.journalize import journalize

    for feed in feeds:
        journalize(house, feed)
