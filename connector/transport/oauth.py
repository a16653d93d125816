"""OAuth 2 authorization code, the values: a provider's rules, the application, what was asked, what was granted.

The calls are in exchange.py, keeping a token fresh in tokens.py; this file imports nothing heavy."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from connector.errors import NeedsReconnect

ClientAuth = Literal["basic", "body", "json"]
RevokeStyle = Literal["form", "json", "client_secret"]
Rotation = Literal["reusable", "grace", "until_used", "once"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A provider's OAuth addresses and rules; an empty address means that the provider has no such page.

    - `client_auth`: how the application proves itself: HTTP Basic with a form, id and secret in the form ("body"), or
      all of it as JSON. `pkce_without_secret`: PKCE only for an application that has no secret.
    - `code_parameter`, `account_parameter`: the callback parameters that hold the code and the account;
      `account_field`: the field of the token answer that names the account. Where an address holds
      `{account_parameter}` by that name, the account decides the host.
    - `authorize_extra` goes into the consent page's query; `application_parameter` names the application there, where
      it goes by another id than the client's. `api_addresses`: the provider's own addresses of which the owner
      chooses one, its region; the pages are not there.
    - The life of a token is read from `expires_in` (seconds) or `expires_at` (a moment), whichever the answer has; a
      refresh token is replaced whenever the answer brings another. `refresh_at_end`: the provider wants no refresh
      while the token still lives. `pasted_is_refresh`: the token that an owner copies there is a refresh token.
    - `rotation`: how long a refresh token still works after its use, which decides what a lost answer costs.
      "reusable": always. "grace": for the time of `grace`. "until_used": until the new access token is first used.
      "once": not at all; so it is assumed of whoever does not say. `rotation_if_public` where it is another for
      an application without a secret.
    - `idle` is how long a refresh token lives unused, `life` how long a consent lasts whatever is done; None where
      there is no such end, or where nobody knows it.
    - `ended_words`: words in the provider's refusal of a refresh token, with what they mean.
    - `revoke_style`: a form with Basic, JSON with Basic, or JSON under `Authorization: Client <secret>`."""

    authorize_url: str
    token_url: str
    revoke_url: str
    scopes: tuple[str, ...]
    title: str = ""
    client_auth: ClientAuth = "basic"
    pkce: bool = False
    pkce_without_secret: bool = False
    pasted_is_refresh: bool = False
    code_parameter: str = "code"
    account_parameter: str = ""
    account_field: str = ""
    revoke_style: RevokeStyle = "form"
    authorize_extra: tuple[tuple[str, str], ...] = ()
    refresh_at_end: bool = False
    application_parameter: str = ""
    api_addresses: tuple[str, ...] = ()
    rotation: Rotation = "once"
    rotation_if_public: Rotation | None = None
    grace: timedelta = timedelta(0)
    idle: timedelta | None = None
    life: timedelta | None = None
    ended_words: tuple[tuple[str, str], ...] = ()

    @property
    def provider(self) -> str:
        """The provider's name for messages."""
        return self.title or urlsplit(self.token_url).netloc

    def rotation_for(self, client: Client) -> Rotation:
        """The rule that holds for an application, by whether it has a secret."""
        return self.rotation if client.client_secret else self.rotation_if_public or self.rotation

    def at(self, base_url: str) -> Consent:
        """The same pages at another address, such as a stand-in's; unchanged where `base_url` is empty, or one of the
        provider's own addresses at which there is only its API."""
        if not base_url or base_url.rstrip("/") in self.api_addresses:
            return self
        return replace(
            self,
            authorize_url=_moved(self.authorize_url, base_url),
            token_url=_moved(self.token_url, base_url),
            revoke_url=_moved(self.revoke_url, base_url),
        )

    def of(self, account: str) -> Consent:
        """The same pages at the host of one account; unchanged where no address depends on it."""
        placeholder = "{" + self.account_parameter + "}"
        if not self.account_parameter or placeholder not in self.token_url + self.revoke_url:
            return self
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", account):
            raise NeedsReconnect(f"{self.title or 'The provider'} named an account that is no host: {account[:60]!r}.")
        return replace(
            self,
            token_url=self.token_url.replace(placeholder, account),
            revoke_url=self.revoke_url.replace(placeholder, account),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The application as the provider knows it. One that uses PKCE may have no secret."""

    client_id: str
    client_secret: str = field(default="", repr=False)
    application_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A consent under way. Whoever keeps it forgets it after one use or ten minutes (RFC 9700)."""

    url: str
    redirect_uri: str
    state: str = field(repr=False)
    verifier: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the owner granted. Times are aware; the tokens show in no text of it.

    A personal token has no refresh token and no end. `issued_at` is None where it is not known."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    issued_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A token answer as received, and when it was asked for."""

    asked_at: datetime
    body: bytes = field(repr=False)


def _moved(url: str, base_url: str) -> str:
    if not url:
        return ""
    base, page = urlsplit(base_url), urlsplit(url)
    return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + page.path, page.query, ""))
