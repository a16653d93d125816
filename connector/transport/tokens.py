"""A token that is good now: refreshed by one worker at a time, journalled, stored, and only then used.

A refresh that was begun and has no end is taken up by the next one: its answer is adopted from the journal where it
came, else the provider's rule for used refresh tokens decides what is left to do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from connector.errors import Broken, ConsentEnded, NeedsReconnect, RetryLater
from connector.faults import fault_point
from connector.transport.exchange import AnswerLost, ask_refresh, read_grant
from connector.transport.oauth import Answered, Client, Consent, Grant

MARGIN = timedelta(minutes=5)  # where the token's whole life is not known
LAST_MOMENT = timedelta(minutes=1)
OLDEST = timedelta(days=7)  # Square asks for a renewal each week; a refresh token kept in use does not lapse


class TokenKeeper(Protocol):
    """Where grants lie, and the attempts to renew them. The store implements it; the corridor hands it in.

    All but `lock` and `load` are called under the lock, and raise RetryLater where the lease was lost meanwhile (the
    fence has moved on)."""

    def lock(self, connection: str) -> AbstractContextManager[object]:
        """Holds the connection's lease; waits while another holds it. Raises RetryLater where that takes too long."""
        ...

    def load(self, connection: str) -> Grant:
        """The newest grant, read afresh from where it is kept. Raises NeedsReconnect where there is none, or where
        its consent is known to have ended."""
        ...

    def begin(self, connection: str, grant: Grant) -> int:
        """Commits that the grant's refresh token is about to be sent; the attempt's number. Raises Unreadable where an
        answer could not be journalled."""
        ...

    def journal(self, connection: str, attempt: int, grant: Grant, answered: Answered) -> None:
        """Keeps the answer outside the database; on the disk when it returns, where the disk allows."""
        ...

    def journalled(self, connection: str, grant: Grant) -> Answered | None:
        """The answer that came for the grant's refresh token but was not stored."""
        ...

    def in_doubt_since(self, connection: str, grant: Grant) -> datetime | None:
        """When the grant's refresh token was first sent without an answer; None where it was not."""
        ...

    def save(self, connection: str, grant: Grant) -> None:
        """Durable when it returns; every attempt of the connection has its end, and the journal forgets it."""
        ...

    def drop(self, attempt: int, outcome: str) -> None:
        """Ends an attempt of which the provider said that nothing was done."""
        ...

    def end(self, connection: str, reason: str) -> None:
        """The consent has ended: from now on `load` gives the reason, until somebody connects again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    keeper: TokenKeeper
    connection: str
    consent: Consent
    client: Client
    now: Callable[[], datetime]


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
            desk = _Desk(keeper=keeper, connection=connection, consent=consent, client=client, now=now)
            grant = _adopted(desk, grant) or _renewed(desk, grant)
    return grant.access_token


def settle(keeper: TokenKeeper, connection: str, consent: Consent, client: Client, now: Callable[[], datetime]) -> None:
    """Takes up a refresh that was begun and has no end, whether or not a token is due. Raises as `token` does."""
    with keeper.lock(connection):
        grant = keeper.load(connection)
        if keeper.in_doubt_since(connection, grant) is not None:
            desk = _Desk(keeper=keeper, connection=connection, consent=consent, client=client, now=now)
            if _adopted(desk, grant) is None:
                _renewed(desk, grant)


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


def _adopted(desk: _Desk, grant: Grant) -> Grant | None:
    """The pair that was answered to this refresh token and never stored, stored now; None where there is none."""
    answered = desk.keeper.journalled(desk.connection, grant)
    if answered is None:
        return None
    try:
        fresh = read_grant(desk.consent, answered.body, grant, answered.asked_at)
    except Broken:
        return None  # an answer that cannot be read is as good as lost
    desk.keeper.save(desk.connection, fresh)
    return fresh


def _renewed(desk: _Desk, grant: Grant) -> Grant:
    """A newer pair, stored. After a lost answer the same is asked once more at once, unless told to wait: within its
    grace the old refresh token still works, and where it works no more, that is better known now than later."""
    try:
        return _asked(desk, grant)
    except AnswerLost as lost:
        if lost.after is not None:
            raise
    return _asked(desk, grant)


def _asked(desk: _Desk, grant: Grant) -> Grant:
    if not grant.refresh_token:
        raise NeedsReconnect(f"Access to {desk.consent.provider} has ended and cannot be renewed. Connect again.")
    doubted = desk.keeper.in_doubt_since(desk.connection, grant)
    attempt, asked_at = desk.keeper.begin(desk.connection, grant), desk.now()
    fault_point("refresh.attempt_committed")
    try:
        answer = ask_refresh(desk.consent, desk.client, grant, desk.now)
    except AnswerLost:
        raise  # the attempt stays open: the provider may have done it
    except ConsentEnded as refusal:
        return _after_refusal(desk, grant, refusal, doubted)
    except (RetryLater, NeedsReconnect) as error:
        desk.keeper.drop(attempt, type(error).__name__)
        raise
    fault_point("refresh.received")
    desk.keeper.journal(desk.connection, attempt, grant, Answered(asked_at=asked_at, body=answer))
    fault_point("refresh.journalled")
    fresh = read_grant(desk.consent, answer, grant, asked_at)
    desk.keeper.save(desk.connection, fresh)
    fault_point("refresh.committed")
    return fresh


def _after_refusal(desk: _Desk, grant: Grant, refusal: ConsentEnded, doubted: datetime | None) -> Grant:
    """Another worker's answer may have come while this one asked; else the consent has ended, and why is said."""
    adopted = _adopted(desk, grant)
    if adopted is not None:
        return adopted
    reason = _lost_for_good(desk, doubted) + str(refusal)
    desk.keeper.end(desk.connection, reason)
    raise ConsentEnded(reason) from None


def _lost_for_good(desk: _Desk, doubted: datetime | None) -> str:
    """What a lost answer had to do with the refusal, by the provider's rule; empty where nothing."""
    rotation, provider = desk.consent.rotation_for(desk.client), desk.consent.provider
    if doubted is None or rotation == "reusable":
        return ""
    if rotation == "once":
        return f"{provider}'s answer to the last renewal was lost on its way, and a used token is not taken again. "
    if rotation == "grace" and desk.now() > doubted + desk.consent.grace:
        minutes = int(desk.consent.grace.total_seconds() // 60)
        return (
            f"{provider}'s answer to the last renewal was lost on its way, and the {minutes} minutes in which the "
            "used token would still have been taken are over. "
        )
    return ""
