"""A small town on this machine: the stand-ins side by side, their books and shop in one folder."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from starlette.applications import Starlette

from connector.sandbox.faults import Faults
from connector.sandbox.oauth import OAuthDesk
from connector.sandbox.quickbooks import app as quickbooks
from connector.sandbox.quickbooks.company import DEFAULTS as QUICKBOOKS_SETTINGS
from connector.sandbox.serving import Served, serve
from connector.sandbox.settings import Settings, Value
from connector.sandbox.shelf import Shelf
from connector.sandbox.square import oauth_rules, square_app
from connector.sandbox.xero import app as xero
from connector.sandbox.xero.organisation import DEFAULTS as XERO_SETTINGS

Provider = Literal["quickbooks", "xero", "square"]
Clock = Callable[[], datetime]
_CURRENCIES = {"US": "USD", "GB": "GBP", "AU": "AUD", "CA": "CAD"}


def open_town(
    folder: Path, *, clock: Clock, ports: Mapping[str, int] | None = None, country: str = "US", paced: bool = False
) -> "Town":
    """Start all three stand-ins; the files in `folder` are made when missing and met again when not.

    `ports` by provider, a free one where none is named. The books are of `country` (US, GB, AU, CA). Unless `paced`,
    the vendors' limits on calls are lifted. Raises OSError when a port is taken; nothing stays open then.
    """
    with ExitStack() as opened:
        shelves = {
            name: opened.enter_context(Shelf(folder / file))
            for name, file in (("quickbooks", "quickbooks.books"), ("xero", "xero.books"), ("square", "square.shop"))
        }
        if not paced:
            _lift_limits(shelves["quickbooks"], QUICKBOOKS_SETTINGS)
            _lift_limits(shelves["xero"], XERO_SETTINGS)
        faults = {name: Faults() for name in shelves}
        houses = {}
        for name, app in _apps(shelves, faults, clock, country).items():
            served = opened.enter_context(serve(app, port=(ports or {}).get(name, 0)))
            houses[name] = House(served=served, shelf=shelves[name], faults=faults[name])
        return Town(houses, clock, opened.pop_all())


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One stand-in: where it answers, what lies on its shelf, and its switches."""

    served: Served
    shelf: Shelf
    faults: Faults

    @property
    def base_url(self) -> str:
        """http://127.0.0.1:PORT, without a slash at the end."""
        return self.served.base_url


class Town:
    """The running stand-ins; `close` ends them all and frees files and ports."""

    def __init__(self, houses: Mapping[str, House], clock: Clock, opened: ExitStack) -> None:
        self.quickbooks = houses["quickbooks"]
        self.xero = houses["xero"]
        self.square = houses["square"]
        self._clock = clock
        self._opened = opened

    def personal_token(self, provider: Provider) -> str:
        """A new access token of the provider that never expires."""
        desks: dict[Provider, OAuthDesk] = {
            "quickbooks": quickbooks.desk_for(self.quickbooks.shelf, self._clock, ""),
            "xero": xero.desk_for(self.xero.shelf, self._clock, ""),
            "square": OAuthDesk(self.square.shelf, oauth_rules(self.square.shelf), self._clock),
        }
        return desks[provider].issue_personal_token()

    def close(self) -> None:
        """Stop all stand-ins; closing twice is harmless."""
        self._opened.close()

    def __enter__(self) -> "Town":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _apps(
    shelves: Mapping[str, Shelf], faults: Mapping[str, Faults], clock: Clock, country: str
) -> dict[str, Starlette]:
    currency = _CURRENCIES.get(country, "USD")
    return {
        "quickbooks": quickbooks.quickbooks_app(
            shelves["quickbooks"], faults=faults["quickbooks"], clock=clock, country=country, currency=currency
        ),
        "xero": xero.xero_app(shelves["xero"], faults=faults["xero"], clock=clock, country=country, currency=currency),
        "square": square_app(shelves["square"], faults=faults["square"], clock=clock),
    }


def _lift_limits(shelf: Shelf, defaults: Mapping[str, Value]) -> None:
    Settings(shelf, defaults).change({name: 0 for name in defaults if name.startswith("calls_per_")})
