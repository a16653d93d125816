"""`connector setup`: accounts on consent, the questions that make the books right, the cut-over, and activation."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.opened import WRONG_INPUT, opened, print_json
from connector.cli.setup_shown import show_cutover, show_offers, show_proposals, show_questions

if TYPE_CHECKING:
    from connector.domain.cutover import OpeningItem
    from connector.store.feeds import Feed
    from connector.sync.house import House

setup_app = typer.Typer(help="Set a feed up, and let it post when its books will be right.", no_args_is_help=True)

FeedName = Annotated[str, typer.Argument(help="The name of the feed.")]
Author = Annotated[str, typer.Option("--as", help="Who decides it.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@setup_app.command("express")
def express(
    feed: FeedName,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also accounts of what never occurred yet.")] = False,
    bank: Annotated[str, typer.Option(help="The bank account that payouts arrive on.")] = "",
    author: Author = "",
    as_json: Json = False,
) -> None:
    """Proposes an account for everything that occurs; on consent opens what is missing and maps it all."""
    from connector.sync.setup import accept, proposed

    with opened("decide") as house:
        found = _feed(house, feed)
        rows = proposed(house, found, everything=everything, bank=bank)
        if as_json:
            print_json([asdict(row) for row in rows])
        else:
            show_proposals(found, rows)
        if not (yes or (not as_json and typer.confirm("Open and map these accounts?", default=False))):
            typer.echo("Nothing was changed.", err=True)
            return
        number = accept(house, found, rows, author=author or house.sight.person)
    created = sum(row.action == "create" for row in rows)
    waiting = sum(row.action == "decide" for row in rows)
    if not as_json:
        typer.echo(f"{created} accounts opened; version {number} of the account map is in force.")
        if waiting:
            typer.echo(f"{waiting} wait for you: connector setup advanced {feed} shows what each may take.")
        typer.echo(f"Next: connector setup show {feed}")


@setup_app.command("advanced")
def advanced(
    feed: FeedName,
    choices: Annotated[list[str] | None, typer.Option("--set", help="SLOT=ACCOUNT, by name or number.")] = None,
    file: Annotated[Path | None, typer.Option(help="A YAML file of slots and accounts.")] = None,
    slot: Annotated[str, typer.Option(help="Show only what this slot may take.")] = "",
    author: Author = "",
    as_json: Json = False,
) -> None:
    """Chooses accounts that the books have already: only those of a type that fits are offered, and taken."""
    from connector.sync.setup import choose
    from connector.sync.setup_offers import offered

    with opened("decide" if choices or file else "read") as house:
        found = _feed(house, feed)
        said = [*_choices(choices or []), *(_from_file(file) if file else [])]
        taken = choose(house, found, said, author=author or house.sight.person) if said else []
        offers = [] if said else offered(house, found, slot)
    if as_json:
        print_json([asdict(each) for each in (taken or offers)])
    elif said:
        for each in taken:
            typer.echo(f"{each.slot}: {each.account}{f' ({each.number})' if each.number else ''}")
    else:
        show_offers(feed, offers)


@setup_app.command("answers")
def answers(
    feed: FeedName,
    registered: Annotated[str, typer.Option(help="Registered for VAT or GST: yes or no.")] = "",
    tax_from: Annotated[str, typer.Option(help="Registered from this day, such as 2026-04-01.")] = "",
    scheme: Annotated[str, typer.Option(help="The scheme: standard, flat rate, margin, annual …")] = "",
    basis: Annotated[str, typer.Option(help="The basis of books and tax: accrual or cash.")] = "",
    deposits: Annotated[str, typer.Option(help="Who books the deposit: connector or 'bank feed'.")] = "",
    role: Annotated[
        str, typer.Option(help="What the feed posts: 'sales and payouts', 'sales only', 'payouts only'.")
    ] = "",
    usual: Annotated[
        bool, typer.Option("--usual", help="Answer what is open as proposed, where something is.")
    ] = False,
    author: Author = "",
    as_json: Json = False,
) -> None:
    """Shows the questions with their answers; takes answers."""
    from connector.domain.registration import BASIS, FROM, REGISTERED_AS, SCHEME
    from connector.sync.setup import DEPOSITS, ROLE, answer, asked

    named = {REGISTERED_AS: registered, FROM: tax_from, SCHEME: scheme, BASIS: basis, DEPOSITS: deposits, ROLE: role}
    said = {name: value for name, value in named.items() if value}
    with opened("decide" if said or usual else "read") as house:
        found = _feed(house, feed)
        if said:
            answer(house, found, said, author=author or house.sight.person)
        if usual:
            answer(house, found, _usual(house, found), author=author or house.sight.person)
        rows = asked(house, found)
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        show_questions(rows)


@setup_app.command("cutover")
def cutover(
    feed: FeedName,
    previous: Annotated[str, typer.Option(help="Before: nothing, connector, undeposited, income or equity.")] = "",
    last_day: Annotated[str, typer.Option(help="The last day that it covers, such as 2026-03-31.")] = "",
    against: Annotated[str, typer.Option(help="The account on the other side of what was open.")] = "",
    open_items: Annotated[
        list[str] | None, typer.Option("--open-item", help="'SLOT AMOUNT NAME', such as 'clearing.card 412.60 po_19'.")
    ] = None,
    not_paid_out: Annotated[bool, typer.Option(help="Take what the records say was not paid out.")] = False,
    nothing_open: Annotated[bool, typer.Option("--nothing-open", help="What is listed is all that was open.")] = False,
    author: Author = "",
    as_json: Json = False,
) -> None:
    """Decides what booked the takings before, until when, and what was still open then; shows the openings it makes."""
    from connector.domain.cutover import Cutover
    from connector.sync.setup import day, decide_cutover, found_open, planned_openings

    is_said = bool(previous or last_day or against or open_items or not_paid_out or nothing_open)
    with opened("decide" if is_said else "read") as house:
        found = _feed(house, feed)
        items = tuple(_item(text, found) for text in open_items or ())
        until = day(last_day) if last_day else None
        said = Cutover(
            previous=previous, last_day=until, against=against, items=items, is_complete=nothing_open or not_paid_out
        )
        author = author or house.sight.person
        whole = decide_cutover(house, found, said, author=author)
        hints = found_open(house, found, whole.starts_on) if whole.starts_on else []
        if not_paid_out:
            whole = decide_cutover(house, found, Cutover(items=tuple(hints)), author=author)
        documents = planned_openings(house, _feed(house, feed))
    if as_json:
        body = asdict(whole) | {"gaps": list(whole.gaps), "not_paid_out": [asdict(hint) for hint in hints]}
        print_json(body | {"documents": [document.mark for document in documents]})
    else:
        show_cutover(feed, whole, hints, documents)


@setup_app.command("show")
def show(feed: FeedName, as_json: Json = False) -> None:
    """Shows how far a feed is set up: what is answered, what stands against activation, and the next step."""
    from connector.sync.activate import refusals
    from connector.sync.setup import asked, cutover_of

    with opened("read") as house:
        found = _feed(house, feed)
        rows, decided = asked(house, found), cutover_of(house, found)
        against = [] if found.state == "active" else refusals(house, found)
    if as_json:
        rest = {"questions": [asdict(row) for row in rows], "cutover": asdict(decided), "against": against}
        print_json({"feed": feed, "state": found.state} | rest)
        return
    typer.echo(f"{feed}: {found.source.title} → {found.target.title}, {found.state}.")
    show_questions(rows)
    show_cutover(feed, decided, [], ())
    for sentence in against:
        typer.echo(f"  ✗ {sentence}")
    if not against:
        done = "It posts." if found.state == "active" else f"Nothing stands against it: connector setup activate {feed}"
        typer.echo(done)


@setup_app.command("activate")
def activate(feed: FeedName) -> None:
    """Lets the feed post; refused, with every reason, while something stands against it."""
    from connector.sync.activate import activate as let
    from connector.sync.activate import refusals

    with opened("decide") as house:
        found = _feed(house, feed)
        against = refusals(house, found)
        if not against:
            let(house, found)
    if against:
        typer.echo(f"{feed} is not activated:", err=True)
        for sentence in against:
            typer.echo(f"  {sentence}", err=True)
        raise typer.Exit(WRONG_INPUT)
    typer.echo(f"{feed} is active. Look at it with connector diff {feed}, then connector post {feed}.")


def _feed(house: House, name: str) -> Feed:
    from connector.store.feeds import feed

    with house.database.transaction() as tx:
        return feed(tx, name)


def _usual(house: House, found: Feed) -> dict[str, str]:
    from connector.sync.setup import asked

    return {each.name: each.proposal for each in asked(house, found) if each.is_open and each.proposal}


def _choices(texts: list[str]) -> list[tuple[str, str]]:
    from connector.errors import Unreadable

    pairs = [text.partition("=") for text in texts]
    wrong = next((slot for slot, equals, name in pairs if not (slot and equals and name)), None)
    if wrong is not None:
        raise Unreadable(f"{wrong!r} is no choice; write it as SLOT=ACCOUNT, such as bank=Checking.")
    return [(slot.strip(), name.strip()) for slot, _, name in pairs]


def _from_file(path: Path) -> list[tuple[str, str]]:
    from connector.cli.feed import map_text
    from connector.domain.map_file import read_map

    text = map_text(path)
    found = read_map(text if text.lstrip().startswith("slots:") else f"slots:\n{_indented(text)}")
    return [(slot, to.number or to.account) for slot, to in found.slots.items()]


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _item(text: str, feed: Feed) -> OpeningItem:
    from connector.domain.cutover import OPENS, OpeningItem
    from connector.domain.money import parse_minor
    from connector.errors import Unreadable

    slot, _, rest = text.strip().partition(" ")
    amount, _, name = rest.strip().partition(" ")
    if slot.partition("@")[0].partition(".")[0] not in OPENS:
        raise Unreadable(f"{slot!r} cannot be open at a cut-over; what can: {', '.join(sorted(OPENS))}.")
    if not name.strip():
        raise Unreadable(f"{text!r} has no name; write it as 'SLOT AMOUNT NAME', such as 'clearing.card 412.60 po_19'.")
    try:
        minor = parse_minor(amount, feed.target.currency)
    except ValueError as error:
        raise Unreadable(f"In {text!r}, {error}.") from None
    return OpeningItem(slot=slot, name=name.strip(), amount=minor, currency=feed.target.currency)
