"""`connector check`: whether everything holds that must hold at any time."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli.opened import opened, print_json

BROKEN = 4


def check(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Asks the database for every rule that must hold. Ends with 4 where one is broken: nothing is sent there."""
    from connector.store.feeds import connections
    from connector.store.invariants import ALARMS
    from connector.sync.check import MEANS
    from connector.sync.check import check as ask

    with opened("read") as house:
        with house.database.transaction() as tx:
            targets = [each for each in connections(tx) if each.side == "target"]
        found = {each.name: ask(house, each) for each in targets}
    if as_json:
        print_json(found)
    elif not found:
        typer.echo("No books are connected yet.")
    for name, broken in found.items() if not as_json else ():
        stops = "a rule is broken, nothing is sent there" if set(broken) - set(ALARMS) else "something is late"
        typer.echo(f"{name}: {stops if broken else 'everything holds'}")
        for number, names in broken.items():
            typer.echo(f"  {number}  {MEANS.get(number, 'broken')}: {', '.join(names)}")
    if any(found.values()):
        raise typer.Exit(BROKEN)
