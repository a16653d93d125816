"""What every station is handed: the database, the time, and ways to open a source or the books of a connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.errors import Unreadable
from connector.sources.contract import Source
from connector.sources.registry import source as find_source
from connector.store.credentials import StoredTokens
from connector.store.database import Database
from connector.store.feeds import Connection
from connector.store.vault import Vault
from connector.targets.contract import OpenBooks, Target
from connector.targets.registry import target as find_target
from connector.transport.access import Access
from connector.transport.oauth import Client, Consent, Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """`settle` is how long an unknown outcome waits before the books are asked; `alone` says that no other process
    works on this database, so that what a dead one left can be taken over at once; `client` gives the application's id
    and secret at a provider."""

    database: Database
    vault: Vault
    now: Callable[[], datetime]
    client: Callable[[str], Client]
    settle: timedelta
    owner: str
    alone: bool

    def source(self, connection: Connection) -> Source:
        return find_source(connection.provider)

    def target(self, connection: Connection) -> Target:
        return find_target(connection.provider)

    def books(self, connection: Connection) -> OpenBooks:
        """Opens the books of a target connection; nothing is sent yet."""
        target = self.target(connection)
        if target.open is None:
            raise Unreadable(f"{target.title} has no books to open: it only writes files.")
        return target.open(self.access(connection, target.consent))

    def has_token(self, connection: Connection) -> bool:
        """Whether the connection was given consent or a token; one that only takes files was not."""
        return StoredTokens(self.database, self.vault, self.now).holds(str(connection.id))

    def access(self, connection: Connection, consent: Consent | None) -> Access:
        """The way to a connection's account, with a token that is good now."""
        from connector.transport.tokens import is_due, token  # loads HTTP libraries, which quick commands do without

        keeper = StoredTokens(self.database, self.vault, self.now)
        known: list[Grant] = []

        def good_token() -> str:
            at_end = consent is not None and consent.refresh_at_end
            if not known or is_due(known[0], self.now(), at_end=at_end):
                known[:] = [keeper.load(str(connection.id))]
            if consent is None or not is_due(known[0], self.now(), at_end=at_end):
                return known[0].access_token
            pages, client = consent.at(connection.base_url), self.client(connection.provider)
            return token(keeper, str(connection.id), pages, client, self.now)

        return Access(base_url=connection.base_url, external_id=connection.external_id, token=good_token, now=self.now)
