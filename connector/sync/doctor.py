"""What is wrong with an installation, in plain words: the folder, the key, the database, addresses, applications,
consents. Nothing is asked of a provider."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.errors import ConnectorError
from connector.settings import Settings
from connector.store.credentials import OLD_KEY, seals
from connector.store.feeds import Connection, connections, feeds
from connector.store.quarantine import quarantined
from connector.sync.house import House
from connector.sync.readiness import problems
from connector.sync.standing import standings
from connector.transport.hosts import is_loopback

LEAST_FREE = 1 << 30

State = Literal["good", "look", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One thing that was looked at: how it is, what was seen, and what to do where it is not good."""

    subject: str
    state: State
    said: str
    fix: str = ""


def check_names(environment: Mapping[str, str], known: frozenset[str]) -> Iterator[Checked]:
    """Variables that look like ours and that nobody reads: mostly a slip of the pen. `known` names may end in `_`,
    for variables with the name of a provider behind it."""
    prefixes = tuple(name for name in known if name.endswith("_"))
    strange = [
        name
        for name in sorted(environment)
        if name.startswith("CONNECTOR_") and name not in known and not name.startswith(prefixes)
    ]
    for name in strange:
        near = get_close_matches(name, known, n=1)
        fix = f"Did you mean {near[0]}?" if near else "Take it away."
        yield Checked(subject="settings", state="look", said=f"Nobody reads {name}.", fix=fix)
    if not strange:
        yield Checked(subject="settings", state="good", said="Every CONNECTOR_ variable that is set is read.")


def check_house(house: House, settings: Settings) -> Iterator[Checked]:
    """Everything about an installation that opens."""
    yield _zones()
    yield from _folder(settings)
    yield from _database(house, settings)
    yield from _addresses(settings)
    yield from _key(house)
    for each in standings(house):
        if each.renewed_at is not None:
            yield from _application(house, each.connection)
        for finding in each.findings:
            state: State = "wrong" if finding.severity == "blocking" else "look"
            yield Checked(subject=each.connection.name, state=state, said=finding.message, fix=finding.fix)
    yield from _restored(house)
    yield from _feeds(house)


def _zones() -> Checked:
    try:
        ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        fix = "Install the package tzdata."
        return Checked(subject="time zones", state="wrong", said="There are no time zones here.", fix=fix)
    return Checked(subject="time zones", state="good", said="Known.")


def _folder(settings: Settings) -> Iterator[Checked]:
    home = settings.home
    others = stat.S_IMODE(home.stat().st_mode) & 0o077
    if others:
        yield Checked(
            subject="data folder", state="look", said=f"Others on this machine may look into {home}.",
            fix=f"chmod 700 {home}",
        )  # fmt: skip
    free = shutil.disk_usage(home).free
    state: State = "good" if free >= LEAST_FREE else "wrong"
    fix = "" if state == "good" else "Make room: when the disk is full, nothing is pulled and nothing is sent."
    yield Checked(subject="data folder", state=state, said=f"{free / (1 << 30):,.1f} GiB free in {home}.", fix=fix)


def _database(house: House, settings: Settings) -> Iterator[Checked]:
    kind = "PostgreSQL" if settings.database else "a SQLite file"
    wrong = problems(house)
    for said in wrong:
        yield Checked(subject="database", state="wrong", said=said, fix="See docs/operations.md, The database.")
    if not wrong:
        yield Checked(subject="database", state="good", said=f"{kind}, of the right schema.")


def _addresses(settings: Settings) -> Iterator[Checked]:
    parts = urlsplit(settings.public_url)
    if not settings.public_url:
        yield Checked(
            subject="public address", state="look", said="CONNECTOR_PUBLIC_URL is not set: pages and webhooks work on "
            "this machine only.", fix="Set it where providers or other people must reach this installation.",
        )  # fmt: skip
    elif parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        yield Checked(
            subject="public address", state="wrong", said=f"{settings.public_url} is not https.",
            fix="Put a server with a certificate before it; providers refuse anything else.",
        )  # fmt: skip
    else:
        yield Checked(subject="public address", state="good", said=settings.public_url)


def _key(house: House) -> Iterator[Checked]:
    with house.database.transaction() as tx:
        sealed = seals(tx, house.vault)
        names = {each.id: each.name for each in connections(tx)}
    old = [names[each] for each, said in sealed.items() if said == OLD_KEY]
    shut = {names[each]: said for each, said in sealed.items() if said not in ("", OLD_KEY)}
    for name, said in shut.items():
        fix = f"Give the key it was sealed with, or connect {name} again."
        yield Checked(subject="key", state="wrong", said=f"{name}: {said}", fix=fix)
    if old:
        fix = "Keep the old key beside the new one until each token was renewed: a week at most."
        said = f"The tokens of {', '.join(old)} are sealed with an older key."
        yield Checked(subject="key", state="look", said=said, fix=fix)
    if not shut:
        yield Checked(subject="key", state="good", said=f"{house.vault.current} opens every token.")


def _application(house: House, connection: Connection) -> Iterator[Checked]:
    """A token that is renewed needs the application's id and secret; one that an owner gave for good needs neither."""
    try:
        house.client(connection.provider)
    except ConnectorError as error:
        fix = "Without it no token can be renewed; see docs/connecting.md."
        yield Checked(subject=connection.name, state="wrong", said=str(error), fix=fix)


def _restored(house: House) -> Iterator[Checked]:
    with house.database.transaction() as tx:
        waiting = len(quarantined(tx))
    if waiting:
        yield Checked(
            subject="restore", state="wrong", said=f"{waiting} connections wait in quarantine after a restore.",
            fix="Stop every other installation that uses them, then: connector db release",
        )  # fmt: skip


def _feeds(house: House) -> Iterator[Checked]:
    with house.database.transaction() as tx:
        count = len(feeds(tx))
    if not count:
        fix = "connector connect PROVIDER for a till and for the books, then: connector feed add"
        yield Checked(subject="feeds", state="look", said="There is no feed yet.", fix=fix)
