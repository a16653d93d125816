"""The Square stand-in: OAuth and the read endpoints of a till's records, over a shelf that a `Shop` has filled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from connector.sandbox.body import Body, NotJson, text
from connector.sandbox.calls import Answer, Call, endpoint
from connector.sandbox.faults import Faults
from connector.sandbox.oauth import Issued, OAuthDesk, OAuthRules
from connector.sandbox.shelf import Shelf
from connector.sandbox.square_listing import SquareRefusal
from connector.sandbox.square_lists import SquareLists
from connector.sandbox.square_month import change, fill_month
from connector.sandbox.square_search import CatalogSearch, OrderSearch
from connector.sandbox.square_till_lists import TillLists
from connector.sandbox.square_weekend import CANARIES
from connector.sandbox.square_weekend import fill as fill_few
from connector.sandbox.throttle import Throttle

__all__ = ["CANARIES", "CLIENT_ID", "CLIENT_SECRET", "change", "fill", "fill_few", "fill_month", "oauth_rules",
           "square_app"]  # fmt: skip
CLIENT_ID = "sq0idp-sandbox-connector"
CLIENT_SECRET = "sq0csp-sandbox-secret"
LATEST_VERSION = "2026-09-16"
SCOPES = (
    "MERCHANT_PROFILE_READ", "ORDERS_READ", "PAYMENTS_READ", "PAYOUTS_READ", "ITEMS_READ", "CASH_DRAWER_READ",
    "GIFTCARDS_READ", "DISPUTES_READ",
)  # fmt: skip
fill = fill_month
_ACCESS_SECONDS = 30 * 86400
# A code-flow refresh token does not expire; the desk knows one lifetime only, so it is made long.
_REFRESH_SECONDS = 3650 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class SquareHabits:
    """What may be switched. Calls of one token above `calls_per_second` get 429; 0 lets every call through.

    `empty_pages` puts one page with a cursor and no records into the middle of orders and payments, as Square may.
    """

    calls_per_second: int = 0
    empty_pages: bool = True


def square_app(
    shelf: Shelf, *, faults: Faults, clock: Callable[[], datetime], habits: SquareHabits | None = None
) -> Starlette:
    """The stand-in as an application; everything it shows lies on `shelf`, windows without an end end at `clock()`."""
    habits = habits or SquareHabits()
    desk = OAuthDesk(shelf, oauth_rules(shelf), clock)
    gate = _Gate(shelf, desk, Throttle(timedelta(seconds=1), clock), habits)
    lists = SquareLists(shelf, clock, empty_pages=habits.empty_pages)
    orders = OrderSearch(shelf, clock, empty_pages=habits.empty_pages)
    catalog = CatalogSearch(shelf, clock)
    till = TillLists(shelf, clock)

    def route(method: str, path: str, scope: str, handle: Callable[[Call], Answer]) -> Route:
        return Route(path, endpoint(gate.guarding(scope, handle)), methods=[method])

    routes = [
        # Before the desk's own, which would let an application in without its secret.
        Route("/oauth2/revoke", endpoint(gate.revoke), methods=["POST"]),
        route("POST", "/oauth2/token/status", "", gate.token_status),
        route("GET", "/v2/locations", "MERCHANT_PROFILE_READ", lists.locations),
        route("GET", "/v2/locations/{location_id}", "MERCHANT_PROFILE_READ", lists.location),
        route("POST", "/v2/orders/search", "ORDERS_READ", orders.search),
        route("GET", "/v2/payments", "PAYMENTS_READ", lists.payments),
        route("GET", "/v2/refunds", "PAYMENTS_READ", lists.refunds),
        route("GET", "/v2/payouts", "PAYOUTS_READ", lists.payouts),
        route("GET", "/v2/payouts/{payout_id}", "PAYOUTS_READ", lists.payout),
        route("GET", "/v2/payouts/{payout_id}/payout-entries", "PAYOUTS_READ", lists.payout_entries),
        route("GET", "/v2/cash-drawers/shifts", "CASH_DRAWER_READ", till.drawers),
        route("GET", "/v2/cash-drawers/shifts/{shift_id}", "CASH_DRAWER_READ", till.drawer),
        route("GET", "/v2/gift-cards/activities", "GIFTCARDS_READ", till.gift_card_activities),
        route("GET", "/v2/disputes", "DISPUTES_READ", till.disputes),
        route("GET", "/v2/catalog/list", "ITEMS_READ", catalog.list),
        route("POST", "/v2/catalog/search", "ITEMS_READ", catalog.search),
        route("POST", "/v2/catalog/batch-retrieve", "ITEMS_READ", catalog.batch_retrieve),
    ]
    return Starlette(routes=[*routes, *desk.routes(), *faults.routes()], middleware=[Middleware(faults.around)])


def oauth_rules(shelf: Shelf) -> OAuthRules:
    """Square's OAuth: with the secret a refresh token stays, with PKCE it serves once; `expires_at` is absolute."""

    def answer(issued: Issued) -> Body:
        return {
            "access_token": issued.access_token,
            "token_type": "bearer",
            "expires_at": _written(issued.access_expires_at),
            "merchant_id": _merchant(shelf),
            "refresh_token": issued.refresh_token,
            "short_lived": False,
        }

    return OAuthRules(
        company="Main Street Coffee",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        authorize_path="/oauth2/authorize",
        token_path="/oauth2/token",
        revoke_path="/oauth2/revoke",
        access_seconds=_ACCESS_SECONDS,
        refresh_seconds=_REFRESH_SECONDS,
        rotation="never",
        client_auth=frozenset({"form"}),
        public_clients=True,
        callback_parameters={"response_type": "code"},
        answer=answer,
    )


class _Gate:
    """Who may call: the token, its scopes, the pace, the version header."""

    def __init__(self, shelf: Shelf, desk: OAuthDesk, throttle: Throttle, habits: SquareHabits) -> None:
        self._shelf = shelf
        self._desk = desk
        self._throttle = throttle
        self._limit = habits.calls_per_second

    def guarding(self, scope: str, handle: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        """`handle` behind the gate; an empty `scope` asks for none."""

        def answer(call: Call) -> Answer:
            try:
                self._let_in(call, scope)
                answered = handle(call)
            except SquareRefusal as refusal:
                answered = refusal.answer
            except NotJson as error:
                answered = SquareRefusal("INVALID_VALUE", f"The body is not JSON: {error}").answer
            version = call.headers.get("square-version", LATEST_VERSION)
            return Answer(status=answered.status, body=answered.body, headers={"square-version": version})

        return answer

    def token_status(self, call: Call) -> Answer:
        """Scopes, merchant, application, and when the token ends; a personal one does not end."""
        kept = self._token(call)
        ends = text(kept, "expires_at")
        status: Body = {"scopes": sorted(_scopes(kept)), "client_id": CLIENT_ID, "merchant_id": _merchant(self._shelf)}
        return Answer(body=status | ({"expires_at": _written(datetime.fromisoformat(ends))} if ends else {}))

    def revoke(self, call: Call) -> Answer:
        """Ends one access token, or all tokens of its consent, or of the merchant; asks for `Client SECRET`."""
        if call.headers.get("authorization") != f"Client {CLIENT_SECRET}":
            return SquareRefusal("UNAUTHORIZED", "Authorization must be: Client <secret>.", status=401).answer
        asked = call.json()
        named = [each for each in self._issued() if text(each, "token") == text(asked, "access_token")]
        if text(asked, "merchant_id") == _merchant(self._shelf):
            named = self._issued()
        if not named:
            return SquareRefusal("NOT_FOUND", "The access token or merchant is not known.", status=404).answer
        only_access = asked.get("revoke_only_access_token") is True
        grants = {each["grant"] for each in named}
        for each in named if only_access else self._issued():
            if each["grant"] in grants:
                self._shelf.remove("oauth_token", text(each, "token"))
        return Answer(body={"success": True})

    def _issued(self) -> list[Body]:
        """Tokens given by consent; personal ones are not an application's to revoke."""
        return [each for each in self._shelf.all("oauth_token") if each.get("grant")]

    def _let_in(self, call: Call, scope: str) -> None:
        standing = self._desk.standing(call.headers.get("authorization", ""))
        if standing == "expired":
            raise SquareRefusal("ACCESS_TOKEN_EXPIRED", "The access token has expired.", status=401)
        if standing == "unknown":
            raise SquareRefusal("UNAUTHORIZED", "This request could not be authorized.", status=401)
        token = self._token(call)
        if not self._throttle.lets_through(text(token, "token"), self._limit):
            raise SquareRefusal("RATE_LIMITED", "Too many requests.", status=429)
        if scope and scope not in _scopes(token):
            detail = f"The merchant has not given your application sufficient permissions: {scope}."
            raise SquareRefusal("INSUFFICIENT_SCOPES", detail, status=403)

    def _token(self, call: Call) -> Body:
        _, _, token = call.headers.get("authorization", "").partition(" ")
        return self._shelf.get("oauth_token", token) or {}


def _scopes(token: Body) -> set[str]:
    """The scopes of a token; a personal one has them all."""
    return set(text(token, "scope").replace("+", " ").split()) if token.get("grant") else set(SCOPES)


def _merchant(shelf: Shelf) -> str:
    locations = shelf.all("square-location")
    return text(locations[0], "merchant_id") if locations else ""


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
