"""What most commands begin with: the house opened from the environment, and errors said in one sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from connector.settings import Settings
    from connector.sync.house import House

WRONG_INPUT, FAILED = 2, 1


def now() -> datetime:
    """The time; only the outermost floors ask for it."""
    return datetime.now(UTC)


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[House]:
    """The house over CONNECTOR_HOME."""
    from connector.bootstrap import house
    from connector.settings import read_settings

    with plain_errors(), house(settings or read_settings(os.environ), now) as ready:
        yield ready


@contextmanager
def plain_errors() -> Iterator[None]:
    """An error of the house is one sentence on stderr and an exit status: 2 for input, 1 for anything else."""
    from connector.errors import ConnectorError, Unreadable

    try:
        yield
    except ConnectorError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_INPUT if isinstance(error, Unreadable) else FAILED) from None


def print_json(value: object) -> None:
    """Data for another program."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))
