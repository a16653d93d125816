"""`connector reconcile`: bank files, deposits against payouts, payments against invoice items."""

from __future__ import annotations

import typer

from connector.cli.match_decisions import DECISIONS
from connector.cli.match_rules import RULES
from connector.cli.reconcile_allocate import allocate
from connector.cli.reconcile_bank import deposits
from connector.cli.reconcile_books import books
from connector.cli.reconcile_clearing import clearing
from connector.cli.reconcile_close import close
from connector.cli.reconcile_items import items_app
from connector.cli.reconcile_match import match_app
from connector.cli.reconcile_report import report
from connector.cli.reconcile_statements import statements
from connector.cli.reconcile_ties import taxes, ties

reconcile_app = typer.Typer(help="Ties what was sold, what was paid out and what the bank shows.", no_args_is_help=True)
for command in (statements, allocate, deposits, clearing, books, ties, taxes, report, close):
    reconcile_app.command()(command)
for decision in (*DECISIONS, *RULES):
    match_app.command(decision.__name__.rstrip("_"))(decision)
reconcile_app.add_typer(match_app, name="match")
reconcile_app.add_typer(items_app, name="items")
