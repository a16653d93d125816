"""Connect: a grant becomes a connection, named by who it speaks for; a feed joins a source and a target."""

from __future__ import annotations

from dataclasses import dataclass

from connector.domain.keys import contact_name
from connector.errors import NeedsMapping, NeedsReconnect, Unreadable
from connector.sources.registry import names as source_names
from connector.sources.registry import source as find_source
from connector.store.account_maps import keep_books
from connector.store.credentials import StoredTokens, forget_grant, keep_grant
from connector.store.feeds import Connection, Feed, NewConnection, add_feed, keep_connection, keep_locations, set_state
from connector.sync.house import House
from connector.targets.registry import names as target_names
from connector.targets.registry import target as find_target
from connector.transport.access import Access
from connector.transport.oauth import Consent, Grant
from connector.transport.sessions import check_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to connect. `account` is the provider's id of it, where the provider does not tell."""

    organisation: str
    provider: str
    name: str = ""
    base_url: str = ""
    account: str = ""


def consent_of(provider: str, base_url: str) -> Consent:
    """The consent pages of a provider, at another address where one is given. Raises Unreadable where it has none."""
    if base_url:
        check_address(base_url)
    if provider in source_names():
        consent = find_source(provider).consent
    elif provider in target_names():
        consent = find_target(provider).consent
    else:
        raise Unreadable(f"There is no provider {provider!r}; there are: {', '.join(source_names() + target_names())}.")
    if consent is None:
        raise Unreadable(f"{provider} has no consent page: its files are read as they are.")
    return consent.at(base_url)


def takes_refresh_token(provider: str) -> bool:
    """Whether what an owner copies from the provider is a refresh token."""
    known = find_source(provider).consent if provider in source_names() else None
    return known is not None and known.pasted_is_refresh


def connect(house: House, wanted: Wanted, grant: Grant | None) -> Connection:
    """Asks who the grant speaks for and keeps both, sealed; the same account again keeps everything it had."""
    if wanted.provider in source_names():
        return _connect_source(house, wanted, grant)
    if wanted.provider in target_names():
        return _connect_target(house, wanted, grant)
    raise Unreadable(
        f"There is no provider {wanted.provider!r}; there are: {', '.join(source_names() + target_names())}."
    )


def join(house: House, name: str, source: Connection, target: Connection, style: str, *, role: str = "") -> Feed:
    """Makes a feed, or changes its style or role, and reads the books for it."""
    opened = house.books(target)
    opened.open_contact(contact_name(source.provider))
    chart = opened.books()
    with house.database.transaction() as tx:
        feed = add_feed(tx, name=name, source=source, target=target, style=style, role=role)
        keep_books(tx, target.id, chart, house.now())
    return feed


def disconnect(house: House, connection: Connection) -> None:
    """Ends the consent at the provider and forgets its tokens; everything else stays.

    Raises RetryLater or Rejected where the provider did not end it: nothing is forgotten then, to be done again."""
    from connector.transport.exchange import revoke

    source_or_target = find_source if connection.side == "source" else find_target
    consent = source_or_target(connection.provider).consent
    grant = StoredTokens(house.database, house.vault, house.now).load(str(connection.id))
    if consent is not None and grant.refresh_token:
        revoke(consent.at(connection.base_url), house.client(connection.provider), grant, house.now)
    with house.database.transaction() as tx:
        forget_grant(tx, connection.id)
        set_state(tx, connection.id, "disconnected")


def _connect_source(house: House, wanted: Wanted, grant: Grant | None) -> Connection:
    source = find_source(wanted.provider)
    if source.identify is None or (grant is None and source.file is not None):
        external_id = wanted.account or wanted.organisation
        return _kept(house, wanted, None, external_id, source.title)
    if grant is None:
        raise NeedsReconnect(f"{source.title} needs a token or consent to connect.")
    identity = source.identify(_access(house, wanted, grant))
    connection = _kept(house, wanted, grant, identity.external_id, identity.name)
    with house.database.transaction() as tx:
        keep_locations(tx, connection.id, identity.locations)
    return connection


def _connect_target(house: House, wanted: Wanted, grant: Grant | None) -> Connection:
    target = find_target(wanted.provider)
    if target.open is None:
        raise Unreadable(f"{target.title} needs no connection: use connector preview.")
    if grant is None:
        raise NeedsReconnect(f"{target.title} needs a token or consent to connect.")
    access = _access(house, wanted, grant)
    if target.reaches is not None and not access.external_id:
        reached = target.reaches(access)
        if len(reached) != 1:
            raise NeedsMapping(f"The consent reaches {len(reached)} organisations; say which with --account ID.")
        access = _access(house, wanted, grant, reached[0])
    if not access.external_id:
        raise NeedsMapping(f"{target.title} does not tell whose books these are; say it with --account ID.")
    books = target.open(access).organisation()
    new = _new(wanted, "target", access.external_id, books.name, (books.country, books.currency))
    return _store(house, new, grant)


def _kept(house: House, wanted: Wanted, grant: Grant | None, external_id: str, title: str) -> Connection:
    return _store(house, _new(wanted, "source", external_id, title, ("", "")), grant)


def _new(wanted: Wanted, side: str, external_id: str, title: str, where: tuple[str, str]) -> NewConnection:
    return NewConnection(
        organisation=wanted.organisation,
        name=wanted.name or wanted.provider,
        side="target" if side == "target" else "source",
        provider=wanted.provider,
        external_id=external_id,
        title=title,
        base_url=wanted.base_url,
        country=where[0],
        currency=where[1],
    )


def _store(house: House, new: NewConnection, grant: Grant | None) -> Connection:
    with house.database.transaction() as tx:
        connection = keep_connection(tx, new)
        if grant is not None:
            keep_grant(tx, house.vault, connection.id, grant)
    return connection


def _access(house: House, wanted: Wanted, grant: Grant, account: str = "") -> Access:
    def fresh() -> str:
        return grant.access_token

    return Access(
        base_url=wanted.base_url,
        external_id=account or wanted.account or grant.external_id,
        token=fresh,
        now=house.now,
    )
