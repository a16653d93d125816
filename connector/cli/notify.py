"""`connector notify`: tells people what they asked to be told, once."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli.opened import FAILED, opened, print_json


def notify(
    due: Annotated[bool, typer.Option("--due", help="Send what is due now.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Sends the notices that are due: blocking findings at once, the rest in each person's digest.

    Ends with 1 where something could not be sent for good."""
    from dataclasses import asdict

    from connector.errors import Unreadable
    from connector.sync.notices import send_notices

    with opened("own") as house:
        if not due:
            raise Unreadable("Say --due: what was sent once is not sent again.")
        done = send_notices(house)
    if as_json:
        print_json(asdict(done))
    else:
        later = f", {done.later} to be tried again" if done.later else ""
        refused = f", {done.refused} refused" if done.refused else ""
        typer.echo(f"{done.sent} notices sent{later}{refused}.")
    if done.refused:
        raise typer.Exit(FAILED)
