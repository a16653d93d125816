"""How every connection is: what it may read, how long its consent lasts, and when it last worked.

What will stop working soon becomes a finding while there is still time to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.domain.finding import Finding, Severity
from connector.errors import NeedsReconnect
from connector.store.connection_findings import (
    ENDING,
    LACKING,
    UNRENEWED,
    connection_findings,
    keep_connection_findings,
)
from connector.store.credentials import StoredTokens, granted_at
from connector.store.feeds import Connection, connections
from connector.store.runs import last_good
from connector.sync.house import House
from connector.transport.oauth import Consent, Grant

NOTICE = timedelta(days=14)
LATE = timedelta(days=8)  # a token is renewed each week; Square wants an alarm a day later


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One connection. `ends_at` is when its consent ends by itself, None where it does not or where nobody knows;
    `lacking` are scopes that were asked for and not granted; `worked_at` is the end of its last good run."""

    connection: Connection
    has_token: bool
    ends_at: datetime | None
    lacking: tuple[str, ...]
    renewed_at: datetime | None
    worked_at: datetime | None
    findings: tuple[Finding, ...]

    @property
    def state(self) -> str:
        """In one word or two, the gravest first."""
        if self.connection.state != "active":
            return self.connection.state
        if any(each.severity == "blocking" for each in self.findings):
            return "stopped"
        return "look at it" if self.findings else "good"


def standings(house: House) -> list[Standing]:
    """Every connection as it stands; nothing is asked of a provider."""
    with house.database.transaction() as tx:
        known = connections(tx)
    return [_standing(house, each) for each in known]


def watch(house: House) -> int:
    """Opens and closes the findings about consents; how many of them are open now. For once an hour."""
    opened = 0
    for each in standings(house):
        found = _findings(each, house.now()) if each.connection.state == "active" else {}
        with house.database.transaction(of=each.connection.id) as tx:
            for code in (ENDING, LACKING, UNRENEWED):
                keep_connection_findings(tx, each.connection.id, code, found.get(code, ()), house.now())
        opened += sum(map(len, found.values()))
    return opened


def _standing(house: House, connection: Connection) -> Standing:
    consent, grant = _consent(house, connection), _grant(house, connection)
    with house.database.transaction() as tx:
        return Standing(
            connection=connection,
            has_token=house.has_token(connection),
            ends_at=_end(consent, grant, granted_at(tx, connection.id)) if grant else None,
            lacking=_lacking(consent, connection),
            renewed_at=grant.issued_at if grant and grant.refresh_token else None,
            worked_at=last_good(tx, connection.id),
            findings=tuple(connection_findings(tx, connection.id)),
        )


def _consent(house: House, connection: Connection) -> Consent | None:
    return (house.source if connection.side == "source" else house.target)(connection).consent


def _grant(house: House, connection: Connection) -> Grant | None:
    keeper = StoredTokens(house.database, house.vault, house.now, house.folder)
    if not keeper.holds(str(connection.id)):
        return None
    try:
        return keeper.load(str(connection.id))
    except NeedsReconnect:
        return None  # its state says so


def _end(consent: Consent | None, grant: Grant, agreed: datetime | None) -> datetime | None:
    """The earliest of: a token that nothing renews, a refresh token that lies unused, a consent that is over."""
    ends = [] if grant.refresh_token else [grant.expires_at]
    if consent is not None and grant.refresh_token:
        ends += [
            grant.issued_at + consent.idle if grant.issued_at and consent.idle else None,
            agreed + consent.life if agreed and consent.life else None,
        ]
    return min((each for each in ends if each is not None), default=None)


def _lacking(consent: Consent | None, connection: Connection) -> tuple[str, ...]:
    if consent is None or not connection.scopes:
        return ()
    return tuple(each for each in consent.scopes if each not in connection.scopes)


def _findings(each: Standing, now: datetime) -> dict[str, tuple[Finding, ...]]:
    found: dict[str, tuple[Finding, ...]] = {}
    name = each.connection.name
    if each.ends_at is not None and each.ends_at - now <= NOTICE:
        message = f"The consent of {name} ends on {each.ends_at:%Y-%m-%d} by itself; nothing is pulled or posted after."
        found[ENDING] = (_finding(each, ENDING, message, "blocking" if each.ends_at <= now else "warning"),)
    if each.lacking:
        message = f"{name} was not granted {', '.join(each.lacking)}: what these would show is not seen."
        found[LACKING] = (_finding(each, LACKING, message),)
    if each.renewed_at is not None and now - each.renewed_at >= LATE:
        message = f"The token of {name} was last renewed on {each.renewed_at:%Y-%m-%d}; it should be each week."
        found[UNRENEWED] = (_finding(each, UNRENEWED, message),)
    return found


def _finding(each: Standing, code: str, message: str, severity: Severity = "warning") -> Finding:
    known = each.connection
    fix = f"Connect it again: connector connect {known.provider} --name {known.name}, or on the page of connections."
    return Finding(code=code, subject=known.name, severity=severity, message=message, fix=fix)
