"""`connector serve`: the web endpoints."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import now, plain_errors

if TYPE_CHECKING:
    from connector.settings import Settings

PORT = 8300


def serve(
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 for every network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = PORT,
) -> None:
    """Serves the pages, webhooks, health and figures until it is told to stop (Ctrl-C, SIGTERM)."""
    import os

    from connector.bootstrap import web_head
    from connector.cli.logs import json_logs
    from connector.settings import read_settings
    from connector.web.server import bound, run

    with plain_errors():
        settings = read_settings(os.environ)
        json_logs(_secrets(settings))
        # uvicorn hands SIGTERM on when it has stopped: from here it ends the process as Ctrl-C does.
        signal.signal(signal.SIGTERM, _leave)
        with bound(host, port) as listener:
            at = listener.getsockname()[1]
            with web_head(settings, now, port=at) as application:
                typer.echo(f"Connector serves {application.state.base_url}", err=True)
                run(application, listener)


def _leave(number: int, frame: object) -> None:
    raise SystemExit(0)


def _secrets(settings: Settings) -> list[str]:
    clients = [secret for _, secret in settings.clients.values()]
    webhooks = [secret for secrets in settings.webhook_secrets.values() for secret in secrets]
    return [settings.key, settings.setup_key, settings.database, *clients, *webhooks]
