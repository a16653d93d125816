"""A web head served on a free port, the stand-ins around it, and a browser that follows what a person would click."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from connector.bootstrap import office
from connector.sandbox.serving import serve
from connector.sandbox.town import Town, shop_module
from connector.settings import Settings
from connector.sync.house import House
from connector.web.app import application
from connector.web.asked import Office
from tests.opened import house

SHOPS = ("square", "lightspeed", "lightspeed_x", "loyverse", "dash", "amazon")
BOOKS = ("quickbooks", "xero")
NO_IDLE = httpx.Limits(max_keepalive_connections=0)  # nothing is left open at the end of a test
FORM_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass
class Clock:
    """The time, moved by hand."""

    at: datetime = datetime(2026, 3, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **by: int) -> None:
        self.at += timedelta(**by)


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running web head, its house, and where it is reached."""

    house: House
    office: Office
    base_url: str


@dataclass
class Browser:
    """One browser: cookies, and forms sent as browsers send them."""

    base_url: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30, limits=NO_IDLE))

    def get(self, path: str) -> httpx.Response:
        return self.client.get(self._at(path))

    def post(self, path: str, fields: Mapping[str, str], *, origin: str | None = None) -> httpx.Response:
        headers = {"origin": self.base_url if origin is None else origin}
        return self.client.post(self._at(path), data=dict(fields), headers=headers)

    def form(self, page: str, path: str, fields: Mapping[str, str]) -> httpx.Response:
        """Opens a page and sends its form."""
        return self.post(path, {**fields, "form_token": form_token(self.get(page))})

    def consent(self, provider: str, **fields: str) -> str:
        """Asks for consent, agrees on the provider's page; the address it sends the browser back to."""
        asked = self.form(f"/connect/{provider}", f"/connect/{provider}", {"organisation": "Main Street", **fields})
        assert asked.status_code == 303, text_of(asked)
        agreed = self.client.get(asked.headers["location"] + "&approve=yes")
        assert agreed.status_code == 302, agreed.text
        return str(agreed.headers["location"])

    def connect(self, provider: str, **fields: str) -> httpx.Response:
        """The whole way to the question; the page that asks it."""
        answered = self.get(self.consent(provider, **fields))
        assert answered.status_code == 303, text_of(answered)
        return self.get(answered.headers["location"])

    def say(self, question: httpx.Response, answer: str = "yes", **fields: str) -> httpx.Response:
        """Answers the question on a page."""
        hidden = dict(re.findall(r'type="hidden" name="(account|other)" value="([^"]*)"', question.text))
        told = {**hidden, **fields, "answer": answer, "form_token": form_token(question)}
        return self.post(urlsplit(str(question.url)).path, told)

    def _at(self, path: str) -> str:
        return path if path.startswith("http") else self.base_url + path


def form_token(page: httpx.Response) -> str:
    found = FORM_TOKEN.search(page.text)
    assert found, text_of(page)
    return found[1]


def text_of(page: httpx.Response) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def settings_for(town: Town, home: Path, **more: object) -> Settings:
    """An application that is registered at every stand-in."""
    providers = (*SHOPS, *BOOKS)
    return Settings(
        home=home,
        addresses={name: town.houses[name].base_url for name in providers},
        clients={name: town.client(name) for name in providers},
        applications={name: town.application(name) for name in providers if town.application(name)},
        settle_seconds=0,
        **more,  # type: ignore[arg-type]
    )


@contextmanager
def opened_office(settings: Settings, clock: Clock) -> Iterator[Served]:
    """The web head on a free port, at localhost."""
    with house(settings, clock) as ready:
        late: list[Starlette] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await late[0](scope, receive, send)

        with serve(app) as running:
            made = office(settings, ready, running.port)
            late.append(application(made))
            yield Served(house=ready, office=made, base_url=f"http://localhost:{running.port}")


def stock(town: Town) -> None:
    """Goods in every shop."""
    for name in SHOPS:
        shop_module(name).fill(town.houses[name].shelf)
