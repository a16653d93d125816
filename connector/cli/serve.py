"""`connector serve`: the web endpoints and a worker in one process."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import now, plain_errors

if TYPE_CHECKING:
    from connector.settings import Settings

PORT = 8300


def serve(
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 for every network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = PORT,
    worker: Annotated[bool, typer.Option(help="Also pull, journalize and post here.")] = True,
    scheduler: Annotated[bool, typer.Option(help="Also look here for feeds that are due.")] = True,
) -> None:
    """Runs until it is told to stop (Ctrl-C, SIGTERM); what is in hand is finished first."""
    from connector.bootstrap import clock, web_head
    from connector.cli.logs import json_logs
    from connector.settings import read_settings
    from connector.web.server import bound, run

    with plain_errors():
        settings = read_settings(os.environ)
        json_logs(_secrets(settings))
        signal.signal(signal.SIGTERM, _leave)
        with bound(host, port) as listener:
            at = listener.getsockname()[1]
            time = clock(settings, now)
            with web_head(settings, time, port=at, worker=worker, scheduler=scheduler) as application:
                typer.echo(f"Connector serves {application.state.base_url}", err=True)
                with suppress(SystemExit, KeyboardInterrupt):  # uvicorn hands the signal on when it has stopped
                    run(application, listener)
    sys.stdout.flush()
    os._exit(0)  # what the worker could not finish in time is in the hands of others: its threads are not waited for


def _leave(number: int, frame: object) -> None:
    raise SystemExit(0)


def _secrets(settings: Settings) -> list[str]:
    clients = [secret for _, secret in settings.clients.values()]
    webhooks = [secret for secrets in settings.webhook_secrets.values() for secret in secrets]
    return [settings.key, settings.setup_key, settings.database, *clients, *webhooks]
