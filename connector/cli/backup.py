"""`connector db backup`, `restore`, `release` and `let-go`: the database as one sealed file, the way back, and how long
records are kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.opened import opened


def backup(file: Annotated[Path, typer.Argument(help="Where to write it; must not exist yet.")]) -> None:
    """Writes the whole database as one file, compressed and sealed under the installation's key. Work may go on."""
    from connector.sync.restored import write_backup

    with opened("own") as house:
        counts = write_backup(house, file)
    typer.echo(f"{file}: {_told(counts)}, {file.stat().st_size:,} bytes, sealed under your key.")
    typer.echo(
        "Keep the key apart from it (CONNECTOR_KEY, or sealing.key in the data folder): it opens nothing without."
    )


def restore(file: Annotated[Path, typer.Argument(help="A file that connector db backup wrote.")]) -> None:
    """Fills an empty database from a backup. Nothing is read or sent until: connector db release."""
    from connector.sync.restored import restore as read_back

    with opened("own") as house:
        counts = read_back(house, file)
    typer.echo(f"Restored {_told(counts)}. Every connection is in quarantine: nothing is read and nothing is sent.")
    typer.echo("When no other installation works with these connections any more, run: connector db release")


def release(
    is_alone: Annotated[
        bool, typer.Option("--nothing-else-runs", help="Say that no other installation works with them.")
    ] = False,
) -> None:
    """Ends the quarantine after a restore. What may have been posted since is looked up before anything is sent."""
    from connector.sync.restored import release as let_go

    if not is_alone and not typer.confirm("Is every other installation that used these connections stopped?"):
        typer.echo("Then nothing was released: two that use one token lock each other out.")
        raise typer.Exit(1)
    with opened("own") as house:
        released = let_go(house)
    names = ", ".join(each.name for each in released) or "none was in quarantine"
    typer.echo(
        f"Released: {names}. Documents up to today are looked up in the books by their mark before they are sent."
    )


def let_go(before: Annotated[str, typer.Argument(help="A day, such as 2024-01-01; at least 400 days ago.")]) -> None:
    """Deletes the bytes of records received before a day. Documents, facts and the way back to the record's id stay."""
    from datetime import date

    from connector.errors import Unreadable
    from connector.sync.retention import let_go as let_pages_go

    with opened("own") as house:
        try:
            day = date.fromisoformat(before)
        except ValueError:
            raise Unreadable(f"{before!r} is no day; write it as 2024-01-01.") from None
        gone = let_pages_go(house, day)
    typer.echo(f"{gone.pages:,} pages let go, {gone.size:,} bytes unpacked. Their SHA-256 stay.")


def _told(counts: Mapping[str, int]) -> str:
    return f"{sum(counts.values()):,} rows of {sum(1 for count in counts.values() if count)} tables"
