"""What every station is handed: the database, the time, and ways to open a source or the books of a connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from connector.domain.person import EVERYTHING, Right, Sight, roles_with
from connector.errors import ConnectorError, NeedsReconnect, RetryLater, TokenRefused, Unreadable
from connector.sources.contract import Source
from connector.sources.registry import source as find_source
from connector.store.credentials import StoredTokens
from connector.store.database import Database
from connector.store.feeds import Connection
from connector.store.persons import organisation_ids, person
from connector.store.quarantine import why_quarantined
from connector.store.vault import Vault
from connector.targets.contract import OpenBooks, Target
from connector.targets.registry import target as find_target
from connector.transport.access import Access
from connector.transport.budget import UNLIMITED, Budget
from connector.transport.mail_server import MailServer
from connector.transport.oauth import Client, Consent, Grant


def _nobody() -> Collection[str]:
    return ()


def _unlimited(base_url: str) -> Budget:
    return UNLIMITED


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """`settle` is how long an unknown outcome waits before the books are asked; `alone` says whether no other
    process works on this database now, and `dead` which workers are gone: what those left can be taken over at once;
    `client` gives the application's id and secret at a provider; `folder` is where files lie beside the database;
    `budget` is where calls to an address are taken from; `sleep` lets short waits pass; `sight` is who works here;
    `mail` is where notices go out, where a server is set."""

    database: Database
    vault: Vault
    now: Callable[[], datetime]
    client: Callable[[str], Client]
    settle: timedelta
    owner: str
    alone: Callable[[], bool]
    dead: Callable[[], Collection[str]] = _nobody
    folder: Path | None = None
    budget: Callable[[str], Budget] = _unlimited
    sleep: Callable[[float], None] = time.sleep
    sight: Sight = EVERYTHING
    mail: MailServer | None = None

    def seen_by(self, name: str, right: Right = "read") -> House:
        """The house as a person sees it: of organisations in which it has not that right there is nothing. Raises
        Unreadable where there is no such person, or where it has the right nowhere."""
        with self.database.transaction() as tx:
            somebody, ids = person(tx, name), organisation_ids(tx, name, roles_with(right))
        sight = Sight(person=somebody.name, roles=somebody.roles)
        if not ids and right != "read":
            sight.need(right, next(iter(sight.roles), ""))
        return replace(self, database=self.database.seen_by(ids), sight=sight)

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
        return StoredTokens(self.database, self.vault, self.now, self.folder).holds(str(connection.id))

    def access(self, connection: Connection, consent: Consent | None, held: Grant | None = None) -> Access:
        """The way to a connection's account, with a token that is good now; in quarantine there is none. `held` is its
        grant, where that was read before."""
        from connector.transport.tokens import is_due, token  # loads HTTP libraries, which quick commands do without

        keeper = StoredTokens(self.database, self.vault, self.now, self.folder)
        known: list[Grant] = [held] if held else []

        def good_token() -> str:
            at_end = consent is not None and consent.refresh_at_end
            held = next(iter(known), None)  # several lanes share it, and one of them may forget it at any time
            if held is None:
                self._require_released(connection)
            if held is None or is_due(held, self.now(), at_end=at_end):
                held = keeper.load(str(connection.id))
                known[:] = [held]
            if consent is None or not is_due(held, self.now(), at_end=at_end):
                return held.access_token
            pages, client = consent.at(connection.base_url), self.client(connection.provider)
            return token(keeper, str(connection.id), pages, client, self.now)

        def refused(error: TokenRefused) -> ConnectorError:
            held = next(iter(known), None)
            can_renew = consent is not None and held is not None and keeper.refuse(str(connection.id), held, str(error))
            known.clear()
            return RetryLater(f"{error} Its token is renewed first.") if can_renew else error

        return Access(
            base_url=connection.base_url,
            external_id=connection.external_id,
            token=good_token,
            now=self.now,
            refused=refused,
            budget=self.budget(connection.base_url),
            sleep=self.sleep,
        )

    def _require_released(self, connection: Connection) -> None:
        with self.database.transaction() as tx:
            reason = why_quarantined(tx, connection.id)
        if reason:
            raise NeedsReconnect(
                f"{connection.title or connection.name} is in quarantine: {reason} Nothing is read or sent until you "
                "run: connector db release"
            )
