"""`connector connect`: paste a token, or give consent on the provider's page."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json

if TYPE_CHECKING:
    from connector.sources.contract import Region
    from connector.sync.connect import Wanted
    from connector.sync.house import House
    from connector.transport.oauth import Grant

CONSENT_SECONDS = 600


def connect(
    provider: Annotated[str, typer.Argument(help="A source (square, amazon, loyverse …) or quickbooks or xero.")],
    organisation: Annotated[str, typer.Option(help="The merchant whose books these are.")] = "My business",
    name: Annotated[str, typer.Option(help="What to call the connection (default: the provider).")] = "",
    url: Annotated[str, typer.Option(help="Another address, such as a stand-in's.")] = "",
    account: Annotated[str, typer.Option(help="The provider's id of the account, where it does not tell.")] = "",
    region: Annotated[
        str, typer.Option("--region", "--marketplace", help="Amazon: where you sell (NA, EU, FE, or Amazon.de, DE …).")
    ] = "",
    token: Annotated[bool, typer.Option("--token", help="Paste a token (it is read from standard input).")] = False,
    files: Annotated[bool, typer.Option("--files", help="No consent: this source will be read from files.")] = False,
    confirm_other_company: Annotated[
        bool,
        typer.Option("--confirm-other-company", help="The name stands for another company: connect both."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Connects a source or a target. Without --token or --files the provider's consent page is opened for you."""
    from connector.sync.connect import Wanted
    from connector.sync.connect import connect as keep
    from connector.sync.consent import placed

    with opened("decide") as house:
        house.sight.need("decide", organisation)
        base_url, there = placed(provider, url or _address(provider), region)
        wanted = Wanted(
            organisation=organisation,
            provider=provider,
            name=name,
            base_url=base_url,
            account=account,
            is_other_confirmed=confirm_other_company,
        )
        grant = None if files else _pasted(house, wanted) if token else _consented(house, wanted, there)
        kept = keep(house, wanted, grant)
    if as_json:
        print_json({"name": kept.name, "provider": kept.provider, "account": kept.external_id, "title": kept.title})
    else:
        typer.echo(f"Connected {kept.name}: {kept.title} ({kept.external_id}) at {kept.provider}.")
        if limits := limits_of(kept.provider):
            typer.echo(limits)


def limits_of(provider: str) -> str:
    """What a source cannot tell, in a sentence; empty for books, and where there is nothing to say."""
    from connector.sources.registry import names, source

    return source(provider).limits if provider in names() else ""


def _address(provider: str) -> str:
    import os

    from connector.settings import read_settings

    return read_settings(os.environ).address(provider)


def _pasted(house: House, wanted: Wanted) -> Grant:
    from connector.sync.consent import pasted_grant

    pasted: str = typer.prompt("Token", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    return pasted_grant(house, wanted, pasted)


def _consented(house: House, wanted: Wanted, region: Region | None) -> Grant | None:
    from connector.sources.registry import names, source
    from connector.sync.consent import page_of
    from connector.transport.callback import wait_for_callback
    from connector.transport.exchange import authorize_url, exchange

    if wanted.provider in names() and source(wanted.provider).consent is None:
        return None
    consent, client = page_of(wanted, region), house.client(wanted.provider)
    with wait_for_callback() as listener:
        pending = authorize_url(consent, client, listener.redirect_uri)
        typer.echo(f"Open this page and agree:\n\n  {pending.url}\n", err=True)
        return exchange(consent, client, pending, listener.wait(CONSENT_SECONDS), house.now)


def disconnect(name: Annotated[str, typer.Argument(help="The name of the connection.")]) -> None:
    """Ends the consent at the provider and forgets its tokens. Records, documents and settings stay."""
    from connector.store.feeds import connection
    from connector.sync.connect import disconnect as end

    with opened("decide") as house:
        with house.database.transaction() as tx:
            found = connection(tx, name)
        end(house, found)
    typer.echo(f"Disconnected {name}. Connect it again and everything goes on where it stopped.")


def location(
    name: Annotated[str, typer.Argument(help="The name of the connection.")],
    place: Annotated[str, typer.Argument(help="The source's id of the place (default: list them).")] = "",
    zone: Annotated[str, typer.Option(help="IANA zone, such as America/New_York.")] = "",
    closes_at: Annotated[
        int | None, typer.Option(min=0, max=11, help="A sale before this hour is the day before's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows the places of a source, or says the zone and the closing hour of one."""
    from connector.cli.preview import check_zone
    from connector.store.feeds import connection, locations, set_location

    with opened("decide" if place else "read") as house, house.database.transaction() as tx:
        check_zone(zone)
        found = connection(tx, name)
        if place:
            set_location(tx, found.id, place, zone=zone, closes_at=closes_at)
        places = locations(tx, found.id)
    rows = [{"id": p.source_id, "name": p.name, "zone": p.zone, "closes_at": p.closes_at} for p in places]
    if as_json:
        print_json(rows)
    for row in rows if not as_json else []:
        typer.echo(f"{row['id']}  {row['name']}  {row['zone'] or 'no zone yet'}  closes at {row['closes_at']}")
