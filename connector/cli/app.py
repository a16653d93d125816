"""The commands by name. Each imports what it needs when it runs, so that plain-file commands start at once."""

from __future__ import annotations

import typer

from connector.cli.connect import connect, disconnect, location
from connector.cli.demo import demo
from connector.cli.explain import explain
from connector.cli.feed import feed_app
from connector.cli.preview import preview
from connector.cli.sandbox import sandbox
from connector.cli.stations import journalize, post, pull
from connector.cli.status import status

app = typer.Typer(
    name="connector",
    help="Takings from tills and marketplaces into QuickBooks and Xero: balanced, posted once, traceable to the sale.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (preview, connect, disconnect, location, pull, journalize, post, explain, status, demo, sandbox):
    app.command()(command)
app.add_typer(feed_app, name="feed")
