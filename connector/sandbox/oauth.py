"""Consent, token, refresh and revoke as a provider does it; how tokens rotate is a rule, not a branch."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from starlette.routing import Route

from connector.sandbox.body import Body, NotJson, text
from connector.sandbox.calls import Answer, Call, endpoint
from connector.sandbox.consent import consent_page, page, redirect
from connector.sandbox.shelf import Shelf

Rotation = Literal["never", "each_use_old_dies", "each_use_with_grace"]
Standing = Literal["good", "expired", "unknown"]
_CODE_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A pair of tokens just handed out; `refresh_token` is empty when consent did not include one."""

    access_token: str
    access_expires_at: datetime
    access_seconds: int
    refresh_token: str
    refresh_seconds: int
    scope: str


def seconds_answer(issued: Issued) -> Body:
    """The usual answer: lifetimes in seconds from now."""
    answer: Body = {
        "token_type": "Bearer",
        "access_token": issued.access_token,
        "expires_in": issued.access_seconds,
        "scope": issued.scope,
    }
    if issued.refresh_token:
        answer["refresh_token"] = issued.refresh_token
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthRules:
    """How one provider does OAuth 2. Lifetimes are seconds; `pkce_rotation` rules grants made without a secret.

    `reuse_ends_connection`: a second use of a dead refresh token ends every token of that consent.
    """

    company: str
    client_id: str
    client_secret: str
    authorize_path: str
    token_path: str
    revoke_path: str
    access_seconds: int
    refresh_seconds: int
    rotation: Rotation
    pkce_rotation: Rotation = "each_use_old_dies"
    grace_seconds: int = 0
    reuse_ends_connection: bool = False
    client_auth: frozenset[Literal["basic", "form"]] = frozenset({"basic"})
    pkce_required: bool = False
    public_clients: bool = False
    refresh_scope: str = ""
    callback_parameters: Mapping[str, str] = field(default_factory=dict)
    answer: Callable[[Issued], Body] = seconds_answer


class _Refused(Exception):
    """The desk says no; carries the OAuth error word and the HTTP status."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.answer = Answer(status=status, body={"error": error, "error_description": description})


class OAuthDesk:
    """Issues and checks the tokens of one stand-in; everything it knows lies on the shelf."""

    def __init__(self, shelf: Shelf, rules: OAuthRules, clock: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._rules = rules
        self._clock = clock

    def routes(self) -> list[Route]:
        """The authorize page, the token call and the revoke call, at the provider's paths."""
        rules = self._rules
        return [
            Route(rules.authorize_path, endpoint(self._authorize), methods=["GET", "POST"]),
            Route(rules.token_path, endpoint(self._guarded(self._token)), methods=["POST"]),
            Route(rules.revoke_path, endpoint(self._guarded(self._revoke)), methods=["POST"]),
            Route("/_sandbox/personal-token", endpoint(self._personal_token), methods=["POST"]),
        ]

    def issue_personal_token(self) -> str:
        """A token that never expires, as an owner copies it from the provider's console."""
        token = "personal-" + secrets.token_urlsafe(24)
        self._shelf.put("oauth_token", token, {"token": token, "use": "access", "grant": "", "scope": ""})
        return token

    def standing(self, authorization: str) -> Standing:
        """What the value of an Authorization header is worth: good, expired, or unknown (also when revoked)."""
        scheme, _, token = authorization.partition(" ")
        kept = self._shelf.get("oauth_token", token) if scheme.lower() == "bearer" else None
        if kept is None or kept["use"] != "access":
            return "unknown"
        expires_at = text(kept, "expires_at")
        return "expired" if expires_at and datetime.fromisoformat(expires_at) <= self._clock() else "good"

    def _personal_token(self, call: Call) -> Answer:
        return Answer(status=201, body={"token": self.issue_personal_token()})

    def _guarded(self, handle: Callable[[Call, dict[str, str]], Answer]) -> Callable[[Call], Answer]:
        def answer(call: Call) -> Answer:
            try:
                return handle(call, call.fields())
            except NotJson:
                return Answer(status=400, body={"error": "invalid_request"})
            except _Refused as refused:
                return refused.answer

        return answer

    # The owner's side: the consent page.

    def _authorize(self, call: Call) -> Answer:
        wish = {**call.query, **(call.fields() if call.method == "POST" else {})}
        problem = self._problem_of(wish)
        if problem:
            return page(400, "This link does not work", problem)
        if call.method == "GET" and wish.get("approve") not in ("yes", "no"):
            return consent_page(self._rules.company, wish)
        if wish.get("approve") == "no":
            return redirect(wish, {"error": "access_denied"})
        return redirect(wish, {"code": self._new_code(wish), **self._rules.callback_parameters})

    def _problem_of(self, wish: Mapping[str, str]) -> str:
        if wish.get("client_id") != self._rules.client_id:
            return "The application is not known here: check client_id."
        if wish.get("response_type", "code") != "code":
            return "Only response_type=code is offered."
        if not wish.get("redirect_uri", "http://").startswith(("http://", "https://")):
            return "redirect_uri must be a web address."
        if self._rules.pkce_required and not wish.get("code_challenge"):
            return "A code_challenge is needed."
        if wish.get("code_challenge") and wish.get("code_challenge_method", "S256") != "S256":
            return "Only code_challenge_method=S256 is offered."
        return ""

    def _new_code(self, wish: Mapping[str, str]) -> str:
        code = secrets.token_urlsafe(24)
        kept: Body = {
            "redirect_uri": wish.get("redirect_uri", ""),
            "scope": wish.get("scope", ""),
            "challenge": wish.get("code_challenge", ""),
            "expires_at": (self._clock() + _CODE_LIFE).isoformat(),
        }
        self._shelf.put("oauth_code", code, kept)
        return code

    # The application's side: tokens.

    def _token(self, call: Call, fields: dict[str, str]) -> Answer:
        has_secret = self._knows_client(call, fields)
        if fields.get("grant_type") == "authorization_code":
            return self._for_code(fields, has_secret)
        if fields.get("grant_type") != "refresh_token":
            raise _Refused("unsupported_grant_type", "grant_type must be authorization_code or refresh_token")
        return self._for_refresh(self._shelf.get("oauth_token", fields.get("refresh_token", "")))

    def _knows_client(self, call: Call, fields: Mapping[str, str]) -> bool:
        """Whether the caller proved the secret; a public client may come without one. Raises when it is wrong."""
        rules = self._rules
        pairs = []
        if "basic" in rules.client_auth:
            pairs.append(_basic(call.headers.get("authorization", "")))
        if "form" in rules.client_auth:
            pairs.append((fields.get("client_id", ""), fields.get("client_secret", "")))
        if (rules.client_id, rules.client_secret) in pairs:
            return True
        if rules.public_clients and fields.get("client_id") == rules.client_id and not fields.get("client_secret"):
            return False
        raise _Refused("invalid_client", "client id or secret is wrong", 401)

    def _for_code(self, fields: Mapping[str, str], has_secret: bool) -> Answer:
        code = fields.get("code", "")
        kept = self._shelf.get("oauth_code", code)
        self._shelf.remove("oauth_code", code)
        if kept is None or datetime.fromisoformat(text(kept, "expires_at")) <= self._clock():
            raise _Refused("invalid_grant", "the code is unknown, used or older than five minutes")
        if text(kept, "redirect_uri") not in ("", fields.get("redirect_uri", "")):
            raise _Refused("invalid_grant", "redirect_uri is not the one consent was given for")
        challenge = text(kept, "challenge")
        if challenge and _challenge_of(fields.get("code_verifier", "")) != challenge:
            raise _Refused("invalid_grant", "code_verifier does not fit the code_challenge")
        if not has_secret and not challenge:
            raise _Refused("invalid_client", "without a secret a code_verifier is needed", 401)
        rotation = self._rules.rotation if has_secret else self._rules.pkce_rotation
        return self._issue({"grant": secrets.token_hex(8), "scope": text(kept, "scope"), "rotation": rotation})

    def _for_refresh(self, kept: Body | None) -> Answer:
        if kept is None or kept["use"] != "refresh":
            raise _Refused("invalid_grant", "the refresh token is unknown or revoked")
        now = self._clock()
        if datetime.fromisoformat(text(kept, "expires_at")) <= now:
            raise _Refused("invalid_grant", "the refresh token has expired")
        dead_from = text(kept, "dead_from")
        if dead_from and datetime.fromisoformat(dead_from) <= now:
            if self._rules.reuse_ends_connection:
                self._end_grant(text(kept, "grant"))
            raise _Refused("invalid_grant", "the refresh token was used before")
        if kept["rotation"] == "never":
            return self._issue(kept, refresh_token=text(kept, "token"))
        grace = timedelta(seconds=self._rules.grace_seconds if kept["rotation"] == "each_use_with_grace" else 0)
        with self._shelf.transaction():
            self._keep({**kept, "dead_from": dead_from or (now + grace).isoformat()})
            return self._issue(kept)

    def _issue(self, grant: Body, refresh_token: str = "") -> Answer:
        rules, now = self._rules, self._clock()
        scope = text(grant, "scope")
        access_ends = now + timedelta(seconds=rules.access_seconds)
        access_token = secrets.token_urlsafe(32)
        common: Body = {"grant": grant["grant"], "scope": scope, "rotation": grant["rotation"]}
        self._keep({**common, "token": access_token, "use": "access", "expires_at": access_ends.isoformat()})
        if not rules.refresh_scope or rules.refresh_scope in scope.split():
            refresh_token = refresh_token or secrets.token_urlsafe(32)
            refresh_ends = now + timedelta(seconds=rules.refresh_seconds)
            self._keep({**common, "token": refresh_token, "use": "refresh", "expires_at": refresh_ends.isoformat()})
        issued = Issued(
            access_token=access_token,
            access_expires_at=access_ends,
            access_seconds=rules.access_seconds,
            refresh_token=refresh_token,
            refresh_seconds=rules.refresh_seconds,
            scope=scope,
        )
        return Answer(body=rules.answer(issued), headers={"cache-control": "no-store"})

    def _keep(self, token: Body) -> None:
        self._shelf.put("oauth_token", text(token, "token"), token, mark=text(token, "grant"))

    def _revoke(self, call: Call, fields: dict[str, str]) -> Answer:
        if call.headers.get("authorization") != f"Client {self._rules.client_secret}":
            self._knows_client(call, fields)
        token = fields.get("token") or fields.get("access_token") or ""
        kept = self._shelf.get("oauth_token", token)
        if kept is None:
            return Answer(status=400, body={"error": "invalid_request", "error_description": "the token is unknown"})
        if fields.get("revoke_only_access_token", "").lower() == "true" or not kept["grant"]:
            self._shelf.remove("oauth_token", token)
        else:
            self._end_grant(text(kept, "grant"))
        return Answer(body={"success": True})

    def _end_grant(self, grant: str) -> None:
        with self._shelf.transaction():
            for kept in self._shelf.marked("oauth_token", grant):
                self._shelf.remove("oauth_token", text(kept, "token"))


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return client_id, secret


def _challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
