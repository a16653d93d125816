"""`connector reconcile match rule`, `rules` and `fees`: what the owner decides, and an acquirer's table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.cli.match_decisions import By
from connector.cli.opened import opened, print_json
from connector.cli.reconcile_files import lines_of, show_table

Feed = Annotated[str, typer.Argument(help="The name of the feed.")]


def rule(
    feed: Feed,
    by: By,
    file: Annotated[
        Path | None, typer.Option(help="The rule as a YAML file, as docs/reconcile-files.md has it.")
    ] = None,
    channel: Annotated[str, typer.Option(help="The source's name, or the clearing account of takings.")] = "",
    text: Annotated[list[str] | None, typer.Option(help="Words on the bank line; may be repeated.")] = None,
    days: Annotated[str, typer.Option(help="Days from the entry to the bank line, such as 0..4.")] = "",
    approve: Annotated[bool, typer.Option("--approve", help="Exact matches under it are certain.")] = False,
    code_to: Annotated[str, typer.Option(help="Code such lines to this account of the books.")] = "",
    tax: Annotated[str, typer.Option(help="The tax code of that account.")] = "",
) -> None:
    """Makes a rule: which words on a bank line mean which channel or account, and when. A file can say more: fees by a
    model, and small differences to write off."""
    from connector.store.feeds import feed as find
    from connector.sync.decide import make_rule

    body = _file_body(file) if file else _body(channel, text or [], days, approve=approve, coded=(code_to, tax))
    with opened("decide") as house:
        with house.database.transaction() as tx:
            found = find(tx, feed)
        made = make_rule(house, found, body, by=by)
    typer.echo(f"Rule {made.id} of {feed} is made by {made.made_by}.")


def rules(
    feed: Feed,
    retire: Annotated[int | None, typer.Option(help="Take the rule of this number out of use.")] = None,
    by: Annotated[str, typer.Option("--as", help="Who retires it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows the rules of a feed, those out of use too."""
    from connector.store.feeds import feed as find
    from connector.store.match_rules import match_rules
    from connector.sync.decide import contradicted_rules, retire_rule

    with opened("read") as house:
        if retire is not None:
            retire_rule(house, retire, by=by)
        with house.database.transaction() as tx:
            found = find(tx, feed)
            kept = match_rules(tx, found.id, retired=True)
        doubted = contradicted_rules(house, found)
    rows = [
        {"id": each.id, "made_by": each.made_by, "made_at": each.made_at.date().isoformat(),
         "retired_by": each.retired_by, "rule": each.body} for each in kept
    ]  # fmt: skip
    if as_json:
        print_json({"rules": rows, "suggest_only": doubted})
        return
    cells = [
        (str(r["id"]), str(r["made_at"]), str(r["made_by"]), _use(str(r["retired_by"])), _told(r["rule"])) for r in rows
    ]
    show_table(("rule", "made", "by", "use", "what"), cells, right={"rule"}, say=typer.echo)
    for name in doubted:
        typer.secho(f"  {name}: people took back what its rule made certain; it only suggests now.", fg="yellow")
    if not rows:
        typer.echo(f"{feed} has no rules of its own.")


def fees(
    feed: Feed,
    file: Annotated[Path, typer.Argument(help="The acquirer's table, CSV: date, reference, gross, fee or net.")],
    account: Annotated[str, typer.Option(help="The clearing account on which those takings wait.")],
    currency: Annotated[str, typer.Option(help="For a table that has no column currency.")] = "",
) -> None:
    """Keeps what an acquirer's own table says it kept of each batch; deposits then match less that fee."""
    from connector.errors import Unreadable
    from connector.reconcile.columns import currency_of
    from connector.reconcile.matching.acquirer import read_acquirer
    from connector.store.feeds import feed as find
    from connector.store.match_rules import AcquirerBatch
    from connector.sync.decide import keep_batches

    with opened("decide") as house:
        try:
            stands_in = currency_of(currency) if currency else ""
        except ValueError as error:
            raise Unreadable(f"--currency: {error}.") from None
        with lines_of(file) as text:
            read = read_acquirer(text, file.name, stands_in)
        with house.database.transaction() as tx:
            found = find(tx, feed)
        batches = [
            AcquirerBatch(account=account, day=each.day, reference=each.reference, currency=each.currency,
                          gross=each.gross, fee=each.fee, origin=file.name)
            for each in read
        ]  # fmt: skip
        new, known = keep_batches(house, found, batches)
    typer.echo(f"{new} new batches kept, {known} known. connector reconcile deposits {feed} matches them.")


RULES = (rule, rules, fees)


def _file_body(file: Path) -> dict[str, object]:
    import yaml

    from connector.errors import Unreadable

    with lines_of(file) as text:
        try:
            body = yaml.safe_load("".join(text))
        except (yaml.YAMLError, RecursionError, ValueError):
            raise Unreadable(f"{file.name} is not YAML that can be read.") from None
    if not isinstance(body, dict):
        raise Unreadable(f"{file.name} holds no rules.")
    return body


def _body(channel: str, text: list[str], days: str, *, approve: bool, coded: tuple[str, str]) -> dict[str, object]:
    from connector.errors import Unreadable

    if not channel:
        raise Unreadable("Name the channel, with --channel, or a file, with --file.")
    rule: dict[str, object] = {"name": channel, "descriptors": text, "approved": approve}
    rule |= {name: value for name, value in zip(("code_to", "tax"), coded, strict=True) if value}
    first, dots, last = days.partition("..")
    if days:
        if not (dots and first.strip("-").isdecimal() and last.strip("-").isdecimal()):
            raise Unreadable(f"--days {days}: write it as 0..4.")
        rule |= {"earliest": int(first), "latest": int(last)}
    return {"channels": [rule]}


def _use(retired_by: str) -> str:
    return f"retired by {retired_by}" if retired_by else "in use"


def _told(body: object) -> str:
    import json

    return json.dumps(body, ensure_ascii=False)
