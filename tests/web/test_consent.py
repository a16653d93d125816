"""A merchant connects in a browser, through the redirects of OAuth, at the stand-ins of every provider."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest

from connector.sandbox.town import Town
from connector.store.credentials import StoredTokens
from connector.store.feeds import Connection, connections
from connector.sync.pull import pull
from tests.web.office import BOOKS, SHOPS, Browser, Clock, Served, text_of

COMPANIES = {
    "square": "Main Street Coffee",
    "lightspeed": "",
    "lightspeed_x": "",
    "loyverse": "Harbor Kiosk",
    "dash": "",
    "amazon": "",
    "quickbooks": "",
    "xero": "",
}
WHERE = {"amazon": {"region": "US"}}


def kept(served: Served) -> list[Connection]:
    with served.house.database.transaction() as tx:
        return connections(tx)


@pytest.mark.parametrize("provider", [*SHOPS, *BOOKS])
def test_a_merchant_consents_confirms_the_company_by_name_and_is_connected(
    provider: str, served: Served, browser: Browser
) -> None:
    question = browser.connect(provider, **WHERE.get(provider, {}))
    assert question.status_code == 200
    assert "Connect it to organisation Main Street ?" in text_of(question)
    assert kept(served) == []
    assert browser.say(question).headers["location"] == "/connections"
    (connection,) = kept(served)
    assert (connection.provider, connection.organisation, connection.state) == (provider, "Main Street", "active")
    assert connection.title and connection.title in text_of(question)
    assert connection.title in text_of(browser.get("/connections"))
    keeper = StoredTokens(served.house.database, served.house.vault, served.house.now, served.house.folder)
    assert keeper.load(str(connection.id)).refresh_token


def test_what_was_connected_in_a_browser_can_be_pulled(served: Served, browser: Browser) -> None:
    browser.say(browser.connect("square"))
    assert pull(served.house, kept(served)[0]).new > 10


def test_a_company_that_is_not_meant_is_forgotten(served: Served, browser: Browser) -> None:
    question = browser.connect("square")
    assert browser.say(question, "no").headers["location"] == "/"
    assert kept(served) == []
    again = browser.say(question)
    assert again.status_code == 400 and "nothing to confirm" in text_of(again)
    assert kept(served) == []


def test_an_owner_who_declines_on_the_providers_page_reads_so(served: Served, browser: Browser) -> None:
    asked = browser.form("/connect/square", "/connect/square", {"organisation": "Main Street"})
    declined = browser.client.get(asked.headers["location"] + "&approve=no")
    page = browser.get(declined.headers["location"])
    assert page.status_code == 400
    assert "Access was declined on the page of Square" in text_of(page)


def test_a_callback_with_a_state_that_nobody_asked_for_is_refused(browser: Browser) -> None:
    back = browser.consent("square")
    state = parse_qs(urlsplit(back).query)["state"][0]
    page = browser.get(back.replace(state, "x" * len(state)))
    assert page.status_code == 400 and "belongs to no consent that was begun here" in text_of(page)
    assert "belongs to no consent" in text_of(browser.get("/callback/square?code=stolen"))


def test_a_callback_is_taken_once(served: Served, browser: Browser) -> None:
    back = browser.consent("square")
    assert browser.get(back).status_code == 303
    again = browser.get(back)
    assert again.status_code == 400 and "was taken already" in text_of(again)


def test_a_callback_after_ten_minutes_is_too_late(browser: Browser, clock: Clock) -> None:
    back = browser.consent("square")
    clock.pass_(minutes=10)
    page = browser.get(back)
    assert page.status_code == 400 and "later than ten minutes" in text_of(page)


def test_a_question_that_waits_longer_than_ten_minutes_is_not_asked_any_more(
    served: Served, browser: Browser, clock: Clock
) -> None:
    question = browser.connect("square")
    clock.pass_(minutes=10)
    assert browser.say(question).status_code == 400
    assert kept(served) == []


def test_a_callback_in_another_browser_is_refused_and_still_works_in_the_first(
    served: Served, browser: Browser
) -> None:
    back = browser.consent("square")
    other = Browser(served.base_url).get(back)
    assert other.status_code == 400 and "begun in another browser" in text_of(other)
    assert browser.get(back).status_code == 303


def test_a_question_is_asked_in_its_own_browser_only(served: Served, browser: Browser) -> None:
    question = browser.connect("square")
    other = Browser(served.base_url)
    assert other.get(str(question.url)).status_code == 400
    fields = {"answer": "yes"}
    assert other.form("/connect/square", urlsplit(str(question.url)).path, fields).status_code == 400
    assert kept(served) == []


def test_the_answer_of_one_provider_is_not_taken_as_anothers(browser: Browser) -> None:
    back = browser.consent("square")
    page = browser.get(back.replace("/callback/square", "/callback/loyverse"))
    assert page.status_code == 400 and "belongs to no consent" in text_of(page)
    assert browser.get(back).status_code == 303


def test_connecting_again_keeps_the_connection_under_its_name(served: Served, browser: Browser) -> None:
    browser.say(browser.connect("square", name="coffee bar"))
    question = browser.connect("square")
    assert "connected here as coffee bar" in text_of(question)
    browser.say(question)
    assert [each.name for each in kept(served)] == ["coffee bar"]


def test_another_company_under_a_name_that_is_taken_is_refused_until_it_is_said(
    served: Served, browser: Browser, town: Town
) -> None:
    with served.house.database.transaction() as tx:
        from connector.store.feeds import NewConnection, keep_connection

        keep_connection(
            tx,
            NewConnection(
                organisation="Main Street", name="square", side="source", provider="square", external_id="MLOTHER",
                title="Café Aurora Ltd",
            ),
        )  # fmt: skip
    question = browser.connect("square")
    assert "square is connected to Café Aurora Ltd" in text_of(question)
    refused = browser.say(question, other="")
    assert refused.status_code == 422 and "was not confirmed" in text_of(refused)
    assert [each.title for each in kept(served)] == ["Café Aurora Ltd"]
    browser.say(question)
    assert [(each.name, each.title) for each in kept(served)] == [
        ("square", "Café Aurora Ltd"),
        ("square-2", "Main Street Coffee"),
    ]


def test_two_organisations_connect_the_same_provider_side_by_side(served: Served, browser: Browser) -> None:
    browser.say(browser.connect("square"))
    browser.say(browser.connect("square", organisation="Harbour Street"))
    assert [(each.name, each.organisation) for each in kept(served)] == [
        ("square", "Main Street"),
        ("square-2", "Harbour Street"),
    ]


def test_a_token_that_was_copied_is_looked_at_and_confirmed_like_a_consent(
    served: Served, browser: Browser, town: Town
) -> None:
    token = town.personal_token("loyverse")
    sent = browser.form("/connect/loyverse", "/connect/loyverse/token", {"organisation": "Main Street", "token": token})
    question = browser.get(sent.headers["location"])
    assert "Harbor Kiosk" in text_of(question) and token not in question.text
    browser.say(question)
    assert [each.title for each in kept(served)] == ["Harbor Kiosk"]


def test_a_wrong_token_is_refused_in_one_sentence_and_never_shown(served: Served, browser: Browser) -> None:
    fields = {"organisation": "Main Street", "token": "wrong-token-canary"}
    page = browser.form("/connect/loyverse", "/connect/loyverse/token", fields)
    assert page.status_code == 400 and "wrong-token-canary" not in page.text
    assert kept(served) == []


def test_a_source_of_files_is_connected_without_consent(served: Served, browser: Browser) -> None:
    browser.form("/connect/amazon", "/connect/amazon/files", {"organisation": "Main Street"})
    assert [(each.provider, each.title) for each in kept(served)] == [("amazon", "Amazon")]


@pytest.mark.parametrize(
    ("source", "told"),
    [("dash", "defined by this project, not by Dash"), ("loyverse", "neither fees nor payouts"), ("square", "")],
)
def test_the_page_of_a_source_says_what_it_cannot_tell(browser: Browser, source: str, told: str) -> None:
    page = text_of(browser.get(f"/connect/{source}"))
    assert told in page
    assert ("not by Dash" in page) == (source == "dash")


def test_pkce_and_state_go_to_the_provider_and_lie_in_no_clear_text_here(served: Served, browser: Browser) -> None:
    asked = browser.form("/connect/dash", "/connect/dash", {"organisation": "Main Street"})
    query = parse_qs(urlsplit(asked.headers["location"]).query)
    assert query["code_challenge_method"] == ["S256"] and len(query["code_challenge"][0]) == 43
    state, cookie = query["state"][0], browser.client.cookies["connector"]
    browser.say(browser.connect("square"))
    assert served.house.folder is not None
    with closing(sqlite3.connect(served.house.folder / "connector.db")) as file:
        everything = "\n".join(file.iterdump())
    assert "consent" in everything
    for secret in (state, cookie, cookie.split(".")[0]):
        assert secret not in everything


def test_a_provider_whose_application_is_not_set_says_which_variable_is_missing(
    served: Served, browser: Browser
) -> None:
    served.office.settings.clients.pop("square")  # type: ignore[attr-defined]
    assert "CONNECTOR_CLIENT_SQUARE" in text_of(browser.get("/"))
    refused = browser.form("/connect/square", "/connect/square", {"organisation": "Main Street"})
    assert refused.status_code == 422 and "CONNECTOR_CLIENT_SQUARE" in text_of(refused)
