"""`connector reconcile books`: what the books themselves tell of the bank account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json
from connector.cli.reconcile_files import show_table
from connector.domain.wording import many

if TYPE_CHECKING:
    from connector.sync.at_bank import AtBank

_COLUMNS = ("date", "amount", "currency", "record", "mark", "by", "bank", "coded_to")


def books(
    feed: Annotated[str, typer.Argument(help="The name of the feed.")],
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2026-03-01.")],
    last: Annotated[str, typer.Option("--to", help="The last day, such as 2026-03-31.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows deposits, transfers and receipts on the feed's bank account in the books, whoever entered them, what they
    were coded to, and where the books tell it (Xero) whether a person matched them with a line of the bank."""
    from connector.cli.reconcile_ties import days_of
    from connector.store.feeds import feed as find
    from connector.sync.at_bank import at_bank

    with opened("read") as house:
        days = days_of(first, last)
        with house.database.transaction() as tx:
            found = find(tx, feed)
        made = at_bank(house, found, *days)
    rows = [_row(each) for each in made]
    if as_json:
        print_json([row | {"is_matched": each.is_matched} for row, each in zip(rows, made, strict=True)])
        return
    heading = tuple(name.replace("_", " ") for name in _COLUMNS)
    show_table(heading, [tuple(row[name] for name in _COLUMNS) for row in rows], right={"amount"}, say=typer.echo)
    typer.echo(_summary(made))


def _row(each: AtBank) -> dict[str, str]:
    from connector.domain.money import decimal_text

    said = {True: "matched", False: "not matched yet", None: "these books do not tell"}
    return {
        "date": each.day.isoformat(),
        "amount": decimal_text(each.amount, each.currency),
        "currency": each.currency,
        "record": f"{each.kind} {each.target_id}",
        "mark": each.mark if each.is_ours else "",
        "by": "connector" if each.is_ours else "another hand",
        "bank": said[each.is_matched],
        "coded_to": ", ".join(each.coded_to),
    }


def _summary(made: Sequence[AtBank]) -> str:
    if not made:
        return "Nothing stands on the bank account in those days."
    ours, matched = sum(each.is_ours for each in made), sum(bool(each.is_matched) for each in made)
    told = f", {matched} matched with the bank" if any(each.is_matched is not None for each in made) else ""
    return f"{many(len(made), 'movement')}, {ours} of them by connector{told}."
