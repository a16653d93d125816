"""`connector reconcile`: bank files, deposits against payouts, payments against invoice items."""

from __future__ import annotations

import typer

from connector.cli.reconcile_allocate import allocate
from connector.cli.reconcile_bank import accept, deposits, ignore, undo
from connector.cli.reconcile_clearing import clearing
from connector.cli.reconcile_match import match
from connector.cli.reconcile_statements import statements

reconcile_app = typer.Typer(help="Ties what was sold, what was paid out and what the bank shows.", no_args_is_help=True)
for command in (statements, match, allocate, deposits, accept, undo, ignore, clearing):
    reconcile_app.command()(command)
