"""`connector reconcile deposits`: kept bank lines against the deposits of a feed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json
from connector.cli.reconcile_files import show_table
from connector.cli.reconcile_match import read_rules_file

if TYPE_CHECKING:
    from connector.reconcile.matching.values import Entry
    from connector.store.bank import KeptLine
    from connector.store.matches import Match
    from connector.sync.bank import Deposits


def deposits(
    feed: Annotated[str, typer.Argument(help="The name of the feed.")],
    apply_certain: Annotated[bool, typer.Option("--apply-certain", help="Accept what is certain.")] = False,
    rules: Annotated[Path | None, typer.Option(help="Rules for channels, rates and write-offs, a YAML file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Proposes which deposits of the feed the kept bank lines are, each with its evidence.

    What is accepted is planned into the books; connector post sends it."""
    from connector.store.feeds import feed as find
    from connector.sync.bank import deposits as tie

    with opened("decide" if apply_certain else "run") as house:
        decided = read_rules_file(rules)
        with house.database.transaction() as tx:
            found = find(tx, feed)
        done = tie(house, found, decided, apply_certain=apply_certain)
    if as_json:
        print_json(_body(done))
    else:
        _show(done)


def _body(done: Deposits) -> dict[str, object]:
    by_id = {each.id: each for each in done.lines}
    waiting = {each.line_id: each for each in done.waiting}
    return {
        "new": done.new,
        "accepted_now": done.accepted_now,
        "not_booked": list(done.not_booked),
        "matches": [_match(each) for each in done.matches],
        "lines": [
            _line(each) | {"misses": [_told(miss) for miss in waiting[str(each.id)].misses]}
            for each in by_id.values()
            if str(each.id) in waiting and each.state == "open"
        ],
        "open_deposits": [_entry(each) for each in done.entries if each.entry_id in done.open_entries],
    }


def _match(match: Match) -> dict[str, object]:
    from connector.domain.money import decimal_text

    made = match.made
    return {
        "id": match.id,
        "state": match.state,
        "confidence": made.confidence,
        "rung": made.rung,
        "lines": list(match.lines),
        "items": list(match.items),
        "residual": decimal_text(made.residual, made.currency),
        "exchange": decimal_text(made.exchange, made.currency),
        "fee": decimal_text(made.fee, made.currency),
        "fee_model": made.fee_model,
        "made_by": made.made_by,
        "currency": made.currency,
        "evidence": [{"fact": fact, "value": value, "detail": detail} for fact, value, detail in made.evidence],
        "sentence": _sentence(match),
        "accepted_by": match.accepted_by,
        "undone_by": match.undone_by,
        "reason": match.reason,
    }


def _line(kept: KeptLine) -> dict[str, object]:
    from connector.domain.money import decimal_text

    line = kept.line
    return {
        "id": kept.id,
        "account": kept.account,
        "date": line.date.isoformat() if line.date else None,
        "amount": None if line.amount is None else decimal_text(line.amount, line.currency),
        "currency": line.currency,
        "text": line.text,
        "state": kept.state,
        "is_edited": bool(kept.edited),
    }


def _entry(entry: Entry) -> dict[str, object]:
    from connector.domain.money import decimal_text

    amount = decimal_text(entry.amount, entry.currency)
    return {"item": entry.entry_id, "date": entry.day.isoformat(), "amount": amount, "currency": entry.currency}


def _told(evidence: object) -> str:
    from connector.reconcile.matching.sentences import said
    from connector.reconcile.matching.values import Evidence

    assert isinstance(evidence, Evidence)
    return said(evidence)


def _sentence(match: Match) -> str:
    from connector.reconcile.matching.sentences import said
    from connector.reconcile.matching.values import Evidence

    told = (Evidence(fact=fact, value=value, detail=detail) for fact, value, detail in match.made.evidence)
    return "; ".join(said(each) for each in told)


def _show(done: Deposits) -> None:
    counts = {state: sum(each.state == state for each in done.matches) for state in ("accepted", "proposed", "undone")}
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    typer.echo(f"Matches: {told} ({done.new} new, {done.accepted_now} accepted now).")
    for why in done.not_booked:
        typer.secho(f"  {why}", fg="yellow")
    lines = {each.id: each for each in done.lines}
    rows = [_row(each, lines) for each in done.matches if each.state != "undone"]
    heading = ("match", "state", "how sure", "line", "date", "amount", "deposit", "why")
    show_table(heading, rows, right={"amount", "match"}, say=typer.echo)
    body = _body(done)
    open_lines, open_deposits = body["lines"], body["open_deposits"]
    assert isinstance(open_lines, list) and isinstance(open_deposits, list)
    for each in open_lines:
        why = f"  {each['misses'][0]}" if each["misses"] else ""
        typer.echo(f"  line {each['id']}  {each['date']}  {each['amount']} {each['currency']}  {each['text']}{why}")
    for each in open_deposits:
        typer.echo(f"  {each['item']}  {each['date']}  {each['amount']} {each['currency']}  not seen at the bank yet")


def _row(match: Match, lines: dict[int, KeptLine]) -> Sequence[str]:
    from connector.cli.printed import amount_text

    first = lines[match.lines[0]].line
    total = sum(lines[each].line.amount or 0 for each in match.lines)
    return (
        str(match.id),
        match.state,
        match.made.confidence,
        ", ".join(str(each) for each in match.lines),
        first.date.isoformat() if first.date else "",
        amount_text(total, first.currency),
        ", ".join(match.items),
        _sentence(match),
    )
