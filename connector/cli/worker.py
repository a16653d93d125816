"""`connector worker`: pulls, journalizes and posts what is due, beside other workers."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Annotated

import typer

from connector.cli.opened import now, plain_errors

DRAIN_SECONDS = 30


def worker(
    slots: Annotated[int, typer.Option(min=1, max=64, help="How many jobs of a kind go on at a time.")] = 8,
    drain: Annotated[int, typer.Option(min=0, max=3600, help="Seconds to finish in when stopped.")] = DRAIN_SECONDS,
) -> None:
    """Works until it is told to stop (Ctrl-C, SIGTERM); what is in hand is finished, or handed back to others."""
    from connector.bootstrap import clock, jobs
    from connector.bootstrap import house as open_house
    from connector.settings import read_settings
    from connector.sync.worker import Worker

    stop = threading.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda number, frame: stop.set())
    with plain_errors():
        settings = read_settings(os.environ)
        with open_house(settings, clock(settings, now)) as house, jobs(settings) as engine:
            typer.echo(f"{house.owner} works, {slots} jobs of a kind at a time.", err=True)
            Worker(house=house, engine=engine, slots=slots, drain_seconds=drain).run(stop)
    sys.stdout.flush()
    os._exit(0)  # what was not finished in time is in the hands of others by now: its threads are not waited for
