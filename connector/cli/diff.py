"""`connector diff` and `connector undo`: what would be written, shown before anything is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json

if TYPE_CHECKING:
    from connector.sync.plan import Plan

FORM = 1
_ACTIONS = {"create": "create", "correct": "correct", "reverse": "take back"}
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def diff(
    feed: Annotated[str, typer.Argument(help="The name of the feed (default: all).")] = "",
    out: Annotated[Path | None, typer.Option(help="A file for the plan, to be applied with post --plan.")] = None,
    as_json: Json = False,
) -> None:
    """Shows what journalizing and posting would create, correct or take back; nothing is stored or sent."""
    from connector.errors import Unreadable
    from connector.store.feeds import feed as find
    from connector.store.feeds import feeds
    from connector.sync.plan import diff as planned

    with opened("read") as house:
        with house.database.transaction() as tx:
            wanted = [find(tx, feed)] if feed else feeds(tx)
        if out and len(wanted) != 1:
            raise Unreadable("A plan file is of one feed: say which.")
        plans = [planned(house, each) for each in wanted]
        if out:
            _write(out, plans[0])
    if as_json:
        print_json([plan_body(plan) for plan in plans])
    for plan in plans if not as_json else ():
        show(plan)


def undo(
    feed: Annotated[str, typer.Argument(help="The name of the feed.")],
    marks: Annotated[list[str] | None, typer.Argument(help="The marks of the documents.")] = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="All from this day")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="to this day.")] = None,
    by: Annotated[str, typer.Option(help="Who decides it.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    is_applied: Annotated[bool, typer.Option("--apply", help="Write the reversals into the outbox.")] = False,
    as_json: Json = False,
) -> None:
    """Takes documents back by documents of their own. Shows the plan; writes it into the outbox with --apply."""
    from connector.errors import Unreadable
    from connector.store.feeds import feed as find
    from connector.sync.undo import chosen, undo_plan
    from connector.sync.undo import undo as take_back

    with opened("run" if is_applied else "read") as house:
        with house.database.transaction() as tx:
            found = find(tx, feed)
            rows = chosen(tx, found, marks or (), *(each.date() if each else None for each in (first, last)))
        if is_applied and not by:
            raise Unreadable("Say who decides it: --by NAME.")
        plan = undo_plan(house, found, rows)
        if is_applied:
            take_back(house, found, rows, by=by, reason=reason)
    if as_json:
        print_json(plan_body(plan))
        return
    show(plan)
    done = "They are in the outbox: connector post sends them." if is_applied else "Nothing was stored; add --apply."
    typer.echo(done)


def plan_body(plan: Plan) -> dict[str, object]:
    """A plan as JSON, which is also what a plan file holds: amounts are decimal text, debit positive."""
    from connector.cli.printed import document_body
    from connector.domain.money import decimal_text

    return {
        "form": FORM,
        "feed": plan.feed,
        "documents": [
            {
                **document_body(change.document),
                "action": change.action,
                "version": change.document.version,
                "prior_period": change.document.prior_period,
                "postings": list(change.keys),
            }
            for change in plan.changes
        ],
        "accounts": [
            {"account": account, "month": month, "currency": currency, "amount": decimal_text(amount, currency)}
            for (account, month, currency), amount in plan.accounts.items()
        ],
        "waiting": [{"key": each.key, "code": each.code, "reason": each.reason} for each in plan.waits],
    }


def show(plan: Plan) -> None:
    """The documents in notation, the net of each account and month, and what waits."""
    from connector.domain.money import grouped_text
    from connector.domain.notation import written

    typer.echo(f"{plan.feed}: {_counted(plan)}")
    for change in plan.changes:
        typer.echo(f"\n{_ACTIONS[change.action]}  {change.document.mark}\n{written(change.document)}".rstrip())
    if plan.accounts:
        width = max(len(account) for account, _, _ in plan.accounts)
        typer.echo("\nBy account and month")
        for (account, month, currency), amount in plan.accounts.items():
            typer.echo(f"  {account:{width}}  {month}  {grouped_text(amount, currency):>14} {currency}")
    for each in plan.waits:
        typer.echo(f"\nwaits  {each.key}\n       {each.reason}")


def _counted(plan: Plan) -> str:
    counts: dict[str, int] = {}
    for change in plan.changes:
        counts[change.action] = counts.get(change.action, 0) + 1
    parts = [f"{count} to {_ACTIONS[action]}" for action, count in sorted(counts.items())]
    parts += [f"{len(plan.waits)} waiting"] if plan.waits else []
    return ", ".join(parts) or "nothing would be written"


def _write(out: Path, plan: Plan) -> None:
    import json

    from connector.errors import Unreadable

    try:
        out.write_text(json.dumps(plan_body(plan), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise Unreadable(f"{out} cannot be written: {error.strerror}.") from None
    typer.echo(f"The plan is in {out}; apply exactly it with: connector post {plan.feed} --plan {out}", err=True)
