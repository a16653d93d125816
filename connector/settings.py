"""The environment as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connector.errors import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the data lies, the key that seals tokens, and the addresses of the providers.

    CONNECTOR_HOME: the data folder (default: .connector in the current folder).
    CONNECTOR_KEY: the sealing key, 32 bytes in base64; without it a key file is kept in the data folder.
    CONNECTOR_URL_<PROVIDER>: another address for a provider, such as a stand-in; plain http for loopback only.
    CONNECTOR_CLIENT_<PROVIDER>, CONNECTOR_SECRET_<PROVIDER>: the application's id and secret at a provider.
    CONNECTOR_APPLICATION_<PROVIDER>: the application's id on the consent page, where it is another (Amazon).
    CONNECTOR_SETTLE_SECONDS: how long an unknown outcome waits before the books are asked (default 300).
    """

    home: Path
    key: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)
    clients: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    applications: Mapping[str, str] = field(default_factory=dict)
    settle_seconds: int = 300

    def address(self, provider: str) -> str:
        """The address set for a provider; empty where the provider's own is meant."""
        return self.addresses.get(provider, "")


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in an environment; raises Unreadable, naming the variable."""
    clients = {
        provider: (client_id, environment.get(f"CONNECTOR_SECRET_{provider.upper()}", ""))
        for provider, client_id in _named(environment, "CONNECTOR_CLIENT_").items()
    }
    settle = environment.get("CONNECTOR_SETTLE_SECONDS", "300")
    if not settle.isdecimal():
        raise Unreadable(f"CONNECTOR_SETTLE_SECONDS is {settle!r}; it should be a whole number of seconds.")
    return Settings(
        home=Path(environment.get("CONNECTOR_HOME", ".connector")),
        key=environment.get("CONNECTOR_KEY", ""),
        addresses=_named(environment, "CONNECTOR_URL_"),
        clients=clients,
        applications=_named(environment, "CONNECTOR_APPLICATION_"),
        settle_seconds=int(settle),
    )


def _named(environment: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)}
