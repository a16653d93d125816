"""The environment as one frozen value."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from connector.errors import Unreadable

SHORTEST_KEY = 16
POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the data lies, the key that seals tokens, and the addresses of the providers.

    CONNECTOR_FILE: a file with these settings, one NAME=value a line, readable by its owner only; the environment
        comes before it.
    CONNECTOR_HOME: the data folder (default: .connector in the current folder).
    CONNECTOR_DATABASE: a PostgreSQL database, postgresql://user:password@host/name (default: a file in the
        data folder).
    CONNECTOR_TEST_CLOCK: the address of a clock that tests move; refused unless every provider is a stand-in.
    CONNECTOR_KEY: the sealing key, 32 bytes in base64; without it a key file is kept in the data folder.
    CONNECTOR_URL_<PROVIDER>: another address for a provider, such as a stand-in; plain http for loopback only.
    CONNECTOR_CLIENT_<PROVIDER>, CONNECTOR_SECRET_<PROVIDER>: the application's id and secret at a provider.
    CONNECTOR_APPLICATION_<PROVIDER>: the application's id on the consent page, where it is another (Amazon).
    CONNECTOR_PUBLIC_URL: the address under which others reach `connector serve`, such as https://connector.example.com.
    CONNECTOR_SETUP_KEY: what the pages ask for once in a browser, 16 characters or more; without it they are for this
      machine only.
    CONNECTOR_WEBHOOK_<PROVIDER>: the secret that a provider signs its webhooks with; two, with a space between, while
      it changes.
    CONNECTOR_SMTP_HOST, CONNECTOR_SMTP_PORT (587), CONNECTOR_SMTP_FROM: the mail server that notices go out by, and
      their sender; CONNECTOR_SMTP_USER, CONNECTOR_SMTP_PASSWORD where it asks for them; CONNECTOR_SMTP_SECURITY:
      starttls (default), tls, or plain for this machine only.
    CONNECTOR_SETTLE_SECONDS: how long an unknown outcome waits before the books are asked (default 300).
    """

    home: Path
    database: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    test_clock: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)
    clients: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    applications: Mapping[str, str] = field(default_factory=dict)
    settle_seconds: int = 300
    public_url: str = ""
    setup_key: str = field(default="", repr=False)
    webhook_secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    smtp: Mapping[str, str] = field(default_factory=dict, repr=False)

    def address(self, provider: str) -> str:
        """The address set for a provider; empty where the provider's own is meant."""
        return self.addresses.get(provider, "")


def with_file(environment: Mapping[str, str]) -> Mapping[str, str]:
    """An environment with what CONNECTOR_FILE adds to it; raises Unreadable, naming the line."""
    name = environment.get("CONNECTOR_FILE", "")
    return {**_told_in(Path(name)), **environment} if name else environment


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in an environment and its file; raises Unreadable, naming the variable."""
    environment = with_file(environment)
    clients = {
        provider: (client_id, environment.get(f"CONNECTOR_SECRET_{provider.upper()}", ""))
        for provider, client_id in _named(environment, "CONNECTOR_CLIENT_").items()
    }
    settle = environment.get("CONNECTOR_SETTLE_SECONDS", "300")
    if not settle.isdecimal():
        raise Unreadable(f"CONNECTOR_SETTLE_SECONDS is {settle!r}; it should be a whole number of seconds.")
    return Settings(
        home=Path(environment.get("CONNECTOR_HOME", ".connector")),
        database=_database(environment.get("CONNECTOR_DATABASE", "")),
        key=environment.get("CONNECTOR_KEY", ""),
        test_clock=environment.get("CONNECTOR_TEST_CLOCK", ""),
        addresses=_named(environment, "CONNECTOR_URL_"),
        clients=clients,
        applications=_named(environment, "CONNECTOR_APPLICATION_"),
        settle_seconds=int(settle),
        public_url=_address(environment.get("CONNECTOR_PUBLIC_URL", "")),
        setup_key=_long_enough(environment.get("CONNECTOR_SETUP_KEY", "")),
        smtp=_smtp(_named(environment, "CONNECTOR_SMTP_")),
        webhook_secrets={name: tuple(told.split()) for name, told in _named(environment, "CONNECTOR_WEBHOOK_").items()},
    )


def _smtp(told: dict[str, str]) -> dict[str, str]:
    """host, port, from, user, password, security; empty where no mail server is set."""
    if not told.get("host"):
        return {}
    if not told.get("port", "587").isdecimal():
        raise Unreadable(f"CONNECTOR_SMTP_PORT is {told['port']!r}; it should be a number such as 587.")
    if "@" not in told.get("from", ""):
        raise Unreadable("CONNECTOR_SMTP_FROM should be the address that notices come from.")
    return told


def _told_in(file: Path) -> dict[str, str]:
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise Unreadable(f"CONNECTOR_FILE {file} can be read by others: run chmod 600 on it.")
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"CONNECTOR_FILE {file} cannot be read: {error}.") from None
    told = {}
    for n, line in enumerate(lines, 1):
        name, separator, value = line.strip().partition("=")
        if separator and name.strip().startswith("CONNECTOR_"):
            told[name.strip()] = value.strip().strip("\"'")
        elif name and not name.startswith("#"):
            raise Unreadable(f"CONNECTOR_FILE {file}, line {n}: it should be CONNECTOR_…=value.")
    return told


def _address(told: str) -> str:
    parts = urlsplit(told)
    if told and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise Unreadable(f"CONNECTOR_PUBLIC_URL is {told!r}; it should look like https://connector.example.com.")
    return told.rstrip("/")


def _long_enough(key: str) -> str:
    if key and len(key) < SHORTEST_KEY:
        raise Unreadable(f"CONNECTOR_SETUP_KEY has {len(key)} characters; it should have {SHORTEST_KEY} or more.")
    return key


def _database(address: str) -> str:
    """The address of a PostgreSQL database with the driver that is used for it; never shown, it may hold a password."""
    scheme, separator, rest = address.partition("://")
    if not address:
        return ""
    if not separator or scheme not in POSTGRESQL or not rest:
        raise Unreadable(
            "CONNECTOR_DATABASE should be the address of a PostgreSQL database, postgresql://user:password@host/name; "
            "leave it unset for a SQLite file in the data folder."
        )
    return f"postgresql+psycopg://{rest}"


def _named(environment: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)}
