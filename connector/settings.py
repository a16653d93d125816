"""The environment as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the data lies, the key that seals tokens, and the addresses of the providers.

    CONNECTOR_HOME: the data folder (default: .connector in the current folder).
    CONNECTOR_KEY: the sealing key, 32 bytes in base64; without it a key file is kept in the data folder.
    CONNECTOR_URL_<PROVIDER>: another address for a provider, such as a stand-in; plain http for loopback only.
    """

    home: Path
    key: str = ""
    addresses: Mapping[str, str] | None = None

    def address(self, provider: str) -> str:
        """The address set for a provider; empty where the provider's own is meant."""
        return (self.addresses or {}).get(provider, "")


def read_settings(environment: Mapping[str, str]) -> Settings:
    prefix = "CONNECTOR_URL_"
    addresses = {name[len(prefix) :].lower(): url for name, url in environment.items() if name.startswith(prefix)}
    return Settings(
        home=Path(environment.get("CONNECTOR_HOME", ".connector")),
        key=environment.get("CONNECTOR_KEY", ""),
        addresses=addresses,
    )
