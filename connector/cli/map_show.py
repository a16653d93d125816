"""`connector map show`: where everything that the source has goes, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json
from connector.cli.reconcile_files import show_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.sync.map_shown import Shown


def show(
    feed: Annotated[str, typer.Argument(help="The name of the feed.")],
    kind: Annotated[str, typer.Option(help="Only this kind, such as sale or tender.")] = "",
    code: Annotated[str, typer.Option(help="Only this code, or what is in this category.")] = "",
    undecided: Annotated[bool, typer.Option("--missing", help="Only what has no account in the books.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows where everything that the source has goes, and which decision or proposal says so."""
    from connector.store.feeds import feed as find
    from connector.sync.map_shown import shown_map

    with opened("read") as house:
        with house.database.transaction() as tx:
            found = find(tx, feed)
        rows = shown_map(house, found)
    rows = [row for row in rows if kind in ("", row.kind) and code in ("", row.code, row.category)]
    rows = [row for row in rows if not (undecided and row.is_there)]
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        _show(feed, rows)


def _show(feed: str, rows: Sequence[Shown]) -> None:
    from connector.domain.money import grouped_text

    if not rows:
        typer.echo(f"{feed}: nothing to show; connector pull brings what its source has.")
        return
    cells = [
        (
            " ".join(part for part in (row.kind, row.code, f"at {row.location}" if row.location else "") if part),
            row.tax or "",
            grouped_text(row.amount, row.currency) if row.currency else "",
            _account(row),
            row.why,
        )
        for row in rows
    ]
    show_table(("what", "tax", "amount", "goes to", "because"), cells, right={"amount"}, say=typer.echo)


def _account(row: Shown) -> str:
    if not row.account:
        return "– waits"
    code = f" [{row.tax_code}]" if row.tax_code else ""
    tracking = f" ({row.tracking})" if row.tracking else ""
    return f"{row.account}{code}{tracking}{'' if row.is_there else '  not in the books'}"
