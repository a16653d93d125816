"""Any provider's stand-in with its true rotation, a connection to it by real consent, and a count of its refreshes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connector.sandbox.faults import Faults
from connector.sandbox.quickbooks import app as quickbooks
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_weekend import fill as fill_square
from connector.sandbox.town import shop_module
from connector.sandbox.xero import app as xero
from connector.settings import Settings
from connector.sources.registry import names as source_names
from connector.sources.registry import source
from connector.store.credentials import LEASE, StoredTokens
from connector.store.feeds import Connection
from connector.sync.connect import Wanted, connect, consent_of
from connector.sync.house import House
from connector.transport.access import Access
from connector.transport.callback import wait_for_callback
from connector.transport.exchange import authorize_url, exchange
from connector.transport.oauth import Client, Consent, Grant
from connector.transport.sessions import http_session
from tests.opened import house as open_house

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
BOOKS: dict[str, ModuleType] = {"quickbooks": quickbooks, "xero": xero}
PROVIDERS = [
    *(name for name in source_names() if source(name).consent and find_spec(f"connector.sandbox.{name}") is not None),
    *BOOKS,
]
Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


class Clock:
    """The time of the stand-in and of the house, moved by hand."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment


class Wire:
    """What went over the wire: refresh tokens as they were sent, and calls of all other kinds. A token in `refused`
    is answered 401; `refuses_all` does so with every token."""

    def __init__(self, app: App, token_path: str) -> None:
        self._app, self._token_path = app, token_path
        self.refreshes: list[str] = []
        self.calls = 0
        self.refused: set[str] = set()
        self.refuses_all = False

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == self._token_path:
            receive = await self._noted(receive)
        elif scope["type"] == "http":
            self.calls += 1
            if self.refuses_all or _bearer(scope) in self.refused:
                await send({"type": "http.response.start", "status": 401, "headers": []})
                await send({"type": "http.response.body", "body": b"{}"})
                return
        await self._app(scope, receive, send)

    async def _noted(self, receive: Any) -> Any:
        message = await receive()
        sent = message["body"].decode()
        if '"refresh_token"' in sent or "grant_type=refresh_token" in sent:
            self.refreshes.append(sent)
        waiting = [message]

        async def again() -> Any:
            return waiting.pop() if waiting else await receive()

        return again


def _bearer(scope: Scope) -> str:
    headers: dict[str, str] = {name.decode(): value.decode() for name, value in scope["headers"]}
    return headers.get("x-amz-access-token") or headers.get("authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A stand-in, its clock and its wire, and the folder of the house that is connected to it."""

    name: str
    clock: Clock
    wire: Wire
    faults: Faults
    shelf: Shelf
    folder: Path
    base_url: str

    @property
    def home(self) -> Path:
        return self.folder / "data"

    @property
    def client(self) -> Client:
        module = _module(self.name)
        application = getattr(module, "APPLICATION_ID", "")
        return Client(client_id=module.CLIENT_ID, client_secret=module.CLIENT_SECRET, application_id=application)

    @property
    def consent(self) -> Consent:
        return consent_of(self.name, self.base_url)

    @property
    def rotation(self) -> str:
        return self.consent.rotation_for(self.client)

    @contextmanager
    def house(self) -> Iterator[House]:
        clients = {self.name: (self.client.client_id, self.client.client_secret)}
        with open_house(Settings(home=self.home, clients=clients, settle_seconds=0), self.clock) as opened:
            yield opened

    def wanted(self, *, is_other_confirmed: bool = False) -> Wanted:
        account = getattr(_module(self.name), "ACCOUNT", "") if self.name == "amazon" else ""
        return Wanted(
            organisation="Main Street",
            provider=self.name,
            base_url=self.base_url,
            account=account,
            is_other_confirmed=is_other_confirmed,
        )

    def granted(self, consent: Consent | None = None) -> Grant:
        """The owner agrees on the consent page, with a browser."""
        asked = consent or self.consent
        with wait_for_callback() as listener, http_session() as browser:
            pending = authorize_url(asked, self.client, listener.redirect_uri)
            browser.get(browser.get(pending.url + "&approve=yes").headers["location"])
            return exchange(asked, self.client, pending, listener.wait(10), self.clock)

    def connected(self, house: House) -> Connection:
        return connect(house, self.wanted(), self.granted())

    def access(self, house: House, connection: Connection) -> Access:
        return house.access(connection, source(self.name).consent if self.name not in BOOKS else self._target_consent())

    def _target_consent(self) -> Consent | None:
        from connector.targets.registry import target

        return target(self.name).consent

    def works(self, house: House, connection: Connection) -> bool:
        """Whether the provider lets us in: the name of the books or of the shop. Some shops are paced in true seconds,
        so nothing is pulled."""
        if self.name in BOOKS:
            return bool(house.books(connection).organisation().name)
        identify = source(self.name).identify
        assert identify is not None
        return bool(identify(self.access(house, connection)).external_id)

    def expire(self, house: House, connection: Connection) -> str:
        """Moves the clock to the end of the access token and counts from there; the token that has ended."""
        grant = stored(house, connection)
        assert grant.expires_at is not None
        self.clock.moment = grant.expires_at + timedelta(seconds=1)
        self.wire.refreshes.clear()
        return grant.access_token

    def after_the_lease(self) -> None:
        self.clock.moment += LEASE + timedelta(seconds=1)


def stored(house: House, connection: Connection) -> Grant:
    return StoredTokens(house.database, house.vault, house.now).load(str(connection.id))


def sent(refresh: str) -> str:
    """The refresh token in the body of a call, form or JSON."""
    found = parse_qs(refresh).get("refresh_token")
    return found[0] if found else refresh.split('"refresh_token": "')[-1].split('"')[0]


@contextmanager
def stand_of(name: str, folder: Path) -> Iterator[Stand]:
    module, clock, faults = _module(name), Clock(), Faults()
    with ExitStack() as opened:
        shelf = opened.enter_context(Shelf(folder / "stand-in"))
        if name not in BOOKS:
            getattr(module, "fill", fill_square)(shelf)
        app = getattr(module, f"{name}_app")(shelf, faults=faults, clock=clock)
        wire = Wire(app, urlsplit(consent_of(name, "http://127.0.0.1").token_url).path)
        served = opened.enter_context(serve(wire))
        yield Stand(
            name=name, clock=clock, wire=wire, faults=faults, shelf=shelf, folder=folder, base_url=served.base_url
        )


def _module(name: str) -> ModuleType:
    return BOOKS.get(name) or shop_module(name)
