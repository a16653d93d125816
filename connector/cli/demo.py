"""`connector demo`: real takings all the way into stand-ins of both books, on this machine, without any account."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import now, opened, print_json

if TYPE_CHECKING:
    from connector.sandbox.town import Town
    from connector.settings import Settings
    from connector.store.feeds import Connection, Feed
    from connector.sync.house import House
    from connector.sync.post import Posted

ORGANISATION = "Main Street Trading"
MAP = """\
slots:
  bank: Checking
"""
SQUARE_MAP = MAP + "  service_charge: Square Service Charge Income\n"
FEEDS = (
    ("square-quickbooks", "square", "quickbooks", SQUARE_MAP),
    ("square-xero", "square", "xero", SQUARE_MAP),
    ("amazon-quickbooks", "amazon", "quickbooks", MAP),
    ("amazon-xero", "amazon", "xero", MAP),
)


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its data and the stand-ins their books.")] = Path(
        ".demo"
    ),
    afresh: Annotated[bool, typer.Option(help="Forget an earlier demo first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """An Amazon settlement that crosses a month end and a Square weekend, pulled, journalized, posted into QuickBooks
    and Xero, and read back. Run it twice: the second time nothing is posted."""
    from connector.sandbox.town import open_town

    if afresh:
        shutil.rmtree(folder, ignore_errors=True)
    (folder / "sandbox").mkdir(parents=True, exist_ok=True)
    with open_town(folder / "sandbox", clock=now) as town:
        _stock(town, folder)
        with opened(_settings(town, folder)) as house:
            done = _walk(house, town, folder, as_json)
    posted = sum(each.posted + each.adopted for each in done.values())
    if not as_json:
        typer.echo(f"{posted} posted." + (" Nothing was new: nothing was posted twice." if not posted else ""))
        typer.echo("Next: make demo again, or follow a number back with the mark of a document:")
        typer.echo(f"  CONNECTOR_HOME={folder / 'data'} .venv/bin/connector explain MARK")


def _settings(town: Town, folder: Path) -> Settings:
    from connector.sandbox.quickbooks import app as quickbooks
    from connector.sandbox.square import CLIENT_ID, CLIENT_SECRET
    from connector.sandbox.xero import app as xero
    from connector.settings import Settings

    return Settings(
        home=folder / "data",
        addresses={
            "square": town.square.base_url,
            "quickbooks": town.quickbooks.base_url,
            "xero": town.xero.base_url,
        },
        clients={
            "square": (CLIENT_ID, CLIENT_SECRET),
            "quickbooks": (quickbooks.CLIENT_ID, quickbooks.CLIENT_SECRET),
            "xero": (xero.CLIENT_ID, xero.CLIENT_SECRET),
        },
        settle_seconds=0,  # the stand-ins act at once or not at all
    )


def _stock(town: Town, folder: Path) -> None:
    from connector.sandbox.amazon_settlement import write_settlement
    from connector.sandbox.square_weekend import fill

    fill(town.square.shelf)
    write_settlement(folder / "settlement.txt")


def _walk(house: House, town: Town, folder: Path, as_json: bool) -> dict[str, Posted]:
    from connector.cli.demo_shown import as_data, show
    from connector.sync.post import post

    addresses = {"square": town.square.base_url, "quickbooks": town.quickbooks.base_url, "xero": town.xero.base_url}
    connections = {name: _connected(house, name, address) for name, address in addresses.items()}
    connections["amazon"] = _connected(house, "amazon", "")
    pulled = _pull(house, connections, folder / "settlement.txt")
    feeds, created = _feeds(house, connections)
    _journalize(house, feeds)
    done = {name: post(house, connections[name]) for name in ("quickbooks", "xero")}
    if as_json:
        print_json(as_data(house, feeds, done))
    else:
        show(house, feeds, [*pulled, *created])
    return done


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


def _pull(house: House, connections: dict[str, Connection], settlement: Path) -> list[str]:
    from connector.sync.pull import pull, pull_file

    square, amazon = pull(house, connections["square"]), pull_file(house, connections["amazon"], settlement)
    return [
        f"Square: {square.seen} records seen, {square.new} new",
        f"Amazon: {amazon.seen} settlement file seen, {amazon.new} new",
    ]


def _feeds(house: House, connections: dict[str, Connection]) -> tuple[list[Feed], list[str]]:
    from connector.store.account_maps import keep_map
    from connector.sync.accounts import open_accounts
    from connector.sync.connect import join

    feeds, told = [], []
    for name, source, target, account_map in FEEDS:
        feed = join(house, name, connections[source], connections[target], "clearing")
        with house.database.transaction() as tx:
            keep_map(tx, feed.id, account_map, author="demo")
        created = open_accounts(house, feed)
        if created:
            told.append(f"{feed.target.title}: created {', '.join(account.name for account in created)}")
        feeds.append(feed)
    return feeds, told


def _journalize(house: House, feeds: Sequence[Feed]) -> None:
    from connector.sync.journalize import journalize

    for feed in feeds:
        journalize(house, feed)
