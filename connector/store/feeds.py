"""Organisations, connections, locations and feeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlmodel import col, select

from connector.domain.shop import Location
from connector.errors import Unreadable
from connector.store.database import EVERYTHING, Transaction, hold
from connector.store.tables import ConnectionRow, FeedRow, LocationRow, OrganisationRow

Side = Literal["source", "target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Consent to one account of a provider. `name` is what people call it, unique in the database; `scopes` are those
    granted, none where nobody said."""

    id: int
    organisation: str
    name: str
    side: str
    provider: str
    external_id: str
    title: str
    base_url: str
    country: str = ""
    currency: str = ""
    state: str = "active"
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One source flowing into one target. `journalized` is the state of things that was last journalized.

    `amends` says what happens when the source changes after posting ("adjust" or "hold"), `late` where a correction of
    a locked day goes ("first open day" or "hold"), `deposits` who books the money at the bank ("connector" when the
    source says so, "match" when a bank line is matched, "bank feed" the bookkeeper, or empty for the source's default),
    `certain` what becomes of matches that are certain ("apply", or "wait" for a person); `document_kind` and
    `payout_kind` say which records of the books sales and payouts become (empty for what is usual there), `attach`
    which file is put on records ("none" or "rows"); tax filed until a date locks like the books' own lock. What is
    before `starts_on` was booked by another method; only an "active" feed posts, one that is "set up" does not yet."""

    id: int
    name: str
    organisation: str
    source: Connection
    target: Connection
    style: str
    role: str
    policy: str
    amends: str
    late: str
    deposits: str
    document_kind: str
    payout_kind: str
    certain: str
    tax_filed_until: date | None
    attach: str
    journalized: str
    starts_on: date | None = None
    state: str = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnection:
    """What a connection is made of."""

    organisation: str
    name: str
    side: Side
    provider: str
    external_id: str
    title: str = ""
    base_url: str = ""
    country: str = ""
    currency: str = ""
    scopes: tuple[str, ...] = ()


def keep_connection(tx: Transaction, new: NewConnection) -> Connection:
    """Makes the connection, or brings an existing one of the same account up to date: connecting again keeps all, also
    whose it is.

    Raises Unreadable where the name already stands for another account."""
    hold(tx, EVERYTHING)
    named = tx.exec(select(ConnectionRow).where(ConnectionRow.name == new.name)).first()
    if named and (named.provider, named.side, named.external_id) != (new.provider, new.side, new.external_id):
        raise Unreadable(
            f"The name {new.name!r} already stands for {named.title or named.external_id} of {named.provider}; "
            "choose another with --name."
        )
    row = named or ConnectionRow(
        organisation_id=_organisation(tx, new.organisation).id or 0,
        name=new.name,
        side=new.side,
        provider=new.provider,
        external_id=new.external_id,
    )
    row.title, row.base_url, row.scopes = new.title, new.base_url, " ".join(new.scopes)
    row.country, row.currency, row.state = new.country, new.currency, "active"
    tx.add(row)
    tx.flush()
    return _read(tx, row)


def connection(tx: Transaction, name: str) -> Connection:
    """The connection of that name; raises Unreadable, naming those there are."""
    row = tx.exec(select(ConnectionRow).where(ConnectionRow.name == name)).first()
    if row is None:
        known = ", ".join(each.name for each in connections(tx)) or "none yet"
        raise Unreadable(f"There is no connection {name!r}; there are: {known}.")
    return _read(tx, row)


def connection_by_id(tx: Transaction, connection_id: int) -> Connection:
    return _read(tx, tx.get_one(ConnectionRow, connection_id))


def connections_by_id(tx: Transaction, ids: Sequence[int]) -> list[Connection]:
    """Several connections at once, in no order."""
    rows = tx.exec(
        select(ConnectionRow, OrganisationRow.name)
        .join(OrganisationRow, col(OrganisationRow.id) == col(ConnectionRow.organisation_id))
        .where(col(ConnectionRow.id).in_(ids))
    )
    return [_connection(row, organisation) for row, organisation in rows]


def connections(tx: Transaction) -> list[Connection]:
    return [_read(tx, row) for row in tx.exec(select(ConnectionRow).order_by(col(ConnectionRow.id)))]


def set_state(tx: Transaction, connection_id: int, state: str) -> None:
    """Whether a connection is active or disconnected."""
    row = tx.get_one(ConnectionRow, connection_id)
    row.state = state
    tx.add(row)


def set_location(
    tx: Transaction, connection_id: int, source_id: str, *, zone: str = "", closes_at: int | None = None
) -> Location:
    """The owner's word on a place: its zone, and the hour until which a sale belongs to the day before.

    Raises Unreadable, naming the places there are."""
    row = tx.exec(
        select(LocationRow).where(LocationRow.connection_id == connection_id, LocationRow.source_id == source_id)
    ).first()
    if row is None:
        known = ", ".join(place.source_id for place in locations(tx, connection_id)) or "none yet; pull first"
        raise Unreadable(f"There is no location {source_id!r}; there are: {known}.")
    row.zone = zone or row.zone
    row.closes_at = row.closes_at if closes_at is None else closes_at
    tx.add(row)
    return _location(row)


def keep_locations(tx: Transaction, connection_id: int, locations: Sequence[Location]) -> None:
    """Remembers places as the source names them; the owner's closing hour stays."""
    hold(tx, connection_id)
    for place in locations:
        known = select(LocationRow).where(
            LocationRow.connection_id == connection_id, LocationRow.source_id == place.source_id
        )
        row = tx.exec(known).first() or LocationRow(
            connection_id=connection_id,
            source_id=place.source_id,
            name=place.name,
            zone=place.zone,
            closes_at=place.closes_at,
        )
        row.name, row.zone, row.currency = place.name, place.zone or row.zone, place.currency
        tx.add(row)
    tx.flush()


def locations(tx: Transaction, connection_id: int) -> list[Location]:
    rows = tx.exec(
        select(LocationRow).where(LocationRow.connection_id == connection_id).order_by(col(LocationRow.source_id))
    )
    return [_location(row) for row in rows]


def add_feed(tx: Transaction, *, name: str, source: Connection, target: Connection, style: str, role: str = "") -> Feed:
    """Makes a feed, or gives the one of that name; raises Unreadable where it joins other connections. A new one may
    post at once: right where nothing of its days was booked before, else it is to be set up."""
    hold(tx, EVERYTHING)
    row = tx.exec(select(FeedRow).where(FeedRow.name == name)).first()
    if row is None:
        organisation = _organisation(tx, source.organisation)
        row = FeedRow(
            name=name,
            organisation_id=organisation.id or 0,
            source_connection_id=source.id,
            target_connection_id=target.id,
        )
    elif (row.source_connection_id, row.target_connection_id) != (source.id, target.id):
        raise Unreadable(f"The feed {name!r} already joins two other connections; choose another name.")
    row.style, row.role = style or row.style, role or row.role
    tx.add(row)
    tx.flush()
    return _feed(tx, row)


def feed(tx: Transaction, name: str) -> Feed:
    """The feed of that name; raises Unreadable, naming those there are."""
    row = tx.exec(select(FeedRow).where(FeedRow.name == name)).first()
    if row is None:
        known = ", ".join(each.name for each in feeds(tx)) or "none yet"
        raise Unreadable(f"There is no feed {name!r}; there are: {known}.")
    return _feed(tx, row)


def feed_by_id(tx: Transaction, feed_id: int) -> Feed:
    return _feed(tx, tx.get_one(FeedRow, feed_id))


def feeds(tx: Transaction) -> list[Feed]:
    return [_feed(tx, row) for row in tx.exec(select(FeedRow).order_by(col(FeedRow.id)))]


FEED_CHOICES: dict[str, tuple[str, ...]] = {
    "amends": ("adjust", "hold"),
    "late": ("first open day", "hold"),
    "deposits": ("connector", "match", "bank feed"),
    "document_kind": ("journal", "invoice", "receipt"),
    "certain": ("apply", "wait"),
    "payout_kind": ("journal", "transfer", "deposit", "bill"),
    "attach": ("none", "rows"),
}


def feeds_from(tx: Transaction, source_id: int) -> list[Feed]:
    """The feeds of one source, oldest first."""
    wanted = select(FeedRow).where(FeedRow.source_connection_id == source_id).order_by(col(FeedRow.id))
    return [_feed(tx, row) for row in tx.exec(wanted)]


def set_choice(tx: Transaction, feed_id: int, choice: str, value: str) -> None:
    """One of the owner's choices for a feed; raises Unreadable, naming what can be chosen."""
    allowed = FEED_CHOICES[choice]
    if value not in allowed:
        raise Unreadable(f"{choice} is {' or '.join(repr(each) for each in allowed)}, not {value!r}.")
    row = tx.get_one(FeedRow, feed_id)
    setattr(row, choice, value)
    tx.add(row)


def set_tax_filed(tx: Transaction, organisation: str, until: date | None) -> None:
    """Until when an organisation's tax returns are filed; raises Unreadable, naming the organisations there are."""
    row = _known_organisation(tx, organisation)
    row.tax_filed_until = until
    tx.add(row)


def organisation_id(tx: Transaction, name: str) -> int:
    """The number of an organisation; raises Unreadable, naming those there are."""
    return _known_organisation(tx, name).id or 0


def set_policy(tx: Transaction, feed_id: int, policy: str) -> None:
    """What a feed does beyond its documents: "hold" nothing, "accrue" month ends."""
    row = tx.get_one(FeedRow, feed_id)
    row.policy = policy
    tx.add(row)


def mark_journalized(tx: Transaction, feed_id: int, state: str) -> None:
    """Remembers what was journalized, so that nothing new means no work."""
    row = tx.get_one(FeedRow, feed_id)
    row.journalized = state
    tx.add(row)


def _location(row: LocationRow) -> Location:
    return Location(
        source_id=row.source_id, name=row.name, zone=row.zone, currency=row.currency, closes_at=row.closes_at
    )


def _known_organisation(tx: Transaction, name: str) -> OrganisationRow:
    row = tx.exec(select(OrganisationRow).where(OrganisationRow.name == name)).first()
    if row is None:
        known = ", ".join(tx.exec(select(OrganisationRow.name).order_by(OrganisationRow.name))) or "none yet"
        raise Unreadable(f"There is no organisation {name!r}; there are: {known}.")
    return row


def _organisation(tx: Transaction, name: str) -> OrganisationRow:
    row = tx.exec(select(OrganisationRow).where(OrganisationRow.name == name)).first()
    if row is None:
        row = OrganisationRow(name=name)
        tx.add(row)
        tx.flush()
    return row


def _feed(tx: Transaction, row: FeedRow) -> Feed:
    organisation = tx.get_one(OrganisationRow, row.organisation_id)
    return Feed(
        id=row.id or 0,
        name=row.name,
        organisation=organisation.name,
        source=_read(tx, tx.get_one(ConnectionRow, row.source_connection_id)),
        target=_read(tx, tx.get_one(ConnectionRow, row.target_connection_id)),
        style=row.style,
        role=row.role,
        policy=row.policy,
        amends=row.amends,
        late=row.late,
        deposits=row.deposits,
        document_kind=row.document_kind,
        payout_kind=row.payout_kind,
        certain=row.certain,
        tax_filed_until=organisation.tax_filed_until,
        attach=row.attach,
        journalized=row.journalized,
        starts_on=row.starts_on,
        state=row.state,
    )


def _read(tx: Transaction, row: ConnectionRow) -> Connection:
    return _connection(row, tx.get_one(OrganisationRow, row.organisation_id).name)


def _connection(row: ConnectionRow, organisation: str) -> Connection:
    return Connection(
        id=row.id or 0,
        organisation=organisation,
        name=row.name,
        side=row.side,
        provider=row.provider,
        external_id=row.external_id,
        title=row.title,
        base_url=row.base_url,
        country=row.country,
        currency=row.currency,
        state=row.state,
        scopes=tuple(row.scopes.split()),
    )
