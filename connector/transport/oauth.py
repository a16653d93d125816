"""OAuth 2 authorization code: consent, exchange, single-flight refresh, revocation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A provider's OAuth pages and rules. Paths are appended to the address of each (production, or a stand-in's)."""

    authorize_url: str
    token_url: str
    revoke_url: str
    scopes: tuple[str, ...]
