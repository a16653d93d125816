"""`connector doctor`: what is wrong with the installation, in plain words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import now, print_json

if TYPE_CHECKING:
    from connector.sync.doctor import Checked

WRONG = 3
WORDS = {"good": "good ", "look": "look ", "wrong": "WRONG"}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Looks at the settings, the data folder, the key, the database and every connection. Asks no provider anything.
    Ends with 3 when something is wrong."""
    found = list(_looked())
    if as_json:
        print_json([{"subject": c.subject, "state": c.state, "said": c.said, "fix": c.fix} for c in found])
    else:
        _show(found)
    if any(each.state == "wrong" for each in found):
        raise typer.Exit(WRONG)


def _looked() -> Iterator[Checked]:
    from connector.bootstrap import house
    from connector.errors import ConnectorError
    from connector.settings import Settings, read_settings, with_file
    from connector.sync.doctor import Checked, check_house, check_names

    known = frozenset(re.findall(r"CONNECTOR_[A-Z_]+", Settings.__doc__ or ""))
    try:
        settings = read_settings(os.environ)
        yield from check_names(with_file(os.environ), known)
        with house(settings, now) as ready:
            yield from check_house(ready, settings)
    except ConnectorError as error:
        yield Checked(subject="installation", state="wrong", said=str(error), fix="Mend this first, and ask again.")


def _show(found: list[Checked]) -> None:
    width = max(len(each.subject) for each in found)
    for each in found:
        typer.echo(f"{WORDS[each.state]}  {each.subject:<{width}}  {each.said}")
        if each.fix:
            typer.echo(f"{'':7}{'':<{width}}  → {each.fix}")
    wrong, look = (sum(each.state == state for each in found) for state in ("wrong", "look"))
    typer.echo(f"{wrong} wrong, {look} to look at, {len(found) - wrong - look} good.")
