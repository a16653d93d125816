"""How set-up is shown: proposals, offers, questions and the cut-over, each as an aligned table with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from connector.cli.reconcile_files import show_table

if TYPE_CHECKING:
    from connector.domain.cutover import Cutover, OpeningItem
    from connector.domain.document import Document
    from connector.mapping.express import Proposal
    from connector.store.feeds import Feed
    from connector.sync.setup import Question
    from connector.sync.setup_offers import Offer

_DOES = {"mapped": "keep", "reuse": "reuse", "create": "open", "decide": "you decide"}
SHOWN = 6


def show_proposals(feed: Feed, rows: Sequence[Proposal]) -> None:
    """What express set-up would do, a slot a row."""
    typer.echo(f"Accounts for {feed.source.title} in {feed.target.title}:")
    cells = [
        (_DOES[row.action], row.slot, row.number, row.account or "–", row.type.replace("_", " "), row.reason)
        for row in rows
    ]
    show_table(("", "for", "number", "account", "type", "because"), cells, right=set(), say=typer.echo)


def show_offers(feed: str, offers: Sequence[Offer]) -> None:
    """The accounts that each slot may take."""
    cells = [
        (each.slot, each.now or "– not decided", " or ".join(each.types) or "any", _some(each.accounts))
        for each in offers
    ]
    show_table(("for", "now", "takes", "the books have"), cells, right=set(), say=typer.echo)
    if offers:
        typer.echo(f"Choose with: connector setup advanced {feed} --set SLOT=ACCOUNT")


def show_questions(rows: Sequence[Question]) -> None:
    """The questions with their answers; what is open with what is usual."""
    cells = [(row.name, row.asks, row.answer or f"? {_usual(row)}".rstrip(), row.why) for row in rows]
    show_table(("", "question", "answer", "because"), cells, right=set(), say=typer.echo)


def show_cutover(feed: str, decided: Cutover, hints: Sequence[OpeningItem], documents: Sequence[Document]) -> None:
    """The cut-over as decided, what the records say was open, and the opening documents it makes."""
    from connector.domain.cutover import METHODS
    from connector.domain.money import grouped_text
    from connector.domain.notation import written

    before = METHODS.get(decided.previous, "not decided")
    until = (
        f" It covers all until {decided.last_day}; the feed begins on {decided.starts_on}." if decided.last_day else ""
    )
    typer.echo(f"Before: {before}.{until}")
    rows = [(item.slot, grouped_text(item.amount, item.currency), item.currency, item.name) for item in decided.items]
    show_table(("open", "amount", "", "what"), rows, right={"amount"}, say=typer.echo)
    listed = {(item.slot, item.name) for item in decided.items}
    for hint in (hint for hint in hints if (hint.slot, hint.name) not in listed):
        amount = grouped_text(hint.amount, hint.currency)
        typer.echo(f"  The records say open: {hint.slot} {amount} {hint.name} (take them with --not-paid-out)")
    for document in documents:
        typer.echo(f"\n{written(document)}", nl=False)
    if decided.caution:
        typer.echo(f"  ! {decided.caution}")
    for gap in decided.gaps:
        typer.echo(f"  ? {gap}")
    if not decided.previous:
        typer.echo(f"  Decide with: connector setup cutover {feed} --previous … --last-day … --against …")


def _usual(row: Question) -> str:
    return f"usually {row.proposal}" if row.proposal else " or ".join(row.allowed)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(names[:SHOWN]) or "none") + more
