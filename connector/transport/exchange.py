"""OAuth 2 authorization code, the calls: consent page, exchange of the code, refresh, revocation.

Each call is made once. Requests are shaped by oauthlib and sent through our own session, which has the limits and
decides which addresses are allowed; so oauthlib's switch for insecure transport is never needed."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import msgspec
import requests
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import WebApplicationClient
from requests.auth import HTTPBasicAuth

from connector.errors import Broken, NeedsReconnect, Rejected, RetryLater
from connector.transport.oauth import Client, Consent, Grant, Pending
from connector.transport.repeat import told_after
from connector.transport.sessions import check_address, http_session

STATE_LENGTH = 43
VERIFIER_LENGTH = 64
SAID_LENGTH = 300
SECRETS = ("code", "code_verifier", "refresh_token", "access_token", "token", "client_secret")
BUSY = frozenset({408, 425, 429})


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
    return _granted(consent.of(account), client, body, asked, now)


def refresh(consent: Consent, client: Client, grant: Grant, now: Callable[[], datetime]) -> Grant:
    """A newer pair for a grant. Save it before anything else: many providers end the old refresh token here.

    Raises RetryLater where the answer was lost or the provider is busy, NeedsReconnect where consent has ended."""
    if not grant.refresh_token:
        raise NeedsReconnect(f"Access to {consent.provider} has ended and cannot be renewed. Connect again.")
    web = WebApplicationClient(client.client_id)
    consent = consent.of(grant.external_id)
    return _granted(consent, client, web.prepare_refresh_body(refresh_token=grant.refresh_token), grant, now)


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


def _granted(consent: Consent, client: Client, body: str, before: Grant, now: Callable[[], datetime]) -> Grant:
    """Asks the token address; what the answer leaves out stays as it was `before`."""
    asked_at = now()
    answer = _ask_for_tokens(consent, client, dict(parse_qsl(body)), now)
    try:
        tokens = msgspec.json.decode(answer.content, type=_Tokens)
        fields = msgspec.json.decode(answer.content, type=dict[str, object])
        expires_at = _expiry(tokens, asked_at)
    except (msgspec.DecodeError, ValueError) as error:
        raise Broken(f"{consent.provider} answered the request for tokens in a form that cannot be read.") from error
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


def _ask_for_tokens(
    consent: Consent, client: Client, form: dict[str, str], now: Callable[[], datetime]
) -> requests.Response:
    auth = _basic(client) if consent.client_auth == "basic" and client.client_secret else None
    if auth is None:
        form = {**form, "client_id": client.client_id}
        form |= {"client_secret": client.client_secret} if client.client_secret else {}
    answer = _send(consent, consent.token_url, form, as_json=consent.client_auth == "json", auth=auth)
    _raise_if_busy(consent, answer, now)
    if answer.status_code != requests.codes.ok:
        raise _refused(consent, answer, form, client)
    return answer


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
            if as_json:
                return session.post(url, json=form, auth=auth, headers=wanted)
            return session.post(url, data=form, auth=auth, headers=wanted)
        except requests.RequestException as error:
            # The error's text may quote the request; only its kind is passed on.
            what = type(error).__name__
            raise RetryLater(f"No answer came from {consent.provider} ({what}); it will be asked again.") from None


def _basic(client: Client) -> HTTPBasicAuth:
    return HTTPBasicAuth(client.client_id, client.client_secret)


def _raise_if_busy(consent: Consent, answer: requests.Response, now: Callable[[], datetime]) -> None:
    if answer.status_code in BUSY or answer.status_code >= 500:
        after = told_after(answer.headers.get("retry-after"), now())
        raise RetryLater(f"{consent.provider} is busy (HTTP {answer.status_code}); it will be asked again.", after)


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
    return NeedsReconnect(f"Access to {consent.provider} has ended or was withdrawn: connect again. It said: {said}")


def _said(answer: requests.Response, form: Mapping[str, str], client: Client) -> str:
    """The provider's own words, short, with nothing secret echoed."""
    text = " ".join(answer.text.split())
    for secret in (client.client_secret, *(form.get(name, "") for name in SECRETS)):
        text = text.replace(secret, "…") if secret else text
    return text[:SAID_LENGTH] or f"HTTP {answer.status_code}"
