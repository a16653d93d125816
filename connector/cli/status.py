"""`connector status`: how every feed stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json
from connector.domain.wording import many

if TYPE_CHECKING:
    from connector.sync.standing import Standing
    from connector.sync.status import FeedStatus

HELD = 3


def status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Shows what is posted, what is held or refused and why, and how each connection is. Ends with 3 when something is
    held."""
    from connector.sync.standing import standings
    from connector.sync.status import status as look

    with opened("read") as house:
        found, connected = look(house), standings(house)
    if as_json:
        print_json([_body(each, connected) for each in found])
    else:
        _show(found)
        _show_connections(connected)
    if any(waiting.is_trouble for each in found for waiting in each.waiting):
        raise typer.Exit(HELD)


def _body(each: FeedStatus, connected: list[Standing]) -> dict[str, object]:
    from connector.domain.money import decimal_text

    mine = (each.feed.source.id, each.feed.target.id)
    return {
        "feed": each.feed.name,
        "state": each.feed.state,
        "source": each.feed.source.title,
        "target": each.feed.target.title,
        "postings": each.postings,
        "waiting": [
            {
                "key": w.key,
                "state": w.state,
                "code": w.code,
                "reason": w.reason,
                "movements": w.movements,
                "amount": decimal_text(w.amount, w.currency) if w.currency else "",
                "currency": w.currency,
                "waits_for": list(w.waits_for),
            }
            for w in each.waiting
        ],
        "findings": [
            {"code": f.code, "severity": f.severity, "subject": f.subject, "message": f.message, "fix": f.fix}
            for f in each.findings
        ],
        "lost": list(each.lost),
        "connections": [_connection(known) for known in connected if known.connection.id in mine],
    }


def _connection(each: Standing) -> dict[str, object]:
    return {
        "name": each.connection.name,
        "state": each.state,
        "ends_at": each.ends_at,
        "lacking": list(each.lacking),
        "renewed_at": each.renewed_at,
        "worked_at": each.worked_at,
    }


def _show(found: list[FeedStatus]) -> None:
    from connector.domain.money import grouped_text

    if not found:
        typer.echo("There is no feed yet. Connect a source and a target, then: connector feed add NAME --from … --to …")
    for each in found:
        states = ", ".join(f"{count} {state}" for state, count in sorted(each.postings.items())) or "nothing yet"
        state = "" if each.feed.state == "active" else "  (not active: it posts nothing yet)"
        typer.echo(f"{each.feed.name}: {each.feed.source.title} → {each.feed.target.title}: {states}{state}")
        for waiting in each.waiting:
            if waiting.state != "ignored":
                worth = (
                    f"{grouped_text(waiting.amount, waiting.currency)} {waiting.currency}  " if waiting.amount else ""
                )
                typer.echo(
                    f"  {waiting.state}  {waiting.key}  {worth}{many(waiting.movements, 'movement')}  [{waiting.code}]"
                )
                if waiting.waits_for:
                    typer.echo(f"        waits for {', '.join(waiting.waits_for)}")
                typer.echo(f"        {waiting.reason}")
        ignored = sum(waiting.state == "ignored" for waiting in each.waiting)
        if ignored:
            typer.echo(f"  {ignored} records without money are ignored (connector status --json lists them)")
        for finding in each.findings:
            if finding.severity != "blocking":
                typer.echo(f"  {finding.severity}  {finding.message}")
        for name in each.lost:
            typer.echo(f"  ALARM  {name} is not in exactly one place")


def _show_connections(connected: list[Standing]) -> None:
    wide = max((len(each.connection.name) for each in connected), default=0)
    for each in connected:
        worked = f"last good run {each.worked_at:%Y-%m-%d %H:%M} UTC" if each.worked_at else "no run yet"
        ends = f", consent ends {each.ends_at:%Y-%m-%d} unless it is renewed" if each.ends_at else ""
        lacks = f", lacks {', '.join(each.lacking)}" if each.lacking else ""
        typer.echo(f"{each.connection.name:<{wide}}  {each.state}: {each.connection.title}, {worked}{ends}{lacks}")
        for finding in (found for found in each.findings if found.severity == "blocking"):
            typer.echo(f"  {finding.message}\n        {finding.fix}")
