"""A small town on this machine: the stand-ins side by side, their books and shop in one folder."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from connector.sandbox.faults import Faults
from connector.sandbox.oauth import OAuthDesk
from connector.sandbox.quickbooks import app as quickbooks
from connector.sandbox.quickbooks.company import DEFAULTS as QUICKBOOKS_SETTINGS
from connector.sandbox.serving import serve
from connector.sandbox.settings import Settings, Value
from connector.sandbox.shelf import Shelf
from connector.sandbox.xero import app as xero
from connector.sandbox.xero.organisation import DEFAULTS as XERO_SETTINGS

if TYPE_CHECKING:
    from connector.sandbox.inprocess import Wire

BOOKS: Mapping[str, str] = {"quickbooks": "quickbooks.books", "xero": "xero.books"}
Clock = Callable[[], datetime]
FIRST_PLACE = 7001  # of the places on a wire: ports that nobody opens
_CURRENCIES = {"US": "USD", "GB": "GBP", "AU": "AUD", "CA": "CAD"}


def open_town(
    folder: Path | None,
    *,
    clock: Clock,
    shops: Sequence[str] = ("square",),
    ports: "Mapping[str, int] | Wire | None" = None,
    country: str = "US",
    paced: bool = False,
) -> "Town":
    """Start the stand-ins of both books and of some shops; the files in `folder` are made when missing and met again
    when not, and without a folder nothing is kept.

    `ports` by name, a free one where none is named; where a wire stands in their place, the stand-ins answer on it and
    no port is opened. The books are of `country` (US, GB, AU, CA). Unless `paced`, the vendors' limits on calls are
    lifted. Raises ModuleNotFoundError for a shop that has no stand-in, OSError when a port is taken; nothing stays open
    then."""
    with ExitStack() as opened:
        files = {**BOOKS, **{name: f"{name}.shop" for name in shops}}
        shelves = {name: opened.enter_context(_shelf(folder, file)) for name, file in files.items()}
        if not paced:
            _lift_limits(shelves["quickbooks"], QUICKBOOKS_SETTINGS)
            _lift_limits(shelves["xero"], XERO_SETTINGS)
        faults = {name: Faults() for name in shelves}
        houses: dict[str, House] = {}
        for name, app in _apps(shelves, faults, clock, country).items():
            if ports is None or isinstance(ports, Mapping):
                port = opened.enter_context(serve(app, port=(ports or {}).get(name, 0))).port
            else:
                port = FIRST_PLACE + len(houses)
                ports.houses[f"127.0.0.1:{port}"] = app
            houses[name] = House(port=port, shelf=shelves[name], faults=faults[name])
        return Town(houses, clock, opened.pop_all())


def shop_module(name: str) -> ModuleType:
    """The module of a shop's stand-in: NAME_app, oauth_rules, fill, change, CLIENT_ID and CLIENT_SECRET; fill_few where
    what `fill` tells is long."""
    return import_module(f"connector.sandbox.{name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One stand-in: where it answers, what lies on its shelf, and its switches."""

    port: int
    shelf: Shelf
    faults: Faults

    @property
    def base_url(self) -> str:
        """http://127.0.0.1:PORT, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"


class Town:
    """The running stand-ins; `close` ends them all and frees files and ports."""

    def __init__(self, houses: Mapping[str, House], clock: Clock, opened: ExitStack) -> None:
        self.houses = houses
        self._clock = clock
        self._opened = opened

    @property
    def quickbooks(self) -> House:
        return self.houses["quickbooks"]

    @property
    def xero(self) -> House:
        return self.houses["xero"]

    @property
    def square(self) -> House:
        return self.houses["square"]

    def client(self, provider: str) -> tuple[str, str]:
        """The id and secret that a stand-in knows the application by."""
        module: ModuleType = {"quickbooks": quickbooks, "xero": xero}.get(provider) or shop_module(provider)
        return module.CLIENT_ID, module.CLIENT_SECRET

    def application(self, provider: str) -> str:
        """The application's id on the consent page, where it is another than the client's."""
        return str(getattr(shop_module(provider), "APPLICATION_ID", "")) if provider not in BOOKS else ""

    def open_currencies(self, *currencies: str) -> None:
        """Both books take documents in these currencies from now on, as their owners' subscriptions would allow."""
        Settings(self.quickbooks.shelf, QUICKBOOKS_SETTINGS).change({"multi_currency": True})
        for currency in currencies:
            self.xero.shelf.put("Currencies", currency, {"Code": currency, "Description": currency})

    def personal_token(self, provider: str) -> str:
        """A new access token of the provider that never expires."""
        shelf = self.houses[provider].shelf
        if provider == "quickbooks":
            return quickbooks.desk_for(shelf, self._clock, "").issue_personal_token()
        if provider == "xero":
            return xero.desk_for(shelf, self._clock, "").issue_personal_token()
        return OAuthDesk(shelf, shop_module(provider).oauth_rules(shelf), self._clock).issue_personal_token()

    def close(self) -> None:
        """Stop all stand-ins; closing twice is harmless."""
        self._opened.close()

    def __enter__(self) -> "Town":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _shelf(folder: Path | None, file: str) -> Shelf:
    return Shelf(folder / file if folder else Path(":memory:"))


def _apps(
    shelves: Mapping[str, Shelf], faults: Mapping[str, Faults], clock: Clock, country: str
) -> dict[str, Starlette]:
    currency = _CURRENCIES.get(country, "USD")
    books = {
        "quickbooks": quickbooks.quickbooks_app(
            shelves["quickbooks"], faults=faults["quickbooks"], clock=clock, country=country, currency=currency
        ),
        "xero": xero.xero_app(shelves["xero"], faults=faults["xero"], clock=clock, country=country, currency=currency),
    }
    shops = {
        name: getattr(shop_module(name), f"{name}_app")(shelf, faults=faults[name], clock=clock)
        for name, shelf in shelves.items()
        if name not in BOOKS
    }
    return {**books, **shops}


def _lift_limits(shelf: Shelf, defaults: Mapping[str, Value]) -> None:
    Settings(shelf, defaults).change({name: 0 for name in defaults if name.startswith("calls_per_")})
