"""A stand-in for QuickBooks Online: consent, the accounting calls, and controls for tests."""

from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from connector.sandbox.body import Body
from connector.sandbox.calls import endpoint
from connector.sandbox.faults import Faults
from connector.sandbox.ledger import Ledger
from connector.sandbox.oauth import Issued, OAuthDesk, OAuthRules, seconds_answer
from connector.sandbox.quickbooks.chart import found
from connector.sandbox.quickbooks.company import DEFAULTS, REALM, Company
from connector.sandbox.quickbooks.controls import control_routes
from connector.sandbox.quickbooks.gateway import Gateway
from connector.sandbox.settings import Settings
from connector.sandbox.shelf import Shelf

CLIENT_ID = "quickbooks-sandbox-client"
CLIENT_SECRET = "quickbooks-sandbox-secret"


def quickbooks_app(
    shelf: Shelf,
    *,
    faults: Faults,
    clock: Callable[[], datetime],
    country: str = "US",
    currency: str = "USD",
    company: str = "Harbour Coffee",
) -> Starlette:
    """The application; its books lie on `shelf`, and an empty shelf gets a new company's lists first.

    `clock` answers aware times. Lists and tax codes follow `country` (US, GB, CA, AU).
    """
    books = Company(
        shelf=shelf,
        ledger=Ledger(shelf),
        settings=Settings(shelf, DEFAULTS),
        clock=clock,
        country=country,
        currency=currency,
        name=company,
    )
    found(books)
    desk = desk_for(shelf, clock, company)
    gateway = Gateway(books, desk)
    base = "/v3/company/{realm}/{resource}"
    routes = [
        Route(base, endpoint(gateway.answer), methods=["GET", "POST"]),
        Route(base + "/{id}", endpoint(gateway.answer), methods=["GET"]),
    ]
    return Starlette(
        routes=[*routes, *desk.routes(), *faults.routes(), *control_routes(books)],
        middleware=[Middleware(faults.around)],
    )


def desk_for(shelf: Shelf, clock: Callable[[], datetime], company: str) -> OAuthDesk:
    """Intuit's way: an hour, 100 days, a new refresh token at each use, and a second use ends the connection."""
    rules = OAuthRules(
        company=company,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        authorize_path="/connect/oauth2",
        token_path="/oauth2/v1/tokens/bearer",
        revoke_path="/v2/oauth2/tokens/revoke",
        access_seconds=3600,
        refresh_seconds=8_640_000,
        rotation="each_use_old_dies",
        reuse_ends_connection=True,
        callback_parameters={"realmId": REALM},
        answer=_answer,
    )
    return OAuthDesk(shelf, rules, clock)


def _answer(issued: Issued) -> Body:
    answer = {**seconds_answer(issued), "token_type": "bearer", "x_refresh_token_expires_in": issued.refresh_seconds}
    answer.pop("scope")
    return answer
