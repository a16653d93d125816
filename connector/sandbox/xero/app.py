"""A stand-in for Xero: consent, connections, the accounting calls, and controls for tests."""

from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from connector.sandbox.calls import endpoint
from connector.sandbox.faults import Faults
from connector.sandbox.ledger import Ledger
from connector.sandbox.oauth import OAuthDesk, OAuthRules
from connector.sandbox.settings import Settings
from connector.sandbox.shelf import Shelf
from connector.sandbox.xero.chart import found
from connector.sandbox.xero.controls import control_routes
from connector.sandbox.xero.gateway import Gateway
from connector.sandbox.xero.organisation import DEFAULTS, Organisation

CLIENT_ID = "xero-sandbox-client"
CLIENT_SECRET = "xero-sandbox-secret"


def xero_app(
    shelf: Shelf,
    *,
    faults: Faults,
    clock: Callable[[], datetime],
    country: str = "US",
    currency: str = "USD",
    company: str = "Harbour Coffee",
) -> Starlette:
    """The application; its books lie on `shelf`, and an empty shelf gets a new organisation's lists first.

    `clock` answers aware times. Tax rates follow `country` (US, GB, AU; others as US).
    """
    organisation = Organisation(
        shelf=shelf,
        ledger=Ledger(shelf),
        settings=Settings(shelf, DEFAULTS),
        clock=clock,
        country=country,
        currency=currency,
        name=company,
    )
    found(organisation)
    desk = desk_for(shelf, clock, company)
    gateway = Gateway(organisation, desk)
    routes = [
        Route("/connections", endpoint(gateway.connections)),
        Route("/Connections", endpoint(gateway.connections)),
        Route("/api.xro/2.0/{path:path}", endpoint(gateway.answer), methods=["GET", "PUT", "POST"]),
    ]
    return Starlette(
        routes=[*desk.routes(), *faults.routes(), *control_routes(organisation), *routes],
        middleware=[Middleware(faults.around)],
    )


def desk_for(shelf: Shelf, clock: Callable[[], datetime], company: str) -> OAuthDesk:
    """Xero's way: half an hour, 60 days, a new refresh token at each use and 30 minutes of grace for the old one."""
    rules = OAuthRules(
        company=company,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        authorize_path="/identity/connect/authorize",
        token_path="/connect/token",
        revoke_path="/connect/revocation",
        access_seconds=1800,
        refresh_seconds=60 * 86400,
        rotation="each_use_with_grace",
        pkce_rotation="each_use_with_grace",
        grace_seconds=1800,
        client_auth=frozenset({"basic", "form"}),
        public_clients=True,
        refresh_scope="offline_access",
    )
    return OAuthDesk(shelf, rules, clock)
