"""`connector reconcile ties`: gift cards, house accounts, deposits and taxes of a stretch, tied to the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json
from connector.cli.reconcile_files import show_table

if TYPE_CHECKING:
    from connector.sync.ties import Tie

NOT_TIED = 3
_SAID = {"gift_card": "gift cards", "store_credit": "store credit", "house_account": "house accounts",
         "customer_deposit": "customers' deposits", "tax": "tax"}  # fmt: skip
_AMOUNTS = ("opening", "increased", "decreased", "closing", "by_source", "restated", "missing")


def ties(
    feed: Annotated[str, typer.Argument(help="The name of the feed.")],
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2026-03-01.")],
    last: Annotated[str, typer.Option("--to", help="The last day, such as 2026-03-31.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Rolls gift cards, store credit, house accounts and customers' deposits forward, and shows tax by place and rate,
    each beside what the source says. Amounts are debit positive.

    Ends with 0 when all is tied, 3 when something of the source is not in the books."""
    from datetime import date

    from connector.errors import Unreadable
    from connector.store.feeds import feed as find
    from connector.sync.ties import ties as tie

    with opened("read") as house:
        try:
            days = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            raise Unreadable(f"{first!r} to {last!r} are no days; write them as 2026-03-31.") from None
        with house.database.transaction() as tx:
            found = find(tx, feed)
        made = tie(house, found, *days)
    rows = [_body(each) for each in made]
    if as_json:
        print_json(rows)
    else:
        names = ("what", "name", "currency", *_AMOUNTS, "accounts")
        cells = [tuple(str(row[name]) for name in names) for row in rows]
        show_table(names, cells, right=set(_AMOUNTS), say=typer.echo)
        if not rows:
            typer.echo("Nothing of that kind was sold, redeemed or taxed.")
    raise typer.Exit(NOT_TIED if any(each.missing for each in made) else 0)


def _body(each: Tie) -> dict[str, object]:
    from connector.domain.money import decimal_text

    amounts = {name: decimal_text(getattr(each, name), each.currency) for name in _AMOUNTS}
    of = {"what": _SAID[each.role], "name": each.name, "currency": each.currency}
    return {**of, **amounts, "accounts": ", ".join(each.accounts)}
