"""Who is let in, what a form must prove, and what every answer says to the browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from connector.errors import Unreadable
from connector.sandbox.town import Town
from connector.settings import read_settings
from connector.web.app import PAGES
from tests.web.office import Browser, Clock, Served, form_token, opened_office, settings_for, text_of

KEY = "a setup key of some length"
SHOWN = ("/", "/connect/square", "/connections", "/confirm/1", "/callback/square", "/nowhere", "/health", "/metrics")


@pytest.mark.parametrize("path", SHOWN)
def test_every_answer_bears_the_headers_that_keep_a_browser_safe(path: str, browser: Browser) -> None:
    answer = browser.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers or "uvicorn" in answer.headers["server"]  # the stand-ins' server, not ours


def test_no_page_holds_a_script_or_a_style_of_its_own() -> None:
    templates = list((Path(__file__).parents[2] / "connector" / "web" / "templates").glob("*.html"))
    assert len(templates) > 5
    for template in templates:
        text = template.read_text(encoding="utf-8")
        assert "<script" not in text and "<style" not in text and " style=" not in text and " on" + "click" not in text
        assert "|safe" not in text and "autoescape false" not in text


def test_only_the_page_of_a_provider_lets_its_form_end_at_that_provider(
    browser: Browser, served: Served, town: Town
) -> None:
    for name in ("square", "xero"):
        policy = browser.get(f"/connect/{name}").headers["content-security-policy"]
        assert policy.endswith(f"form-action 'self' {town.houses[name].base_url}")
    assert "form-action 'self' http" not in browser.get("/connections").headers["content-security-policy"]


def test_the_cookie_is_for_this_site_and_no_script(browser: Browser) -> None:
    cookie = browser.get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie and "Secure" not in cookie


def test_behind_https_the_cookie_is_secure_and_tied_to_the_host(town: Town, clock: Clock, home: Path) -> None:
    settings = settings_for(town, home, public_url="https://books.example.com", setup_key=KEY)
    with opened_office(settings, clock) as served:
        answer = httpx.get(served.base_url + "/", headers={"host": "books.example.com"})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-connector=") and "Secure" in cookie
        assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_a_form_from_another_page_is_refused(served: Served, browser: Browser) -> None:
    token = form_token(browser.get("/connect/amazon"))
    fields = {"organisation": "Main Street", "form_token": token}
    for origin in ("https://evil.example", "null", "http://localhost:1"):
        assert browser.post("/connect/amazon/files", fields, origin=origin).status_code == 403
    without = browser.client.post(served.base_url + "/connect/amazon/files", data=fields)
    assert without.status_code == 403
    same = {"origin": "null", "sec-fetch-site": "same-origin"}
    assert browser.client.post(served.base_url + "/connect/amazon/files", data=fields, headers=same).status_code == 303


def test_a_form_without_the_token_of_its_session_is_refused(served: Served, browser: Browser) -> None:
    browser.get("/")
    other = form_token(Browser(served.base_url).get("/connect/amazon"))
    for token in ("", "0" * 64, other):
        fields = {"organisation": "Main Street", "form_token": token}
        assert browser.post("/connect/amazon/files", fields).status_code == 403


@pytest.mark.parametrize("path", [path for path, _, methods in PAGES if "POST" in methods])
def test_every_page_that_takes_a_form_wants_its_token(path: str, browser: Browser) -> None:
    browser.get("/")
    address = path.replace("{provider}", "square").replace("{number}", "1")
    assert browser.post(address, {"organisation": "x", "answer": "yes", "token": "t"}).status_code == 403


def test_without_a_setup_key_the_pages_are_for_this_machine_only(served: Served) -> None:
    for headers in (
        {"x-forwarded-for": "203.0.113.9"},
        {"forwarded": "for=203.0.113.9"},
        {"host": "connector.example.com"},
    ):
        answer = httpx.get(served.base_url + "/connections", headers=headers)
        assert answer.status_code in (403, 421), headers
        assert "Square" not in answer.text


def test_a_browser_at_the_other_name_of_this_machine_is_sent_to_the_one_that_providers_know(served: Served) -> None:
    answer = httpx.get(served.base_url.replace("localhost", "127.0.0.1") + "/connections")
    assert (answer.status_code, answer.headers["location"]) == (307, f"{served.base_url}/connections")


def test_where_others_reach_them_the_pages_stay_shut_until_a_setup_key_is_set(
    town: Town, clock: Clock, home: Path
) -> None:
    settings = settings_for(town, home, public_url="https://books.example.com")
    with opened_office(settings, clock) as served:
        answer = httpx.get(served.base_url + "/", headers={"host": "books.example.com"})
        assert answer.status_code == 403 and "closed until CONNECTOR_SETUP_KEY is set" in text_of(answer)


def test_the_setup_key_is_asked_once_in_a_browser(town: Town, clock: Clock, home: Path) -> None:
    with opened_office(settings_for(town, home, setup_key=KEY), clock) as served:
        browser = Browser(served.base_url)
        assert browser.get("/connections").status_code == 401
        wrong = browser.form("/", "/unlock", {"key": "a setup key of some lengtH"})
        assert wrong.status_code == 401 and "not the setup key" in text_of(wrong)
        before = browser.client.cookies["connector"]
        assert browser.form("/", "/unlock", {"key": KEY}).status_code == 303
        assert browser.client.cookies["connector"].split(".")[0] != before.split(".")[0]
        assert browser.get("/connections").status_code == 200
        assert Browser(served.base_url).get("/connections").status_code == 401
        clock.pass_(hours=12)
        assert browser.get("/connections").status_code == 401


def test_a_cookie_that_was_changed_opens_nothing(town: Town, clock: Clock, home: Path) -> None:
    with opened_office(settings_for(town, home, setup_key=KEY), clock) as served:
        browser = Browser(served.base_url)
        browser.get("/")
        forged = browser.client.cookies["connector"].replace(".0.", ".1.")
        assert httpx.get(served.base_url + "/connections", cookies={"connector": forged}).status_code == 401


def test_guessing_the_setup_key_is_slowed(town: Town, clock: Clock, home: Path) -> None:
    clock.pass_(days=1)  # what other tests guessed is long ago
    with opened_office(settings_for(town, home, setup_key=KEY), clock) as served:
        browser = Browser(served.base_url)
        answers = [browser.form("/", "/unlock", {"key": "no"}).status_code for _ in range(6)]
        assert answers == [401] * 5 + [429]
        assert browser.form("/", "/unlock", {"key": KEY}).status_code == 429
        clock.pass_(minutes=2)
        assert browser.form("/", "/unlock", {"key": KEY}).status_code == 303


def test_a_form_that_is_too_large_is_not_read(browser: Browser) -> None:
    assert browser.post("/unlock", {"key": "x" * 70_000}).status_code == 413


def test_hostile_names_are_shown_as_text(served: Served, browser: Browser) -> None:
    hostile = "<img src=x onerror=alert(1)>{{7*7}}"
    browser.form("/connect/amazon", "/connect/amazon/files", {"organisation": hostile})
    page = browser.get("/connections")
    assert "<img" not in page.text and hostile in text_of(page) and "49" not in text_of(page)
    assert "<img" not in browser.get("/connect/square").text


def test_a_provider_that_is_not_known_is_a_sentence_and_not_a_stack(browser: Browser) -> None:
    page = browser.get("/connect/nobody")
    assert page.status_code == 422 and "There is no provider 'nobody'" in text_of(page)


def test_settings_that_would_leave_the_door_open_are_refused() -> None:
    with pytest.raises(Unreadable, match="CONNECTOR_SETUP_KEY has 5 characters"):
        read_settings({"CONNECTOR_SETUP_KEY": "short"})
    for address in ("connector.example.com", "ftp://x", "https://x/?a=b"):
        with pytest.raises(Unreadable, match="CONNECTOR_PUBLIC_URL"):
            read_settings({"CONNECTOR_PUBLIC_URL": address})


def test_a_new_setup_key_ends_every_session(town: Town, clock: Clock, home: Path) -> None:
    settings = settings_for(town, home, setup_key=KEY)
    with opened_office(settings, clock) as served:
        browser = Browser(served.base_url)
        browser.form("/", "/unlock", {"key": KEY})
        cookies = {"connector": browser.client.cookies["connector"]}
    with opened_office(replace(settings, setup_key="another key, long enough"), clock) as served:
        assert httpx.get(served.base_url + "/connections", cookies=cookies).status_code == 401
