"""`connector reconcile clearing`: what each clearing balance of a feed consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json

if TYPE_CHECKING:
    from connector.mapping.checks.chains import ReserveRow
    from connector.reconcile.clearing.values import OpenItem, Proof

UNEXPLAINED = 3
SHOWN = 40


def clearing(
    feed: Annotated[str, typer.Argument(help="The name of the feed.")],
    on: Annotated[str, typer.Option(help="The day whose end is meant, such as 2026-03-31 (default: today).")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Proves the clearing balances: opening + posted − settled = the sum of named open items, compared with the books.

    Ends with 0 when all is explained, 3 when something is not."""
    from datetime import date

    from connector.errors import Unreadable
    from connector.store.feeds import feed as find
    from connector.sync.clearing import proved

    with opened("read") as house:
        try:
            day = date.fromisoformat(on) if on else None
        except ValueError:
            raise Unreadable(f"{on!r} is not a day; write it as 2026-03-31.") from None
        with house.database.transaction() as tx:
            found = find(tx, feed)
        done = proved(house, found, day)
    if as_json:
        rows = [_reserve(row) for row in done.reserves]
        print_json({"accounts": [_body(proof) for proof in done.proofs], "reserves": rows})
    else:
        for proof in done.proofs:
            _show(proof)
        _show_reserves(done.reserves)
        if not done.proofs:
            typer.echo(f"No document of {found.name} touches a clearing account yet.")
    raise typer.Exit(UNEXPLAINED if any(proof.unexplained for proof in done.proofs) else 0)


def _body(proof: Proof) -> dict[str, object]:
    from connector.domain.money import decimal_text

    def text(amount: int) -> str:
        return decimal_text(amount, proof.currency)

    return {
        "account": proof.account,
        "currency": proof.currency,
        "on": proof.on.isoformat(),
        "opening": text(proof.opening),
        "posted": text(proof.posted),
        "settled": text(proof.settled),
        "by_documents": text(proof.by_documents),
        "in_books": None if proof.in_books is None else text(proof.in_books),
        "unexplained": text(proof.unexplained),
        "items": [
            {
                "cause": item.cause,
                "text": item.text,
                "amount": text(item.amount),
                "date": item.day.isoformat(),
                "age": item.age,
            }
            for item in proof.items
        ],
    }


def _show(proof: Proof) -> None:
    from connector.cli.printed import amount_text

    def text(amount: int) -> str:
        return amount_text(amount, proof.currency)

    in_books = "not told for that day" if proof.in_books is None else text(proof.in_books)
    typer.secho(f"{proof.account} on {proof.on}: {text(proof.by_documents)}, in the books {in_books}", bold=True)
    if proof.unexplained:
        typer.secho(f"  UNEXPLAINED {text(proof.unexplained)}", fg="red")
    typer.echo(f"  opening {text(proof.opening)} + posted {text(proof.posted)} − settled {text(proof.settled)}")
    lines = [row(of, proof.currency) for of in folded(proof.items)]
    for line in lines[:SHOWN]:
        typer.echo(line)
    if len(lines) > SHOWN:
        typer.echo(f"  … and {len(lines) - SHOWN} more (--json has them all)")
    typer.echo("")


def folded(items: tuple[OpenItem, ...]) -> list[list[OpenItem]]:
    """Items that wait for the same reason since the same day stand as one line; what is odd stands alone."""
    ordinary = ("in transit", "next batch", "cash not banked")
    found: dict[tuple[object, ...], list[OpenItem]] = {}
    for number, item in enumerate(items):
        key = (item.cause, item.day) if item.cause in ordinary else (number,)
        found.setdefault(key, []).append(item)
    return list(found.values())


def row(items: list[OpenItem], currency: str) -> str:
    """Items of one reason and day as one line."""
    from connector.domain.money import grouped_text

    first = items[0]
    what = first.text if len(items) == 1 else f"{len(items)} items, {first.text} and others"
    amount = grouped_text(sum(item.amount for item in items), currency)
    return f"  {first.day}  {first.age:>4} d  {amount:>14}  {first.cause:<18} {what}"


def _reserve(row: ReserveRow) -> dict[str, object]:
    from connector.domain.money import decimal_text

    amounts = {"opening": row.opening, "released": row.released, "held": row.held, "closing": row.closing}
    return {
        "marketplace": row.marketplace,
        "currency": row.currency,
        "settlement": row.settlement_id,
        "ends_at": row.ends_at.isoformat(),
        **{name: decimal_text(amount, row.currency) for name, amount in amounts.items()},
    }


def _show_reserves(rows: tuple[ReserveRow, ...]) -> None:
    from connector.cli.reconcile_files import show_table

    told = [_reserve(row) for row in rows if row.opening or row.released or row.held]
    names = ("marketplace", "currency", "settlement", "opening", "released", "held", "closing")
    if told:
        typer.secho("Reserves by settlement", bold=True)
    cells = [tuple(str(row[name]) for name in names) for row in told]
    show_table(names, cells, right={"opening", "released", "held", "closing"}, say=typer.echo)
