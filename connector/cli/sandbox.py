"""`connector sandbox`: the stand-ins of Square, QuickBooks and Xero, on this machine, until it is stopped."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.opened import now, print_json


def sandbox(
    folder: Annotated[Path, typer.Option(help="Where the stand-ins keep their books.")] = Path(".sandbox"),
    country: Annotated[str, typer.Option(help="Country of the books: US, GB, AU or CA.")] = "US",
    paced: Annotated[bool, typer.Option(help="Keep the vendors' limits on calls.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Starts the stand-ins, with a weekend of sales in the shop, and says how to reach them."""
    from connector.sandbox.square_weekend import fill
    from connector.sandbox.town import open_town

    folder.mkdir(parents=True, exist_ok=True)
    with open_town(folder, clock=now, country=country, paced=paced) as town:
        fill(town.square.shelf)
        rows = [
            {"provider": "square", "url": town.square.base_url, "token": town.personal_token("square")},
            {"provider": "quickbooks", "url": town.quickbooks.base_url, "token": town.personal_token("quickbooks")},
            {"provider": "xero", "url": town.xero.base_url, "token": town.personal_token("xero")},
        ]
        if as_json:
            print_json(rows)
        for row in rows if not as_json else []:
            typer.echo(f"{row['provider']:<11} {row['url']}  token: {row['token']}")
        typer.echo("Running until Ctrl-C.", err=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            typer.echo("Stopped.", err=True)
