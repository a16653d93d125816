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

    with opened("run") as house:
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

    with opened("decide") as house:
        decide(house, mark, by=by, reason=reason)
    typer.echo(f"{mark} is accepted as it stands in the books.")


@drift_app.command("restore")
def restore(mark: Mark, by: By) -> None:
    """Writes what we sent once more: a deleted document anew under its next version, an edited one over itself."""
    from connector.sync.drift import restore as decide

    with opened("run") as house:
        decide(house, mark, by=by)
    typer.echo(f"{mark} is restored; where it was deleted, connector journalize and post write it anew.")


@drift_app.command("detach")
def detach(mark: Mark, by: By, reason: Reason = "") -> None:
    """Never touches it again: its movements stand on the list of what is ignored."""
    from connector.sync.drift import detach as decide

    with opened("decide") as house:
        decide(house, mark, by=by, reason=reason)
    typer.echo(f"{mark} is detached: it is theirs from now on.")


@drift_app.command("adopt")
def adopt(
    mark: Mark,
    target_id: Annotated[str, typer.Argument(help="Which record, where the books hold several.")] = "",
    by: Annotated[str, typer.Option(help="Who decides it.")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without this it is only shown.")] = False,
) -> None:
    """Takes a record as ours that somebody changed before its answer reached us; shows it first."""
    from connector.errors import Unreadable
    from connector.sync.drift import adopt as decide
    from connector.sync.drift import doubted

    if apply and not by:
        raise Unreadable("Say who decides it: --by NAME.")
    with opened("decide" if apply else "read") as house:
        for each in [decide(house, mark, target_id, by=by)] if apply else doubted(house, mark):
            typer.echo(f"{mark} is record {each.receipt.target_id} in the books; it differs from what was sent:")
            for difference in each.differences:
                typer.echo(f"  {difference.text}")
    if apply:
        typer.echo(f"It is taken as ours. Next: connector drift accept, restore or detach {mark}.")
    else:
        typer.echo(f"Nothing was changed. To take it as ours: connector drift adopt {mark} --by NAME --apply")
