"""`connector db`: the schema of the database, its backup and the way back."""

from __future__ import annotations

import os

import typer

from connector.cli.backup import backup, let_go, release, restore
from connector.cli.opened import plain_errors

db_app = typer.Typer(help="The database: its schema, a backup, the way back.", no_args_is_help=True)
for command in (backup, restore, release):
    db_app.command()(command)
db_app.command("let-go")(let_go)


@db_app.command("upgrade")
def upgrade() -> None:
    """Brings the schema up to date. Back it up and stop the workers first; they start again with the new version."""
    from connector.bootstrap import upgrade_database
    from connector.settings import read_settings

    with plain_errors():
        before, after = upgrade_database(read_settings(os.environ))
    typer.echo(f"The schema is {after}" + (f"; it was {before or 'empty'}." if before != after else ": nothing to do."))
