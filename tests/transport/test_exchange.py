"""Consent, exchange, refresh and revocation as the providers want them."""

from __future__ import annotations

import json
import logging
import os
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connector.errors import Broken, ConsentEnded, NeedsReconnect, Rejected, RetryLater, Unreadable
from connector.transport.exchange import AnswerLost, authorize_url, exchange, refresh, revoke
from connector.transport.oauth import Client, Consent, Grant, Pending
from tests.transport.provider import Provider, Ready, tokens

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
CLIENT = Client(client_id="app-1", client_secret="secret-of-app")
INTUIT = Consent(
    authorize_url="https://consent.example/connect/oauth2",
    token_url="https://tokens.example/oauth2/v1/tokens/bearer",
    revoke_url="https://tokens.example/v2/oauth2/tokens/revoke",
    scopes=("accounting", "openid"),
    title="QuickBooks",
    account_parameter="realmId",
    revoke_style="json",
)
SQUARE = Consent(
    authorize_url="https://square.example/oauth2/authorize",
    token_url="https://square.example/oauth2/token",
    revoke_url="https://square.example/oauth2/revoke",
    scopes=("ORDERS_READ",),
    title="Square",
    client_auth="json",
    account_field="merchant_id",
    revoke_style="client_secret",
    authorize_extra=(("session", "false"),),
)
OLD = Grant(access_token="access-1", refresh_token="refresh-1", external_id="realm-7", scopes=("accounting",))
REDIRECT = "http://localhost:8123/callback"


def now() -> datetime:
    return NOON


def pending(consent: Consent) -> Pending:
    return authorize_url(consent, CLIENT, REDIRECT)


def callback(asked: Pending, **changed: str) -> dict[str, str]:
    return {"state": asked.state, "code": "code-1", "realmId": "realm-7"} | changed


def test_the_consent_page_is_asked_for_these_scopes_under_a_fresh_state() -> None:
    first, second = pending(INTUIT), pending(INTUIT)
    query = parse_qs(urlsplit(first.url).query)
    assert first.url.startswith("https://consent.example/connect/oauth2?")
    assert query["scope"] == ["accounting openid"]
    assert query["redirect_uri"] == [REDIRECT]
    assert query["state"] == [first.state]
    assert first.state != second.state
    assert "code_challenge" not in query
    assert "secret-of-app" not in first.url


def test_the_page_gets_what_the_provider_wants_besides() -> None:
    assert parse_qs(urlsplit(pending(SQUARE).url).query)["session"] == ["false"]


def test_a_code_is_exchanged_for_a_grant_of_the_account_that_the_callback_names(provider: Provider) -> None:
    consent, asked = INTUIT.at(provider.base_url), pending(INTUIT)
    provider.will(tokens(expires_in=3600))
    grant = exchange(consent, CLIENT, asked, callback(asked), now)
    sent = provider.asked[0]
    assert (grant.access_token, grant.refresh_token) == ("access-2", "refresh-2")
    assert (grant.expires_at, grant.issued_at) == (NOON + timedelta(hours=1), NOON)
    assert (grant.external_id, grant.scopes) == ("realm-7", ("accounting", "openid"))
    assert sent.path == "/oauth2/v1/tokens/bearer"
    assert sent.headers["authorization"] == "Basic " + b64encode(b"app-1:secret-of-app").decode()
    assert sent.form() == {"grant_type": "authorization_code", "code": "code-1", "redirect_uri": REDIRECT}


def test_an_end_given_as_a_moment_and_an_account_in_the_answer_are_understood(provider: Provider) -> None:
    asked = pending(SQUARE)
    provider.will(tokens(expires_at="2026-04-19T12:00:00Z", merchant_id="ML1"))
    grant = exchange(SQUARE.at(provider.base_url), CLIENT, asked, callback(asked), now)
    assert grant.expires_at == NOON + timedelta(days=30)
    assert grant.external_id == "ML1"
    assert provider.asked[0].json() == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": REDIRECT,
        "client_id": "app-1",
        "client_secret": "secret-of-app",
    }


def test_an_application_without_a_secret_proves_itself_by_its_verifier(provider: Provider) -> None:
    consent, public = replace(INTUIT, pkce=True), Client(client_id="app-1")
    asked = authorize_url(consent, public, REDIRECT)
    query = parse_qs(urlsplit(asked.url).query)
    provider.will(tokens(expires_in="3600"))
    grant = exchange(consent.at(provider.base_url), public, asked, callback(asked), now)
    sent = provider.asked[0]
    assert query["code_challenge_method"] == ["S256"]
    assert query["code_challenge"] != [asked.verifier]
    assert sent.form()["code_verifier"] == asked.verifier
    assert sent.form()["client_id"] == "app-1"
    assert "authorization" not in sent.headers
    assert grant.expires_at == NOON + timedelta(hours=1)


@pytest.mark.parametrize("state", ["", "wrong", "wröng"])
def test_a_callback_with_another_state_is_refused_before_anything_is_sent(provider: Provider, state: str) -> None:
    asked = pending(INTUIT)
    with pytest.raises(NeedsReconnect, match="does not belong to the consent"):
        exchange(INTUIT.at(provider.base_url), CLIENT, asked, callback(asked, state=state), now)
    assert provider.asked == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"error": "access_denied"}, "Access was declined on the page of QuickBooks"),
        ({"error": "invalid_scope", "error_description": "No such scope"}, "did not grant access: No such scope"),
        ({"code": ""}, "sent no code"),
        ({"realmId": ""}, "did not say which account"),
    ],
)
def test_a_callback_without_consent_is_explained_in_plain_words(
    provider: Provider, changed: dict[str, str], said: str
) -> None:
    asked = pending(INTUIT)
    with pytest.raises(NeedsReconnect, match=said):
        exchange(INTUIT.at(provider.base_url), CLIENT, asked, callback(asked, **changed), now)
    assert provider.asked == []


def test_a_refresh_brings_a_newer_pair_for_the_same_account(provider: Provider) -> None:
    provider.will(tokens(expires_in=1800))
    grant = refresh(INTUIT.at(provider.base_url), CLIENT, OLD, now)
    assert provider.asked[0].form() == {"grant_type": "refresh_token", "refresh_token": "refresh-1"}
    assert (grant.access_token, grant.refresh_token) == ("access-2", "refresh-2")
    assert (grant.external_id, grant.scopes) == ("realm-7", ("accounting",))


def test_a_refresh_token_that_does_not_rotate_is_kept(provider: Provider) -> None:
    provider.will(Ready(body=b'{"access_token": "access-2", "expires_in": 3600}'))
    assert refresh(INTUIT.at(provider.base_url), CLIENT, OLD, now).refresh_token == "refresh-1"


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (Ready(status=400, body=b'{"error":"invalid_grant"}'), NeedsReconnect, "has ended or was withdrawn"),
        (Ready(status=401, body=b'{"error":"invalid_client"}'), NeedsReconnect, "client id and secret"),
        (Ready(status=302, headers={"location": "/a"}), Broken, "is not where QuickBooks gives tokens"),
        (Ready(body=b"<html>"), Broken, "in a form that cannot be read"),
        (Ready(body=b'{"expires_in": 3600}'), Broken, "in a form that cannot be read"),
        (Ready(body=b'{"access_token": "a", "expires_in": "soon"}'), Broken, "in a form that cannot be read"),
        (Ready(status=503), RetryLater, r"is busy \(HTTP 503\)"),
        (Ready(is_dropped=True), RetryLater, "No answer came from QuickBooks"),
        (Ready(body=b'{"access_token": "acc', is_cut=True), RetryLater, "No answer came from QuickBooks"),
    ],
)
def test_a_refused_or_lost_refresh_says_who_can_mend_it(
    provider: Provider, answer: Ready, error: type[Exception], said: str
) -> None:
    provider.will(answer)
    with pytest.raises(error, match=said):
        refresh(INTUIT.at(provider.base_url), CLIENT, OLD, now)
    assert len(provider.asked) == 1


def test_what_ended_a_consent_is_said_in_plain_words(provider: Provider) -> None:
    """What the provider adds to invalid_grant, by its own words and by those that all use."""
    intuit = replace(INTUIT, ended_words=(("user_not_in_realm", "the person who connected was removed"),))
    for told, meaning in [
        ("user_not_in_realm", "the person who connected was removed"),
        ("Token expired", "its time ran out before it was renewed"),
        ("the refresh token was used before", "its refresh token was used before"),
        ("Token revoked", "it was withdrawn at the provider"),
    ]:
        provider.will(
            Ready(status=400, body=json.dumps({"error": "invalid_grant", "error_description": told}).encode())
        )
        with pytest.raises(ConsentEnded, match=rf"has ended or was withdrawn \({meaning}\): connect again. It said: "):
            refresh(intuit.at(provider.base_url), CLIENT, OLD, now)


def test_an_answer_that_cannot_be_read_is_not_quoted_not_even_by_the_cause(provider: Provider) -> None:
    provider.will(Ready(body=b'{"access_token": "access-9", "expires_in": "access-9"}'))
    with pytest.raises(Broken) as raised:
        refresh(INTUIT.at(provider.base_url), CLIENT, OLD, now)
    assert raised.value.__cause__ is None
    assert "access-9" not in str(raised.getrepr(style="native"))


def test_a_provider_that_cannot_be_reached_was_not_asked(provider: Provider) -> None:
    with pytest.raises(RetryLater) as nobody:
        refresh(INTUIT.at("http://127.0.0.1:1"), CLIENT, OLD, now)
    assert not isinstance(nobody.value, AnswerLost)
    provider.will(Ready(is_dropped=True))
    with pytest.raises(AnswerLost):
        refresh(INTUIT.at(provider.base_url), CLIENT, OLD, now)


def test_a_busy_provider_is_asked_again_when_it_said(provider: Provider) -> None:
    provider.will(Ready(status=429, headers={"retry-after": "90"}))
    with pytest.raises(RetryLater) as busy:
        refresh(INTUIT.at(provider.base_url), CLIENT, OLD, now)
    assert busy.value.after == NOON + timedelta(seconds=90)


def test_a_personal_token_cannot_be_renewed() -> None:
    with pytest.raises(NeedsReconnect, match="cannot be renewed"):
        refresh(INTUIT, CLIENT, Grant(access_token="personal"), now)


def test_access_is_ended_the_way_each_provider_wants(provider: Provider) -> None:
    basic = "Basic " + b64encode(b"app-1:secret-of-app").decode()
    revoke(INTUIT.at(provider.base_url), CLIENT, OLD, now)
    revoke(replace(INTUIT, revoke_style="form").at(provider.base_url), CLIENT, OLD, now)
    revoke(SQUARE.at(provider.base_url), CLIENT, OLD, now)
    as_json, as_form, square = provider.asked
    assert (as_json.json(), as_json.headers["authorization"]) == ({"token": "refresh-1"}, basic)
    assert (as_form.form(), as_form.headers["authorization"]) == ({"token": "refresh-1"}, basic)
    assert square.json() == {"client_id": "app-1", "access_token": "access-1"}
    assert square.headers["authorization"] == "Client secret-of-app"


def test_a_revocation_that_did_not_happen_is_shown(provider: Provider) -> None:
    provider.will(Ready(status=400, body=b"unknown token refresh-1"), Ready(status=500))
    with pytest.raises(Rejected, match="did not end the access: unknown token …"):
        revoke(INTUIT.at(provider.base_url), CLIENT, OLD, now)
    with pytest.raises(RetryLater):
        revoke(INTUIT.at(provider.base_url), CLIENT, OLD, now)
    with pytest.raises(Rejected, match="on its own pages only"):
        revoke(replace(INTUIT, revoke_url=""), CLIENT, OLD, now)


@pytest.mark.parametrize("write", [repr, str, lambda value: f"{value}"])
def test_tokens_and_secrets_show_in_no_text(write: Callable[[object], str]) -> None:
    asked = replace(pending(replace(INTUIT, pkce=True)), url="")
    text = write(OLD) + write(CLIENT) + write(asked)
    for secret in ("access-1", "refresh-1", "secret-of-app", asked.state, asked.verifier):
        assert secret not in text


def test_tokens_are_in_no_log_and_no_error_whatever_the_provider_echoes(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = json.dumps({"error": "invalid_grant", "error_description": "refresh-1 by secret-of-app"}).encode()
    provider.will(Ready(status=400, body=echo), Ready(is_cut=True), tokens(expires_in=60))
    for _ in range(2):
        with pytest.raises((NeedsReconnect, RetryLater)) as raised:
            refresh(INTUIT.at(provider.base_url), CLIENT, OLD, now)
        assert "refresh-1" not in str(raised.value)
        assert "secret-of-app" not in str(raised.value)
    logging.getLogger().warning("%s", refresh(INTUIT.at(provider.base_url), CLIENT, OLD, now))
    assert "Grant(" in caplog.text
    for secret in ("access-2", "refresh-1", "refresh-2", "secret-of-app"):
        assert secret not in caplog.text


def test_loopback_needs_no_switch_in_the_environment_and_leaves_none(provider: Provider) -> None:
    consent = INTUIT.at(provider.base_url)
    asked = pending(consent)
    provider.will(tokens(expires_in=3600))
    exchange(consent, CLIENT, asked, callback(asked), now)
    assert not [name for name in os.environ if name.startswith("OAUTHLIB")]


def test_tokens_are_never_sent_over_plain_http_to_another_machine() -> None:
    elsewhere = INTUIT.at("http://books.example")
    with pytest.raises(Unreadable, match="over https only"):
        refresh(elsewhere, CLIENT, OLD, now)
    with pytest.raises(Unreadable, match="over https only"):
        pending(elsewhere)
    with pytest.raises(Unreadable, match="over https only"):
        authorize_url(INTUIT, CLIENT, "http://books.example/callback")
