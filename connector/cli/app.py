"""The commands by name. Each imports what it needs when it runs, so that plain-file commands start at once."""

from __future__ import annotations

import typer

from connector.cli.adopt import adopt
from connector.cli.audit import audit
from connector.cli.calendar import backfill, calendar
from connector.cli.check import check
from connector.cli.connect import connect, disconnect, location
from connector.cli.db import db_app
from connector.cli.demo import demo
from connector.cli.diff import diff, undo
from connector.cli.doctor import doctor
from connector.cli.drift import drift_app
from connector.cli.erase import erase
from connector.cli.explain import explain
from connector.cli.feed import feed_app
from connector.cli.map import map_app
from connector.cli.map_show import show
from connector.cli.map_suggest import suggest
from connector.cli.notify import notify
from connector.cli.opened import As
from connector.cli.pack import pack_app
from connector.cli.person import person_app
from connector.cli.policy import policy_app
from connector.cli.preview import preview
from connector.cli.queue import queue_app
from connector.cli.reconcile import reconcile_app
from connector.cli.runs import runs_app
from connector.cli.sandbox import sandbox
from connector.cli.schedule import schedule_app
from connector.cli.serve import serve
from connector.cli.setup import setup_app
from connector.cli.stations import journalize, post, pull
from connector.cli.status import status
from connector.cli.worker import scheduler, worker

app = typer.Typer(
    name="connector",
    help="Takings from tills and marketplaces into QuickBooks and Xero: balanced, posted once, traceable to the sale.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
COMMANDS = (
    preview, connect, disconnect, location, pull, backfill, journalize, diff, post, adopt, undo, audit, notify, explain,
    status, calendar, check, demo, sandbox, serve, worker, scheduler, doctor, erase,
)  # fmt: skip


@app.callback()
def main(context: typer.Context, person: As = "") -> None:
    """Takings from tills and marketplaces into QuickBooks and Xero: balanced, posted once, traceable to the sale."""
    context.obj = person


for command in COMMANDS:
    app.command()(command)
app.add_typer(feed_app, name="feed")
app.add_typer(drift_app, name="drift")
app.add_typer(db_app, name="db")
map_app.command("show")(show)
map_app.command("suggest")(suggest)
app.add_typer(map_app, name="map")
app.add_typer(pack_app, name="pack")
app.add_typer(person_app, name="person")
app.add_typer(policy_app, name="policy")
app.add_typer(queue_app, name="queue")
app.add_typer(setup_app, name="setup")
app.add_typer(reconcile_app, name="reconcile")
app.add_typer(schedule_app, name="schedule")
app.add_typer(runs_app, name="runs")
