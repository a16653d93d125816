"""`connector reconcile close`: the checklist of a period's end, the sign-off, and what changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import As, opened, plain_errors, print_json
from connector.cli.reconcile_report import First, Last, Month, Organisation

if TYPE_CHECKING:
    from connector.reconcile.close.changes import Change
    from connector.reconcile.close.checklist import Item
    from connector.store.sign_offs import SignOff
    from connector.sync.close import Closing

BLOCKED = 3
SIGNS = {"done": "✓", "warning": "!", "blocking": "✗"}
COLOURS = {"done": "green", "warning": "yellow", "blocking": "red"}


def close(
    organisation: Organisation,
    month: Month = "",
    first: First = "",
    last: Last = "",
    sign: Annotated[bool, typer.Option("--sign", help="Sign the period off, as the person of --as.")] = False,
    despite: Annotated[str, typer.Option(help="Why it is signed off though something blocks it.")] = "",
    person: As = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows what is done and what is not at a period's end, with the next step of each; signs it off, with the report
    and its pack; and shows afterwards what changed since.

    Ends with 0 when nothing blocks, 3 when something does."""
    from connector.cli.periods import days_of
    from connector.reconcile.close.checklist import blocking
    from connector.sync.close import closing
    from connector.sync.close import sign as sign_off

    with plain_errors():
        days = days_of(first, last, month)
    with opened("decide" if sign else "read", person=person) as house:
        if sign:
            sign_off(house, organisation, days, by=house.sight.person, despite=despite)
        done = closing(house, organisation, days)
    if as_json:
        print_json(_body(done))
    else:
        typer.secho(f"{organisation}, {days[0]} to {days[1]}", bold=True)
        _show(done)
    if blocking(done.items) and not sign:
        raise typer.Exit(BLOCKED)


def _show(done: Closing) -> None:
    for item in done.items:
        typer.secho(f"  {SIGNS[item.state]} {item.title}", fg=COLOURS[item.state])
        if item.told:
            typer.echo(f"      {item.told}")
            typer.echo(f"      next: {item.next_step}")
    if done.signed is None:
        typer.echo("Not signed off. With --sign --as PERSON it is, and its pack is kept.")
        return
    signed = done.signed
    typer.echo(f"Signed off by {signed.signed_by} at {signed.signed_at:%Y-%m-%d %H:%M} UTC.")
    if signed.despite:
        typer.secho(f"  though something blocked it: {signed.despite}", fg="yellow")
    typer.echo(f"  report {signed.report_sha256}\n  pack   {signed.pack_sha256}")
    typer.echo(f"What changed since: {len(done.since) or 'nothing'}")
    for change in done.since:
        typer.echo(f"  {change.kind:<9} {change.name}  {change.told}")
        for name, amount in _amounts(change):
            typer.echo(f"      {name:<44} {amount:>14} {change.currency}")


def _amounts(change: Change) -> list[tuple[str, str]]:
    from connector.domain.money import grouped_text

    return [(name, grouped_text(amount, change.currency)) for name, amount in change.amounts]


def _body(done: Closing) -> dict[str, object]:
    return {
        "items": [_item(item) for item in done.items],
        "signed_off": _signed(done.signed) if done.signed else None,
        "changed_since": [_change(change) for change in done.since],
    }


def _item(item: Item) -> dict[str, str]:
    return {"name": item.name, "title": item.title, "state": item.state, "told": item.told, "next": item.next_step}


def _signed(signed: SignOff) -> dict[str, str]:
    return {
        "by": signed.signed_by,
        "at": signed.signed_at.isoformat(),
        "despite": signed.despite,
        "report_sha256": signed.report_sha256,
        "pack_sha256": signed.pack_sha256,
    }


def _change(change: Change) -> dict[str, object]:
    from connector.domain.money import decimal_text

    amounts = {name: decimal_text(amount, change.currency) for name, amount in change.amounts}
    return {"kind": change.kind, "name": change.name, "told": change.told, "currency": change.currency,
            "amounts": amounts}  # fmt: skip
