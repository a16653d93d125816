"""OAuth 2 authorization code, the calls: consent page, exchange of the code, refresh, revocation.

Each call is made once. Requests are shaped by oauthlib and sent through our own session, which has the limits and
decides which addresses are allowed; so oauthlib's switch for insecure transport is never needed."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import msgspec
import requests
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import WebApplicationClient
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import NewConnectionError

from connector.errors import Broken, ConsentEnded, NeedsReconnect, Rejected, RetryLater
from connector.faults import fault_point
from connector.transport.oauth import Client, Consent, Grant, Pending
from connector.transport.repeat import told_after
from connector.transport.sessions import check_address, http_session

STATE_LENGTH = 43
VERIFIER_LENGTH = 64
SAID_LENGTH = 300
SECRETS = ("code", "code_verifier", "refresh_token", "access_token", "token", "client_secret")
BUSY = frozenset({408, 425, 429})
ENDED = (  # what providers say beside invalid_grant, and what it means
    ("expired", "its time ran out before it was renewed"),
    ("used before", "its refresh token was used before"),
    ("already", "its refresh token was used before"),
    ("revoked", "it was withdrawn at the provider"),
)


class AnswerLost(RetryLater):
    """Whether the provider did what it was asked is not known: the call went out, and no whole answer came back."""


def authorize_url(consent: Consent, client: Client, redirect_uri: str) -> Pending:
    """The page that asks the owner, with a fresh state and, where the provider knows PKCE, an S256 challenge."""
    check_address(consent.authorize_url)
    check_address(redirect_uri)
    web = WebApplicationClient(client.client_id)
    state = web.create_code_verifier(STATE_LENGTH)
    pkce = consent.pkce or (consent.pkce_without_secret and not client.client_secret)
    verifier = web.create_code_verifier(VERIFIER_LENGTH) if pkce else ""
    wish = [
        ("response_type", "code"),
        ("client_id", client.client_id),
        ("redirect_uri", redirect_uri),
        ("scope", " ".join(consent.scopes)),
        ("state", state),
        *consent.authorize_extra,
    ]
    if consent.application_parameter:
        wish.append((consent.application_parameter, client.application_id))
    if verifier:
        wish += [
            ("code_challenge", web.create_code_challenge(verifier, "S256")),
            ("code_challenge_method", "S256"),
        ]
    url = add_params_to_uri(consent.authorize_url, wish)
    return Pending(url=url, redirect_uri=redirect_uri, state=state, verifier=verifier)


def exchange(
    consent: Consent,
    client: Client,
    pending: Pending,
    callback_params: Mapping[str, str],
    now: Callable[[], datetime],
) -> Grant:
    """The grant for a callback that answers `pending`; its code is good once, for minutes.

    Raises NeedsReconnect where the owner declined, the callback belongs to another consent, or the code is refused."""
    code = _code(consent, pending, callback_params)
    account = callback_params.get(consent.account_parameter, "") if consent.account_parameter else ""
    if consent.account_parameter and not account:
        raise NeedsReconnect(f"{consent.provider} did not say which account was connected. Connect again.")
    body = WebApplicationClient(client.client_id).prepare_request_body(
        code=code,
        redirect_uri=pending.redirect_uri,
        include_client_id=False,
        code_verifier=pending.verifier or None,
    )
    asked = Grant(access_token="", scopes=consent.scopes, external_id=account)
    asked_at = now()
    return read_grant(consent, _ask_for_tokens(consent.of(account), client, body, now), asked, asked_at)


def refresh(consent: Consent, client: Client, grant: Grant, now: Callable[[], datetime]) -> Grant:
    """A newer pair for a grant. Save it before anything else: many providers end the old refresh token here.

    Raises as `ask_refresh` and `read_grant` do."""
    asked_at = now()
    return read_grant(consent, ask_refresh(consent, client, grant, now), grant, asked_at)


def ask_refresh(consent: Consent, client: Client, grant: Grant, now: Callable[[], datetime]) -> bytes:
    """The provider's answer to a refresh, as received. It holds a pair that may exist nowhere else: keep it first.

    Raises AnswerLost where the provider may have done it, RetryLater where it has not, ConsentEnded where it refuses
    the refresh token, and NeedsReconnect where it refuses the application."""
    if not grant.refresh_token:
        raise NeedsReconnect(f"Access to {consent.provider} has ended and cannot be renewed. Connect again.")
    body = WebApplicationClient(client.client_id).prepare_refresh_body(refresh_token=grant.refresh_token)
    return _ask_for_tokens(consent.of(grant.external_id), client, body, now)


def revoke(consent: Consent, client: Client, grant: Grant, now: Callable[[], datetime]) -> None:
    """Ends the consent at the provider. Raises RetryLater or Rejected where it did not, so that it can be shown."""
    if not consent.revoke_url:
        raise Rejected(f"{consent.provider} ends access on its own pages only: remove the application there.")
    if consent.revoke_style == "client_secret" and not client.client_secret:
        raise Rejected(f"{consent.provider} ends access only for an application with a secret: remove it on its pages.")
    if consent.revoke_style == "client_secret":
        form = {"client_id": client.client_id, "access_token": grant.access_token}
        headers = {"authorization": f"Client {client.client_secret}"}
        answer = _send(consent, consent.revoke_url, form, as_json=True, headers=headers)
    else:
        form = {"token": grant.refresh_token or grant.access_token}
        as_json = consent.revoke_style == "json"
        answer = _send(consent, consent.revoke_url, form, as_json=as_json, auth=_basic(client))
    _raise_if_busy(consent, answer, now)
    if not 200 <= answer.status_code < 300:
        raise Rejected(f"{consent.provider} did not end the access: {_said(answer, form, client)}")


def _code(consent: Consent, pending: Pending, callback_params: Mapping[str, str]) -> str:
    # The state comes first: what a stranger's callback says is not worth reading.
    if not hmac.compare_digest(callback_params.get("state", "").encode(), pending.state.encode()):
        raise NeedsReconnect(
            f"The answer from {consent.provider} does not belong to the consent that was asked for here. Connect again."
        )
    error = callback_params.get("error", "")
    if error == "access_denied":
        raise NeedsReconnect(f"Access was declined on the page of {consent.provider}; nothing is connected.")
    if error:
        told = callback_params.get("error_description", "") or error
        raise NeedsReconnect(f"{consent.provider} did not grant access: {told[:SAID_LENGTH]}. Connect again.")
    code = callback_params.get(consent.code_parameter, "")
    if not code:
        raise NeedsReconnect(f"{consent.provider} sent no code. Connect again.")
    return code


class _Tokens(msgspec.Struct):
    """The token answer, the fields we read. Lifetimes: seconds in `expires_in`, or a moment in either field."""

    access_token: str
    refresh_token: str | None = None
    expires_in: int | str | None = None
    expires_at: int | str | None = None
    scope: str | None = None


def read_grant(consent: Consent, answer: bytes, before: Grant, asked_at: datetime) -> Grant:
    """The grant in a token answer; what the answer leaves out stays as it was `before`. Pure.

    Raises Broken where it cannot be read."""
    try:
        tokens = msgspec.json.decode(answer, type=_Tokens)
        fields = msgspec.json.decode(answer, type=dict[str, object])
        expires_at = _expiry(tokens, asked_at)
    except (msgspec.DecodeError, ValueError):
        # Not chained: the decoder's error may quote the answer.
        raise Broken(f"{consent.provider} answered the request for tokens in a form that cannot be read.") from None
    return Grant(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token or before.refresh_token,
        expires_at=expires_at,
        issued_at=asked_at,
        scopes=tuple(tokens.scope.split()) if tokens.scope else before.scopes,
        external_id=before.external_id or str(fields.get(consent.account_field, "")),
    )


def _expiry(tokens: _Tokens, asked_at: datetime) -> datetime | None:
    """Counted from before the call, so that it errs early. Raises ValueError where it cannot be read."""
    told = tokens.expires_in if tokens.expires_in is not None else tokens.expires_at
    if told is None:
        return None
    if tokens.expires_in is not None and str(told).isdecimal():
        return asked_at + timedelta(seconds=int(told))
    if str(told).isdecimal():
        return datetime.fromtimestamp(int(told), UTC)
    moment = datetime.fromisoformat(str(told))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _ask_for_tokens(consent: Consent, client: Client, body: str, now: Callable[[], datetime]) -> bytes:
    form = dict(parse_qsl(body))
    auth = _basic(client) if consent.client_auth == "basic" and client.client_secret else None
    if auth is None:
        form = {**form, "client_id": client.client_id}
        form |= {"client_secret": client.client_secret} if client.client_secret else {}
    answer = _send(consent, consent.token_url, form, as_json=consent.client_auth == "json", auth=auth)
    _raise_if_busy(consent, answer, now)
    if answer.status_code != requests.codes.ok:
        raise _refused(consent, answer, form, client)
    return answer.content


def _send(
    consent: Consent,
    url: str,
    form: Mapping[str, str],
    *,
    as_json: bool,
    auth: HTTPBasicAuth | None = None,
    headers: Mapping[str, str] | None = None,
) -> requests.Response:
    wanted = {"accept": "application/json", **(headers or {})}
    with http_session() as session:
        try:
            data, json = (None, form) if as_json else (form, None)
            answer = session.post(url, data=data, json=json, auth=auth, headers=wanted, stream=True)
            if form.get("grant_type") == "refresh_token":
                fault_point("refresh.bytes_out")
            _ = answer.content  # read here, while a failure is still one of this call
            return answer
        except requests.RequestException as error:
            raise _unanswered(consent, error) from None  # the error's text may quote the request


def _unanswered(consent: Consent, error: requests.RequestException) -> RetryLater:
    text = f"No answer came from {consent.provider} ({type(error).__name__}); it will be asked again."
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(error, requests.ConnectTimeout) or isinstance(cause, NewConnectionError):
        return RetryLater(text)
    return AnswerLost(text)


def _basic(client: Client) -> HTTPBasicAuth:
    return HTTPBasicAuth(client.client_id, client.client_secret)


def _raise_if_busy(consent: Consent, answer: requests.Response, now: Callable[[], datetime]) -> None:
    if answer.status_code in BUSY or answer.status_code >= 500:
        after = told_after(answer.headers.get("retry-after"), now())
        kind = AnswerLost if answer.status_code >= 500 else RetryLater
        raise kind(f"{consent.provider} is busy (HTTP {answer.status_code}); it will be asked again.", after)


def _refused(
    consent: Consent, answer: requests.Response, form: Mapping[str, str], client: Client
) -> NeedsReconnect | Broken:
    if answer.status_code < 400 or answer.status_code in (404, 405):
        return Broken(f"{consent.token_url} is not where {consent.provider} gives tokens (HTTP {answer.status_code}).")
    said = _said(answer, form, client)
    if "invalid_client" in said or "unauthorized_client" in said:
        return NeedsReconnect(
            f"{consent.provider} does not accept the application's client id and secret: "
            f"correct them in the settings and connect again. It said: {said}"
        )
    kind = ConsentEnded if "invalid_grant" in said else NeedsReconnect
    return kind(f"Access to {consent.provider} has ended or was withdrawn{_why(consent, said)}. It said: {said}")


def _why(consent: Consent, said: str) -> str:
    """The reason in plain words where the provider's own are known, and what to do."""
    found = (meaning for word, meaning in (*consent.ended_words, *ENDED) if re.search(word, said, re.IGNORECASE))
    meaning = next(found, "")
    return f" ({meaning}): connect again" if meaning else ": connect again"


def _said(answer: requests.Response, form: Mapping[str, str], client: Client) -> str:
    """The provider's own words, short, with nothing secret echoed."""
    text = " ".join(answer.text.split())
    for secret in (client.client_secret, *(form.get(name, "") for name in SECRETS)):
        text = text.replace(secret, "…") if secret else text
    return text[:SAID_LENGTH] or f"HTTP {answer.status_code}"
