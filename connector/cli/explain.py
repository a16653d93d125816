"""`connector explain`: a document down to the rows it came from, or a record up to the lines that hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json

if TYPE_CHECKING:
    from connector.domain.document import Document
    from connector.store.account_maps import MapVersion
    from connector.sync.explain import Explained, Home


def explain(
    name: Annotated[str, typer.Argument(help="A mark, a key, an id in the books, or a record as STREAM/ID.")],
    rows: Annotated[int, typer.Option(min=1, max=100_000, help="How many rows to show for each line.")] = 5,
    raw: Annotated[bool, typer.Option(help="A record as its source sent it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Follows a number back to what happened at the till, or a record to where its money lives."""
    from connector.sync.explain import as_received, homes
    from connector.sync.explain import explain as follow

    with opened("read") as house:
        if raw:
            typer.echo(as_received(house, name).decode("utf-8", "replace"))
        elif "/" in name and "|" not in name:
            _print_homes(homes(house, name), as_json)
        else:
            _print_document(follow(house, name, rows + 1), rows, as_json)


def _print_document(found: Explained, rows: int, as_json: bool) -> None:
    from connector.cli.printed import amount_text, document_body
    from connector.domain.notation import written
    from connector.domain.wording import many

    document = found.document
    if as_json:
        postings = [
            {
                "mark": each.posting.mark,
                "kind": each.posting.target_kind,
                "state": each.posting.state,
                "id": each.posting.target_id,
                "attempts": [
                    {"n": n, "sent_at": sent_at.isoformat(), "outcome": outcome, "trace_id": trace}
                    for n, sent_at, outcome, trace in each.attempts
                ],
            }
            for each in found.postings
        ]
        behind = [
            {
                "account": each.line.account,
                "why": list(each.why),
                "rows": [{"record": row.record, "row": row.text} for row in each.rows[:rows]],
                "more": len(each.rows) > rows,
            }
            for each in found.lines
        ]
        made_with = found.made_with.number if found.made_with else 0
        body = {"feed": found.feed, "map_version": made_with, "document": document_body(document)}
        print_json({**body, "postings": postings, "behind": behind})
        return
    typer.echo(written(document) + _told_rate(document))
    if found.made_with:
        typer.echo(f"  made with {told_version(found.made_with)}")
    for each in found.postings:
        typer.echo(
            f"  {each.posting.target_kind} {each.posting.target_id or '–'}  {each.posting.mark}  {each.posting.state}"
        )
        for n, sent_at, outcome, trace in each.attempts:
            typer.echo(f"    attempt {n}  {sent_at:%Y-%m-%d %H:%M:%S} UTC  {outcome}  {trace}".rstrip())
    for line in found.lines:
        amount = amount_text(abs(line.line.amount), document.currency)
        side = "Cr" if line.line.amount < 0 else "Dr"
        typer.echo(f"\n  {side} {line.line.account}  {amount}  from {many(line.line.movements, 'movement')}")
        for reason in line.why:
            typer.echo(f"      because {reason}")
        for row in line.rows[:rows]:
            given = f"  {amount_text(row.amount, document.currency)}" if row.amount is not None else ""
            typer.echo(f"      {row.record}{given}  {row.text}".rstrip())
        if len(line.rows) > rows:
            typer.echo(f"      and more: --rows {max(10, 10 * rows)} shows them")
        if not line.line.shares:
            typer.echo("      balances the lines above")


def _told_rate(document: Document) -> str:
    return f"  at the rate {document.rate}, from: {document.rate_source}\n" if document.rate else ""


def told_version(version: MapVersion) -> str:
    """A version of the account map in words: its number, who decided it, when it begins and why."""
    begins = f", for days from {version.valid_from.isoformat()}" if version.valid_from else ""
    author = f", by {version.author}" if version.author else ""
    reason = f": {version.reason}" if version.reason else ""
    return f"version {version.number} of the account map{begins}{author}{reason}"


def _print_homes(found: list[Home], as_json: bool) -> None:
    from connector.cli.printed import amount_text

    if as_json:
        keys = ("feed", "kind", "code", "amount", "currency", "place")
        print_json([{key: getattr(home, key) for key in keys} for home in found])
        return
    for home in found:
        typer.echo(f"{home.feed}: {home.kind} {home.code}  {amount_text(home.amount, home.currency)}  →  {home.place}")
