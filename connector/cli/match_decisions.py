"""`connector reconcile match accept`, `pick`, `split`, `code`, `ignore`, `unignore` and `undo`: what people decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import signed

if TYPE_CHECKING:
    from connector.store.matches import Match
    from connector.sync.decide import Choice
    from connector.sync.house import House
    from connector.sync.proposed import Coded

By = Annotated[str, typer.Option("--as", help="Who decides it.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Number = Annotated[int, typer.Argument(help="The number of the match.")]
Line = Annotated[int, typer.Argument(help="The number of the bank line.")]
FeedName = Annotated[str, typer.Option("--feed", help="The feed it belongs to (needed where several are).")]
Rest = Annotated[str, typer.Option("--rest-to", help="Where a rest goes: fee, or an account of the books.")]
Tax = Annotated[str, typer.Option(help="The tax code of that account.")]


def accept(match: Number, by: By) -> None:
    """Says yes to a proposed match."""
    from connector.sync.decide import accept as decide

    with signed("decide", by) as house:
        done = decide(house, match, by=by)
    typer.echo(f"Match {done.id} is accepted: {_what(done)}.{_next(done)}")


def pick(
    line: Line,
    items: Annotated[list[str], typer.Argument(help="The deposits that it is, as reconcile deposits names them.")],
    by: By,
    feed: FeedName = "",
    rest_to: Rest = "",
    tax: Tax = "",
) -> None:
    """Says that a bank line is another candidate, or several of them."""
    from connector.sync.decide import Choice

    _decided(feed, Choice(lines=(line,), items=tuple(items), rest=rest_to, rest_tax=tax), by)


def split(
    line: Line,
    by: By,
    item: Annotated[list[str] | None, typer.Option(help="A deposit in it, whole; may be repeated.")] = None,
    to: Annotated[list[str] | None, typer.Option(help="A part as ACCOUNT=AMOUNT or ACCOUNT/TAX=AMOUNT.")] = None,
    feed: FeedName = "",
    rest_to: Rest = "",
    tax: Tax = "",
) -> None:
    """Splits one bank line over several deposits and accounts."""
    from connector.sync.decide import Choice

    with signed("decide", by) as house:
        coded = tuple(_part(house, line, text) for text in to or [])
    choice = Choice(lines=(line,), items=tuple(item or []), coded=coded, rest=rest_to, rest_tax=tax)
    _decided(feed, choice, by)


def code(
    line: Line,
    account: Annotated[str, typer.Argument(help="The account of the books.")],
    by: By,
    feed: FeedName = "",
    tax: Tax = "",
) -> None:
    """Codes a bank line to an account of the books."""
    from connector.sync.decide import Choice

    _decided(feed, Choice(lines=(line,), rest=account, rest_tax=tax), by)


def undo(match: Number, by: By, reason: Reason = "") -> None:
    """Takes an accepted match back: both sides are open again, what it booked is reversed, and it stays in the
    history."""
    from connector.sync.decide import undo as decide

    with signed("decide", by) as house:
        done = decide(house, match, by=by, reason=reason)
    typer.echo(f"Match {done.id} is undone: {_what(done)} are open again.{_next(done)}")


def ignore(line: Line, by: By, reason: Reason = "") -> None:
    """Sets a bank line aside, with the reason."""
    from connector.sync.decide import ignore as decide

    with signed("decide", by) as house:
        done = decide(house, line, by=by, reason=reason)
    typer.echo(f"Bank line {done.id} is ignored: {done.reason}")


def unignore(line: Line, by: By, reason: Reason = "") -> None:
    """Opens a bank line again that was set aside."""
    from connector.sync.decide import unignore as decide

    with signed("decide", by) as house:
        done = decide(house, line, by=by, reason=reason)
    typer.echo(f"Bank line {done.id} is open again.")


DECISIONS = (accept, pick, split, code, ignore, unignore, undo)


def _decided(feed: str, choice: Choice, by: str) -> None:
    from connector.sync.decide import choose, feed_of_line

    with signed("decide", by) as house:
        done = choose(house, feed_of_line(house, choice.lines[0], feed), choice, by=by)
    typer.echo(f"Match {done.id} is made and accepted: {_what(done)}.{_next(done)}")


def _part(house: House, line: int, text: str) -> Coded:
    from connector.domain.money import parse_minor
    from connector.errors import Unreadable
    from connector.store.bank import line_of
    from connector.sync.proposed import Coded

    account, equals, amount = text.rpartition("=")
    account, _, tax = account.partition("/")
    with house.database.transaction() as tx:
        currency = line_of(tx, line).line.currency
    try:
        minor = parse_minor(amount, currency)
    except ValueError as error:
        raise Unreadable(f"--to {text}: {error}.") from None
    if not equals or not account.strip() or not minor:
        raise Unreadable(f'--to {text}: write it as "ACCOUNT=AMOUNT", such as "Bank Charges=-1.50".')
    return Coded(account=account.strip(), tax_code=tax.strip(), amount=minor)


def _what(match: Match) -> str:
    lines = ", ".join(str(line) for line in match.lines)
    return f"bank line {lines} and {', '.join(_said(item) for item in match.items)}"


def _said(item: str) -> str:
    from connector.store.matches import CODED

    return item.removeprefix(CODED).rpartition("|")[0] if item.startswith(CODED) else item


def _next(match: Match) -> str:
    return " connector post sends what it books." if match.period else ""
