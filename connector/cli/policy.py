"""`connector policy`: rules of an organisation's own, which every plan must pass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json

if TYPE_CHECKING:
    from connector.domain.books import Books
    from connector.store.database import Transaction

policy_app = typer.Typer(help="Rules of your own that every plan must pass.", no_args_is_help=True)

Organisation = Annotated[str, typer.Argument(help="The organisation whose plans must pass them.")]


@policy_app.command("import")
def import_(
    organisation: Organisation,
    file: Annotated[Path, typer.Argument(help="The policies, a YAML file; an empty file takes all away.")],
) -> None:
    """Puts the file's policies in force for every plan of the organisation, in the place of those before."""
    from connector.cli.audit import policy_text
    from connector.mapping.policies import read_policies, unmet
    from connector.store.policies import keep_policies

    with opened("decide") as house:
        text = policy_text(file)
        policies = read_policies(text) if text.strip() else ()
        with house.database.transaction() as tx:
            number = keep_policies(tx, organisation, text if policies else "", house.now(), house.sight.person)
            charts = _charts(tx, organisation)
    for policy in policies:
        typer.echo(f"  {policy.severity:8}  {policy.name}")
    for name, account in unmet(policies, charts) if charts else ():
        typer.echo(f"  ? {name!r} names {account!r}, and no books of {organisation} have it: is it spelled right?")
    typer.echo(f"{organisation}: version {number}, {len(policies)} policies in force.")


def _charts(tx: Transaction, organisation: str) -> list[Books]:
    """The books of the organisation, as far as they were read."""
    from connector.store.account_maps import books
    from connector.store.feeds import feeds

    targets = {each.target.id for each in feeds(tx) if each.organisation == organisation}
    return [found[0] for target in sorted(targets) if (found := books(tx, target))]


@policy_app.command("show")
def show(
    organisation: Organisation, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Prints the policies in force, as they were written."""
    from connector.store.policies import policies_text

    with opened("read") as house, house.database.transaction() as tx:
        text = policies_text(tx, organisation)
    if as_json:
        print_json({"organisation": organisation, "policies": text})
    else:
        typer.echo(text.rstrip() or f"{organisation} has no policies.")
