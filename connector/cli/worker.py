"""`connector worker` and `connector scheduler`: what runs by itself, on machines of its own."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import now, plain_errors

if TYPE_CHECKING:
    from connector.sync.engine import Engine
    from connector.sync.house import House

DRAIN_SECONDS = 30


def worker(
    slots: Annotated[int, typer.Option(min=1, max=64, help="How many jobs of a kind go on at a time.")] = 8,
    drain: Annotated[int, typer.Option(min=0, max=3600, help="Seconds to finish in when stopped.")] = DRAIN_SECONDS,
) -> None:
    """Works until it is told to stop (Ctrl-C, SIGTERM); what is in hand is finished, or handed back to others."""
    from connector.sync.worker import Worker

    with _until_told() as (house, engine, stop):
        typer.echo(f"{house.owner} works, {slots} jobs of a kind at a time.", err=True)
        Worker(house=house, engine=engine, slots=slots, drain_seconds=drain).run(stop)
    sys.stdout.flush()
    os._exit(0)  # what was not finished in time is in the hands of others by now: its threads are not waited for


def scheduler() -> None:
    """Looks for feeds that are due until it is told to stop, and leaves their jobs to workers."""
    from connector.sync.worker import keep_ticking

    with _until_told() as (house, engine, stop):
        typer.echo(f"{house.owner} looks for feeds that are due.", err=True)
        keep_ticking(house, engine, stop)


@contextmanager
def _until_told() -> Iterator[tuple[House, Engine, threading.Event]]:
    """The house and its jobs, and an event that is set by SIGTERM or Ctrl-C."""
    from connector.bootstrap import clock, jobs
    from connector.bootstrap import house as open_house
    from connector.settings import read_settings

    stop = threading.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda number, frame: stop.set())
    with plain_errors():
        settings = read_settings(os.environ)
        with open_house(settings, clock(settings, now)) as house, jobs(settings) as engine:
            yield house, engine, stop
