"""`connector reconcile match`: bank lines to ledger entries, from tables of text; no database. Its commands are in
match_decisions.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import plain_errors, print_json
from connector.cli.reconcile_files import lines_of, show_table

if TYPE_CHECKING:
    from connector.reconcile.matching.rules import Rules
    from connector.reconcile.matching.values import BankLine, Evidence, Matches, Proposal

SHOWN = 100
WIDEST = 44


match_app = typer.Typer(help="Bank lines and what they are: proposed, decided, taken back.")


@match_app.callback(invoke_without_command=True)
def match(
    context: typer.Context,
    statement: Annotated[Path | None, typer.Option(help="CSV: id, date, amount, currency, text, reference.")] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="CSV: id, date, amount, currency, channel, reference, batch, fee, text.")
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="Rules for channels, rates and write-offs, a YAML file.")] = None,
    currency: Annotated[str, typer.Option(help="For tables that have no column currency.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Proposes which ledger entries a bank line pays, each with its evidence; lists what is ambiguous.

    Columns, rules and examples: docs/reconcile-files.md. Nothing is posted and nothing is applied. The commands are
    people's decisions about the bank lines that are kept in the database: docs/reconciliation.md."""
    if context.invoked_subcommand:
        return
    with plain_errors():
        lines, made = _matched(*_both(statement, ledger), rules, currency)
    if as_json:
        print_json(_body(lines, made))
    else:
        _show(lines, made)


def _both(statement: Path | None, ledger: Path | None) -> tuple[Path, Path]:
    from connector.errors import Unreadable

    if statement is None or ledger is None:
        raise Unreadable(
            "Name two tables, --statement and --ledger; or decide about kept bank lines: "
            "connector reconcile match --help lists how."
        )
    return statement, ledger


def _matched(statement: Path, ledger: Path, rules: Path | None, currency: str) -> tuple[Sequence[BankLine], Matches]:
    from connector.errors import Unreadable
    from connector.reconcile.columns import currency_of
    from connector.reconcile.matching.ladder import match as matched
    from connector.reconcile.matching.tables import read_entries, read_lines

    try:
        stands_in = currency_of(currency) if currency else ""
    except ValueError as error:
        raise Unreadable(f"--currency: {error}.") from None
    decided = read_rules_file(rules)
    with lines_of(statement) as text:
        lines = read_lines(text, statement.name, stands_in)
    with lines_of(ledger) as text:
        entries = read_entries(text, ledger.name, stands_in)
    return lines, matched(lines, entries, decided)


def read_rules_file(path: Path | None) -> Rules | None:
    """The rules in a YAML file, None where there is none; raises Unreadable."""
    if path is None:
        return None
    import yaml

    from connector.errors import Unreadable
    from connector.reconcile.matching.rules_file import read_rules

    with lines_of(path) as text:
        try:
            return read_rules(yaml.safe_load("".join(text)))
        except (yaml.YAMLError, RecursionError, ValueError):
            raise Unreadable(f"{path.name} is not YAML that can be read.") from None


def _body(lines: Sequence[BankLine], made: Matches) -> dict[str, object]:
    amounts = {line.line_id: line for line in lines}
    shown = [*made.proposals, *_distinct(made)]
    return {
        "summary": _counts(lines, made),
        "proposals": [_proposal(each, amounts[each.lines[0]]) for each in shown],
        "waiting": [
            {
                "line": each.line_id,
                "possible": [list(one.entries) for one in each.possible],
                "misses": [_evidence(miss) for miss in each.misses],
            }
            for each in made.waiting
        ],
        "open_entries": list(made.open_entries),
    }


def _distinct(made: Matches) -> Sequence[Proposal]:
    """Possible proposals once each, though several lines may list one."""
    return list(dict.fromkeys(one for each in made.waiting for one in each.possible))


def _counts(lines: Sequence[BankLine], made: Matches) -> dict[str, int]:
    by_name = dict.fromkeys(("certain", "likely"), 0)
    for each in made.proposals:
        by_name[each.confidence] += len(each.lines)
    possible = sum(bool(each.possible) for each in made.waiting)
    rest = {"possible": possible, "unexplained": len(made.waiting) - possible}
    return {"lines": len(lines), **by_name, **rest, "open_entries": len(made.open_entries)}


def _proposal(each: Proposal, line: BankLine) -> dict[str, object]:
    from connector.domain.money import decimal_text
    from connector.reconcile.matching.sentences import sentence

    return {
        "lines": list(each.lines),
        "entries": list(each.entries),
        "rung": each.rung,
        "confidence": each.confidence,
        "residual": decimal_text(each.residual, line.currency),
        "currency": line.currency,
        "evidence": [_evidence(one) for one in each.evidence],
        "sentence": sentence(each),
    }


def _evidence(one: Evidence) -> dict[str, str]:
    return {"fact": one.fact, "value": one.value, "detail": one.detail}


def _show(lines: Sequence[BankLine], made: Matches) -> None:
    counts = _counts(lines, made)
    typer.echo(
        f"{counts['lines']} bank lines: {counts['certain']} certain, {counts['likely']} likely, "
        f"{counts['possible']} possible, {counts['unexplained']} unexplained. "
        f"{counts['open_entries']} ledger entries stay open."
    )
    amounts = {line.line_id: line for line in lines}
    rows = [_row(each, amounts) for each in (*made.proposals, *_distinct(made))]
    rows += [_unexplained(each.line_id, each.misses, amounts) for each in made.waiting if not each.possible]
    show_table(("line", "date", "amount", "entries", "how sure", "why"), rows[:SHOWN], right={"amount"}, say=typer.echo)
    if len(rows) > SHOWN:
        typer.echo(f"  … and {len(rows) - SHOWN} more (--json has them all)")


def _row(each: Proposal, amounts: dict[str, BankLine]) -> tuple[str, ...]:
    from connector.reconcile.matching.sentences import sentence

    some = [amounts[name] for name in each.lines]
    return (*_line(some), _short(each.entries), each.confidence, sentence(each))


def _unexplained(name: str, misses: Sequence[Evidence], amounts: dict[str, BankLine]) -> tuple[str, ...]:
    from connector.reconcile.matching.sentences import said

    return (
        *_line([amounts[name]]),
        "",
        "unexplained",
        "; ".join(said(each) for each in misses[:1]) or "nothing is near",
    )


def _line(some: Sequence[BankLine]) -> tuple[str, str, str]:
    from connector.domain.money import decimal_text

    total = decimal_text(sum(line.amount for line in some), some[0].currency)
    return _short([line.line_id for line in some]), some[0].day.isoformat(), f"{total} {some[0].currency}"


def _short(names: Sequence[str]) -> str:
    text = ", ".join(names)
    return text if len(text) <= WIDEST else f"{names[0]} … {names[-1]} ({len(names)})"
