"""`connector person`: who works here, what each may do in which organisation, and how notices arrive."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli.opened import As, opened, print_json

person_app = typer.Typer(help="Persons: who may do what, and how they are told.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The person.")]


@person_app.command("add")
def add(
    name: Name,
    organisation: Annotated[str, typer.Option(help="An organisation that the person may see.")] = "",
    role: Annotated[str, typer.Option(help="owner, admin, accountant, operator or reader.")] = "reader",
    person: As = "",
) -> None:
    """Makes a person, and says what it is in an organisation."""
    from connector.store.persons import keep_person, set_role

    with opened("manage", person=person) as house, house.database.transaction() as tx:
        house.sight.need("manage", organisation)
        keep_person(tx, name)
        if organisation:
            set_role(tx, name, organisation, role)
    typer.echo(f"{name} is {role} of {organisation}." if organisation else f"{name} may see nothing yet.")


@person_app.command("remove")
def remove(
    name: Name,
    organisation: Annotated[str, typer.Option(help="The organisation that the person sees no more.")],
    person: As = "",
) -> None:
    """Takes a person out of an organisation."""
    from connector.store.persons import set_role

    with opened("manage", person=person) as house, house.database.transaction() as tx:
        house.sight.need("manage", organisation)
        set_role(tx, name, organisation, "")
    typer.echo(f"{name} sees nothing of {organisation} any more.")


@person_app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False, person: As = "") -> None:
    """Lists the persons of the organisations that one may see."""
    from connector.store.persons import persons

    with opened("read", person=person) as house, house.database.transaction() as tx:
        found = [each for each in persons(tx) if each.roles or not house.sight.person]
    if as_json:
        print_json([
            {"name": each.name, "email": each.email, "webhook": each.webhook, "at_once": each.at_once,
             "digest": each.digest, "roles": dict(each.roles)}
            for each in found
        ])  # fmt: skip
        return
    for each in found:
        roles = ", ".join(f"{role} of {organisation}" for organisation, role in each.roles.items()) or "sees nothing"
        typer.echo(f"{each.name}: {roles}")


@person_app.command("tell")
def tell(
    name: Name,
    email: Annotated[str | None, typer.Option(help="Where mail goes ('' for none).")] = None,
    webhook: Annotated[str | None, typer.Option(help="An https address that is posted to ('' for none).")] = None,
    at_once: Annotated[bool | None, typer.Option(help="Whether blocking findings are told at once.")] = None,
    digest: Annotated[str | None, typer.Option(help="The rest: off, daily or weekly.")] = None,
) -> None:
    """Says how notices reach a person. A webhook's secret is made here and shown this once."""
    import secrets

    from connector.store.persons import person, person_row, set_ways
    from connector.sync.notices import secret_row
    from connector.transport.sessions import check_address

    secret = ""
    with opened("read") as house, house.database.transaction() as tx:
        if name != house.sight.person:
            for organisation in person(tx, name).roles or ("",):
                house.sight.need("manage", organisation)
        ways: dict[str, str | bool] = {}
        ways |= {} if email is None else {"email": _email(email)}
        ways |= {} if at_once is None else {"at_once": at_once}
        ways |= {} if digest is None else {"digest": digest}
        if webhook:
            check_address(webhook)
            secret = secrets.token_hex(32)
            row = secret_row(person_row(tx, name).id or 0)
            ways |= {"webhook": webhook, "webhook_secret": house.vault.seal(secret.encode(), row)}
        elif webhook is not None:
            ways |= {"webhook": "", "webhook_secret": ""}
        set_ways(tx, name, ways)
        told = person(tx, name)
    by = " and ".join(filter(None, (told.email, told.webhook))) or "no way"
    typer.echo(f"{name} is told by {by}: {'at once what blocks, ' if told.at_once else ''}digest {told.digest}.")
    if secret:
        typer.echo(f"The webhook is signed with {secret} (shown this once).")


def _email(address: str) -> str:
    from connector.errors import Unreadable

    plain = address.strip()
    if plain and (plain.count("@") != 1 or any(each in plain for each in " ,;<>\r\n") or len(plain) > 254):
        raise Unreadable(f"{address!r} is not one mail address.")
    return plain
