"""What most commands begin with: the house opened from the environment, and errors said in one sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import click
import typer

if TYPE_CHECKING:
    from connector.domain.person import Right
    from connector.settings import Settings
    from connector.sync.house import House

WRONG_INPUT, FAILED = 2, 1

As = Annotated[str, typer.Option("--as", help="Who works (default: the owner of the installation).")]


def now() -> datetime:
    """The time; only the outermost floors ask for it."""
    return datetime.now(UTC)


@contextmanager
def opened(right: Right, settings: Settings | None = None, *, person: str = "") -> Iterator[House]:
    """The house over CONNECTOR_HOME; without a person of --as, as its owner. A person finds those organisations in it
    in which it may do what the command does: every command says with `right` what that is."""
    from connector.bootstrap import clock, house
    from connector.errors import Unreadable
    from connector.settings import read_settings

    somebody = person or _named_at_the_root()
    with plain_errors():
        known = settings or read_settings(os.environ)
        with house(known, clock(known, now)) as ready:
            seen = ready.seen_by(somebody, right) if somebody else ready
            try:
                yield seen
            except Unreadable as error:  # what was not found may be where the person may less
                raise Unreadable(f"{error}{seen.sight.hint(right)}") from None


@contextmanager
def signed(right: Right, by: str) -> Iterator[House]:
    """The house for what somebody signs with --as NAME: a person does what its role lets it. Where no persons are kept
    the owner works alone, and signs with any name."""
    from connector.store.persons import persons

    with opened(right) as house:
        with house.database.transaction() as tx:
            is_alone = not persons(tx)
        yield house if is_alone else house.seen_by(by, right)


def _named_at_the_root() -> str:
    """The person of `connector --as NAME …`."""
    context = click.get_current_context(silent=True)
    named = context.find_root().obj if context else None
    return named if isinstance(named, str) else ""


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
