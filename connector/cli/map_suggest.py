"""`connector map suggest`: where what nobody decided probably belongs, each answer with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import opened, print_json

if TYPE_CHECKING:
    from connector.mapping.checks.audited import Audit
    from connector.mapping.suggest import Suggestion, Wanted


def suggest(
    feed: Annotated[str, typer.Argument(help="The name of the feed.")],
    back_test: Annotated[
        bool, typer.Option("--back-test", help="Hide half of what is decided, and say how often the answer is right.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Suggests an account for every code of the source that the map does not decide, and a code for every tax."""
    from connector.store.feeds import feed as find
    from connector.sync.audit import values_of

    with opened("read") as house:
        with house.database.transaction() as tx:
            found = find(tx, feed)
        values = values_of(house, found)
    if back_test:
        _show_back_test(values, as_json=as_json)
    else:
        _show(values, as_json=as_json)


def _show(values: Audit, *, as_json: bool) -> None:
    from connector.mapping.suggest import Wanted
    from connector.mapping.suggest import suggest as ask

    answers = [(wanted, ask(wanted, values.known)) for wanted in values.undecided]
    answers += [(Wanted("taxes", tax), _of_tax(tax, values)) for tax in values.undecided_taxes]
    if as_json:
        print_json([_body(wanted, found) for wanted, found in answers])
        return
    width = max((len(f"{wanted.kind} {wanted.code}") for wanted, _ in answers), default=0)
    for wanted, found in answers:
        what = f"{wanted.kind} {wanted.code}".ljust(width)
        typer.echo(f"{what}  →  {found[0].account}  ({found[0].reason})" if found else f"{what}  →  nothing known")
    if not answers:
        typer.echo("Everything that the source has is decided.")


def _of_tax(tax: str, values: Audit) -> tuple[Suggestion, ...]:
    from connector.mapping.suggest import suggest_decided_tax

    found = suggest_decided_tax(tax, values.books.tax_rates, values.decided_taxes)
    return (found,) if found else ()


def _show_back_test(values: Audit, *, as_json: bool) -> None:
    from connector.mapping.suggest import back_test

    tried = back_test(values.decided_here, values.books, values.rules.defaults)
    if as_json:
        print_json({"asked": tried.asked, "answered": tried.answered, "right": tried.right})
    elif not tried.asked:
        typer.echo("Too little is decided code by code to try suggestions on.")
    else:
        typer.echo(
            f"Of {tried.asked} hidden decisions the first suggestion was right for {tried.right} ({tried.percent} %)."
        )


def _body(wanted: Wanted, found: tuple[Suggestion, ...]) -> dict[str, object]:
    told = [{"account": each.account, "reason": each.reason} for each in found]
    return {"kind": wanted.kind, "code": wanted.code, "suggestions": told}
