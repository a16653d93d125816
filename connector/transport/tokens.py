"""A token that is good now: refreshed by one thread at a time, stored before it is used."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from connector.transport.exchange import refresh
from connector.transport.oauth import Client, Consent, Grant

MARGIN = timedelta(minutes=5)  # where the token's whole life is not known
LAST_MOMENT = timedelta(minutes=1)
OLDEST = timedelta(days=7)  # Square asks for a renewal each week; a refresh token kept in use does not lapse


class TokenKeeper(Protocol):
    """Where grants lie. The store implements it; the corridor hands it in."""

    def lock(self, connection: str) -> AbstractContextManager[object]:
        """Holds the connection's lease; waits while another holds it. Raises RetryLater where that takes too long."""
        ...

    def load(self, connection: str) -> Grant:
        """The newest grant, read afresh from where it is kept. Raises NeedsReconnect where there is none."""
        ...

    def save(self, connection: str, grant: Grant) -> None:
        """Durable when it returns. Raises RetryLater where the lease was lost meanwhile (the fence has moved on)."""
        ...


def token(keeper: TokenKeeper, connection: str, consent: Consent, client: Client, now: Callable[[], datetime]) -> str:
    """An access token that is not near its end.

    However many threads and processes ask, one refreshes and the others take what it stored. A refresh token is sent
    only as it lies in the store under the lock, so never one that was replaced. Raises RetryLater where the provider
    gave no answer (the stored pair stays as it was) and NeedsReconnect where consent has ended."""
    grant = keeper.load(connection)
    if not is_due(grant, now(), at_end=consent.refresh_at_end):
        return grant.access_token
    with keeper.lock(connection):
        grant = keeper.load(connection)
        if is_due(grant, now(), at_end=consent.refresh_at_end):
            grant = refresh(consent, client, grant, now)
            keeper.save(connection, grant)
    return grant.access_token


def is_due(grant: Grant, now: datetime, *, at_end: bool = False) -> bool:
    """Whether a refresh is called for: a quarter of its life or less is left, or it is a week old; or, where the
    provider wants it `at_end`, a minute is left.

    Without a refresh token a grant is used to its end."""
    if grant.expires_at is None:
        return False
    left = grant.expires_at - now
    if at_end and grant.refresh_token:
        return left <= LAST_MOMENT
    if not grant.refresh_token:
        return left <= timedelta(0)
    if grant.issued_at is None:
        return left <= MARGIN
    return left <= (grant.expires_at - grant.issued_at) / 4 or now - grant.issued_at >= OLDEST
