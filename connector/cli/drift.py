"""`connector drift`: what became of our documents in the books, and what to do about it."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli.opened import opened

drift_app = typer.Typer(help="What became of posted documents in the books.", no_args_is_help=True)

Mark = Annotated[str, typer.Argument(help="The mark of the document.")]
By = Annotated[str, typer.Option(help="Who decides it.")]
Reason = Annotated[str, typer.Option(help="Why.")]


@drift_app.command("look")
def look(
    connection: Annotated[str, typer.Argument(help="The name of the books' connection (default: all).")] = "",
) -> None:
    """Reads what changed in the books, now rather than once a day."""
    from connector.store.connection_findings import connection_findings
    from connector.store.feeds import connection as find
    from connector.store.feeds import connections
    from connector.sync.drift import look as look_at

    with opened() as house:
        with house.database.transaction() as tx:
            wanted = [find(tx, connection)] if connection else [c for c in connections(tx) if c.side == "target"]
        for each in wanted:
            found = look_at(house, each, at_once=True)
            said = "nothing was posted there" if found is None else (
                f"{found.seen} of our records changed or new, {found.drifted} drifted, {found.doubled} doubled"
            )  # fmt: skip
            typer.echo(f"{each.name}: {said}.")
            with house.database.transaction() as tx:
                for finding in connection_findings(tx, each.id):
                    typer.echo(f"  {finding.severity}  {finding.message}\n      {finding.fix}")


@drift_app.command("accept")
def accept(mark: Mark, by: By, reason: Reason = "") -> None:
    """Their version is the truth; only another change of it is told."""
    from connector.sync.drift import accept as decide

    with opened() as house:
        decide(house, mark, by=by, reason=reason)
    typer.echo(f"{mark} is accepted as it stands in the books.")


@drift_app.command("restore")
def restore(mark: Mark, by: By) -> None:
    """Writes what we sent once more: a deleted document anew under its next version, an edited one over itself."""
    from connector.sync.drift import restore as decide

    with opened() as house:
        decide(house, mark, by=by)
    typer.echo(f"{mark} is restored; where it was deleted, connector journalize and post write it anew.")


@drift_app.command("detach")
def detach(mark: Mark, by: By, reason: Reason = "") -> None:
    """Never touches it again: its movements stand on the list of what is ignored."""
    from connector.sync.drift import detach as decide

    with opened() as house:
        decide(house, mark, by=by, reason=reason)
    typer.echo(f"{mark} is detached: it is theirs from now on.")
