"""`connector adopt`: takes a deposit that somebody else booked as the one of a payout."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli.opened import opened


def adopt(
    mark: Annotated[str, typer.Argument(help="The mark of our transfer that waits.")],
    target_id: Annotated[str, typer.Argument(help="The number of the deposit in the books.")],
    by: Annotated[str, typer.Option(help="Who decides it.")],
) -> None:
    """Takes a deposit of another hand as the one that our transfer would have booked; nothing is written."""
    from connector.sync.deposits import adopt_deposit

    with opened("run") as house:
        adopt_deposit(house, mark, target_id, by=by)
    typer.echo(f"{mark} is booked by {target_id}.")
