"""Connect: a grant becomes a connection, named by who it speaks for; a feed joins a source and a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from connector.domain.keys import contact_name
from connector.domain.shop import Location
from connector.errors import ConnectorError, NeedsMapping, NeedsReconnect, Unreadable
from connector.sources.registry import names as source_names
from connector.sources.registry import source as find_source
from connector.store.account_maps import keep_books
from connector.store.credentials import ENDED, StoredTokens, forget_grant, keep_grant
from connector.store.database import EVERYTHING
from connector.store.feeds import (
    Connection,
    Feed,
    NewConnection,
    Side,
    add_feed,
    connections,
    keep_connection,
    keep_locations,
    set_state,
)
from connector.sync.house import House
from connector.targets.registry import names as target_names
from connector.targets.registry import target as find_target
from connector.transport.access import Access
from connector.transport.oauth import Client, Consent, Grant
from connector.transport.sessions import check_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to connect. `account` is the provider's id of it, where the provider does not tell;
    `is_other_confirmed` says that another company than the name stands for is meant, and is to stand beside it."""

    organisation: str
    provider: str
    name: str = ""
    base_url: str = ""
    account: str = ""
    is_other_confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Whom a grant speaks for, as the provider names it. `scopes` are those granted; none where nobody said."""

    side: Side
    external_id: str
    name: str
    country: str = ""
    currency: str = ""
    scopes: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()


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
    """Asks who the grant speaks for and keeps both, sealed; the same account again keeps everything it had.

    Raises Unreadable, with nothing changed, where the name stands for another company and that was not confirmed."""
    reached = accounts(house, wanted, grant)
    known = _named(house, wanted.name or wanted.provider)
    if known is not None and known.external_id in reached:
        reached = (known.external_id,)
    if len(reached) != 1:
        raise NeedsMapping(f"The consent reaches {len(reached)} organisations; say which with --account ID.")
    return keep(house, wanted, company(house, wanted, grant, reached[0]), grant)


def accounts(house: House, wanted: Wanted, grant: Grant | None) -> tuple[str, ...]:
    """The provider's ids of what a grant reaches; one empty id where asking who it is will tell."""
    told = wanted.account or (grant.external_id if grant else "")
    reaches = find_target(wanted.provider).reaches if wanted.provider in target_names() else None
    if told or reaches is None or grant is None:
        return (told,)
    return reaches(_access(house, wanted, grant))


def company(house: House, wanted: Wanted, grant: Grant | None, account: str) -> Company:
    """Asks who a grant speaks for; without a grant, a source that reads files speaks for whoever says so."""
    if wanted.provider in source_names():
        return _seller(house, wanted, grant, account)
    if wanted.provider in target_names():
        return _owner_of_books(house, wanted, grant, account)
    raise Unreadable(
        f"There is no provider {wanted.provider!r}; there are: {', '.join(source_names() + target_names())}."
    )


def keep(house: House, wanted: Wanted, found: Company, grant: Grant | None) -> Connection:
    """Keeps a company as a connection, with its grant sealed; raises as `connect` does."""
    new = NewConnection(
        organisation=wanted.organisation,
        name=wanted.name or wanted.provider,
        side=found.side,
        provider=wanted.provider,
        external_id=found.external_id,
        title=found.name,
        base_url=wanted.base_url,
        country=found.country,
        currency=found.currency,
        scopes=found.scopes,
    )
    new = _beside(house, wanted, new)
    with house.database.transaction() as tx:
        connection = keep_connection(tx, new)
        if grant is not None:
            keep_grant(tx, house.vault, connection.id, grant, house.now())
        keep_locations(tx, connection.id, found.locations)
    return connection


def join(house: House, name: str, source: Connection, target: Connection, style: str, *, role: str = "") -> Feed:
    """Makes a feed, or changes its style or role, and reads the books for it."""
    opened = house.books(target)
    opened.open_contact(contact_name(source.provider))
    chart = opened.books()
    with house.database.transaction(of=EVERYTHING) as tx:
        feed = add_feed(tx, name=name, source=source, target=target, style=style, role=role)
        keep_books(tx, target.id, chart, house.now())
    return feed


def disconnect(house: House, connection: Connection) -> None:
    """Ends the consent at the provider and forgets its tokens; everything else stays.

    Raises RetryLater or Rejected where the provider did not end it: nothing is forgotten then, to be done again."""
    from connector.transport.exchange import revoke

    consent = _consent(connection)
    grant = None if connection.state == ENDED else _stored(house).load(str(connection.id))
    if consent is not None and grant is not None and grant.refresh_token:
        revoke(consent, house.client(connection.provider), grant, house.now)
    with house.database.transaction() as tx:
        forget_grant(tx, connection.id, house.now())
        set_state(tx, connection.id, "disconnected")


def finish_refreshes(house: House) -> tuple[str, ...]:
    """Takes up every refresh of a token that was begun and has no end; one sentence for each that needs somebody.

    For the start of a worker, and each minute of it."""
    from connector.transport.tokens import settle

    return _each(house, _stored(house).unended(), settle)


def renew_idle(house: House) -> tuple[str, ...]:
    """Renews the tokens of connections that nobody has used for a week, before they lapse; sentences as above.

    For once a day."""
    from connector.transport.tokens import OLDEST, token

    with house.database.transaction() as tx:
        active = [str(each.id) for each in connections(tx) if each.state == "active"]
    keeper, before = _stored(house), house.now() - OLDEST
    held = {connection: keeper.load(connection) for connection in active if keeper.holds(connection)}
    idle = [each for each, grant in held.items() if grant.refresh_token and (grant.issued_at or before) <= before]
    return _each(house, idle, token)


def _each(
    house: House, ids: list[str], work: Callable[[StoredTokens, str, Consent, Client, Callable[[], datetime]], object]
) -> tuple[str, ...]:
    told = []
    with house.database.transaction() as tx:
        known = {str(each.id): each for each in connections(tx)}
    for connection in (known[each] for each in ids):
        consent = _consent(connection)
        if consent is None:
            continue
        try:
            work(_stored(house), str(connection.id), consent, house.client(connection.provider), house.now)
        except ConnectorError as error:
            told.append(f"{connection.name}: {error}")
    return tuple(told)


def _consent(connection: Connection) -> Consent | None:
    source_or_target = find_source if connection.side == "source" else find_target
    consent = source_or_target(connection.provider).consent
    return consent.at(connection.base_url) if consent else None


def _stored(house: House) -> StoredTokens:
    return StoredTokens(house.database, house.vault, house.now, house.folder)


def _seller(house: House, wanted: Wanted, grant: Grant | None, account: str) -> Company:
    source = find_source(wanted.provider)
    if source.identify is None or (grant is None and source.reads_files):
        return Company(side="source", external_id=account or wanted.organisation, name=source.title)
    if grant is None:
        raise NeedsReconnect(f"{source.title} needs a token or consent to connect.")
    identity = source.identify(_access(house, wanted, grant, account))
    return Company(
        side="source",
        external_id=identity.external_id,
        name=identity.name,
        scopes=identity.scopes or grant.scopes,
        locations=identity.locations,
    )


def _owner_of_books(house: House, wanted: Wanted, grant: Grant | None, account: str) -> Company:
    target = find_target(wanted.provider)
    if target.open is None:
        raise Unreadable(f"{target.title} needs no connection: use connector preview.")
    if grant is None:
        raise NeedsReconnect(f"{target.title} needs a token or consent to connect.")
    if not account:
        raise NeedsMapping(f"{target.title} does not tell whose books these are; say it with --account ID.")
    books = target.open(_access(house, wanted, grant, account)).organisation()
    return Company(
        side="target",
        external_id=account,
        name=books.name,
        country=books.country,
        currency=books.currency,
        scopes=grant.scopes,
    )


def _beside(house: House, wanted: Wanted, new: NewConnection) -> NewConnection:
    """The connection under a name that is free or its own: what was connected before is never given to another
    company, for its feeds would post there."""
    known = _named(house, new.name)
    if known is None or (known.provider, known.side, known.external_id) == (new.provider, new.side, new.external_id):
        return new
    names = (f"{new.name}-{number}" for number in count(2))
    free = next(name for name in names if _is_free(_named(house, name), new))
    if not wanted.is_other_confirmed:
        raise Unreadable(
            f"{known.name} is connected to {known.title or known.provider} ({known.external_id} at {known.provider}); "
            f"this consent is for {new.title or new.provider} ({new.external_id} at {new.provider}). Nothing was "
            f"changed. To connect it as well, under the name {free}, repeat with --confirm-other-company."
        )
    return replace(new, name=free)


def _is_free(known: Connection | None, new: NewConnection) -> bool:
    return known is None or (known.provider, known.external_id) == (new.provider, new.external_id)


def _named(house: House, name: str) -> Connection | None:
    with house.database.transaction() as tx:
        return next((each for each in connections(tx) if each.name == name), None)


def _access(house: House, wanted: Wanted, grant: Grant, account: str = "") -> Access:
    def fresh() -> str:
        return grant.access_token

    return Access(
        base_url=wanted.base_url,
        external_id=account or wanted.account or grant.external_id,
        token=fresh,
        now=house.now,
    )
