"""Persons, and what each is in which organisation."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from sqlmodel import col, select

from connector.domain.person import DIGESTS, MEMBER_ROLES, Digest, MemberRole, Person
from connector.errors import Unreadable
from connector.store.database import Transaction
from connector.store.tables import MembershipRow, OrganisationRow, PersonRow

MAX_NAME = 100


def keep_person(tx: Transaction, name: str) -> None:
    """Makes a person; one of that name stays. Raises Unreadable for a name that is none."""
    if not name.strip() or len(name) > MAX_NAME:
        raise Unreadable(f"A person has a name of at most {MAX_NAME} characters.")
    if tx.exec(select(PersonRow).where(PersonRow.name == name)).first() is None:
        tx.add(PersonRow(name=name))
        tx.flush()


def persons(tx: Transaction) -> list[Person]:
    """Everybody, by name."""
    return [_person(tx, row) for row in tx.exec(select(PersonRow).order_by(PersonRow.name))]


def person(tx: Transaction, name: str) -> Person:
    """The person of that name; raises Unreadable where there is none."""
    return _person(tx, person_row(tx, name))


def person_row(tx: Transaction, name: str) -> PersonRow:
    row = tx.exec(select(PersonRow).where(PersonRow.name == name)).first()
    if row is None:
        raise Unreadable(f"There is no person {name!r}; connector person add makes one.")
    return row


def set_role(tx: Transaction, name: str, organisation: str, role: str) -> None:
    """What a person is in an organisation from now on; an empty role takes the person out of it."""
    owner = tx.exec(select(OrganisationRow).where(OrganisationRow.name == organisation)).first()
    if owner is None:
        raise Unreadable(f"There is no organisation {organisation!r}.")
    if role and role not in MEMBER_ROLES:
        raise Unreadable(f"A person is {', '.join(MEMBER_ROLES)}, not {role!r}.")
    person_id = person_row(tx, name).id or 0
    row = tx.get(MembershipRow, (person_id, owner.id or 0))
    if row is not None and not role:
        tx.delete(row)
    elif role:
        row = row or MembershipRow(person_id=person_id, organisation_id=owner.id or 0, role=role)
        row.role = role
        tx.add(row)


def set_ways(tx: Transaction, name: str, ways: dict[str, str | bool]) -> None:
    """How notices reach a person: email, webhook, webhook_secret (sealed), at_once, digest."""
    row = person_row(tx, name)
    if ways.get("digest", "off") not in DIGESTS:
        raise Unreadable(f"A digest comes {', '.join(DIGESTS)}, not {ways['digest']!r}.")
    for field, value in ways.items():
        setattr(row, field, value)
    tx.add(row)


def organisation_ids(tx: Transaction, name: str, roles: Collection[MemberRole] = MEMBER_ROLES) -> list[int]:
    """The organisations in which a person has one of these roles."""
    wanted = select(MembershipRow.organisation_id).where(MembershipRow.person_id == person_row(tx, name).id)
    return list(tx.exec(wanted.where(col(MembershipRow.role).in_(roles))))


def _person(tx: Transaction, row: PersonRow) -> Person:
    roles = tx.exec(
        select(OrganisationRow.name, MembershipRow.role)
        .join(MembershipRow, col(MembershipRow.organisation_id) == col(OrganisationRow.id))
        .where(MembershipRow.person_id == row.id)
        .order_by(OrganisationRow.name)
    )
    return Person(
        name=row.name,
        email=row.email,
        webhook=row.webhook,
        at_once=row.at_once,
        digest=cast(Digest, row.digest),
        roles={organisation: cast(MemberRole, role) for organisation, role in roles},
    )
