"""The browser that comes back from the consent page finds somebody listening, once."""

from __future__ import annotations

import pytest
import requests

from connector.errors import NeedsReconnect
from connector.transport.callback import wait_for_callback
from connector.transport.sessions import http_session


def test_the_callback_of_the_browser_is_taken_and_thanked() -> None:
    listener = wait_for_callback()
    with http_session() as session:
        page = session.get(f"{listener.redirect_uri}?code=code-1&state=s%201&realmId=7")
    assert listener.wait(5) == {"code": "code-1", "state": "s 1", "realmId": "7"}
    assert "You can close this window" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "code-1" not in page.text


def test_other_pages_and_questions_are_not_taken_for_the_callback() -> None:
    with wait_for_callback() as listener, http_session() as session:
        base = listener.redirect_uri.rpartition("/")[0]
        assert session.get(f"{base}/favicon.ico").status_code == 404
        assert session.get(listener.redirect_uri).status_code == 404
        session.get(f"{listener.redirect_uri}?error=access_denied&state=s")
        assert listener.wait(5) == {"error": "access_denied", "state": "s"}


def test_only_the_first_callback_counts() -> None:
    with wait_for_callback() as listener, http_session() as session:
        session.get(f"{listener.redirect_uri}?code=first")
        session.get(f"{listener.redirect_uri}?code=second")
        assert listener.wait(5) == {"code": "first"}


def test_the_port_is_free_again_after_the_callback() -> None:
    listener = wait_for_callback()
    with http_session() as session:
        session.get(f"{listener.redirect_uri}?code=first")
        listener.wait(5)
        with pytest.raises(requests.ConnectionError):
            session.get(f"{listener.redirect_uri}?code=second")


def test_nobody_answering_is_said_plainly() -> None:
    with pytest.raises(NeedsReconnect, match="Nobody answered the consent page within 0 seconds"):
        wait_for_callback().wait(0.01)


def test_nothing_about_the_callback_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    listener = wait_for_callback()
    with http_session() as session:
        session.get(f"{listener.redirect_uri}?code=code-1")
    listener.wait(5)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
