"""`connector erase`: an organisation leaves, and nothing of it stays."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.cli.opened import opened


def erase(
    organisation: Annotated[str, typer.Argument(help="The organisation's name.")],
    keep: Annotated[Path | None, typer.Option("--keep", help="Write its journals to this new file first.")] = None,
    keep_nothing: Annotated[bool, typer.Option("--keep-nothing", help="Its journals are kept elsewhere.")] = False,
    confirm: Annotated[str, typer.Option("--confirm", help="The name once more, to be asked nothing.")] = "",
) -> None:
    """Ends an organisation's consents and deletes everything about it. What is in its books stays there."""
    from connector.errors import Unreadable
    from connector.sync.erase import erase as delete

    with opened("own") as house:
        if (keep is None) != keep_nothing:
            raise Unreadable("Say --keep FILE, for the years that books must be kept, or else --keep-nothing.")
        if (confirm or typer.prompt(f"Type {organisation!r} to erase it for good", default="")) != organisation:
            raise Unreadable("That is another name: nothing was erased.")
        erased = delete(house, organisation, keep)
    for name, count in sorted(erased.rows.items()):
        typer.echo(f"  {count:>9,}  {name}")
    for said in erased.not_revoked:
        typer.echo(f"not ended  {said}", err=True)
    kept = f" Its journals are in {keep}." if keep else ""
    typer.echo(
        f"{organisation} is erased: {sum(erased.rows.values()):,} rows.{kept} Backups made before still hold it."
    )
