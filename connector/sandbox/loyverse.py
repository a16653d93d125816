"""The Loyverse stand-in: OAuth and the read endpoints of a till's records, over a shelf that a month has filled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from connector.sandbox.body import Body, text
from connector.sandbox.calls import Answer, Call, endpoint
from connector.sandbox.faults import Faults
from connector.sandbox.loyverse_lists import LoyverseLists, LoyverseRefusal
from connector.sandbox.loyverse_month import CANARIES as CANARIES
from connector.sandbox.loyverse_month import ZONES as ZONES
from connector.sandbox.loyverse_month import change as change
from connector.sandbox.loyverse_month import fill as fill
from connector.sandbox.oauth import OAuthDesk, OAuthRules
from connector.sandbox.shelf import Shelf
from connector.sandbox.throttle import Throttle

CLIENT_ID = "loyverse-sandbox-connector"
CLIENT_SECRET = "loyverse-sandbox-secret"
SCOPES = ("MERCHANT_READ", "STORES_READ", "PAYMENT_TYPES_READ", "ITEMS_READ", "RECEIPTS_READ")
_ACCESS_SECONDS = 7 * 86400
_REFRESH_SECONDS = 3650 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class LoyverseHabits:
    """What may be switched. Calls of one token above `calls_per_minute` get 429; 0 lets every call through, and
    `tells_retry_after` says whether the answer bears the header. `history_days` is what the plan serves, 0 is all.
    `off_by_a_cent` names a receipt whose total is shown one cent too high."""

    calls_per_minute: int = 0
    tells_retry_after: bool = True
    history_days: int = 0
    off_by_a_cent: str = ""


def loyverse_app(
    shelf: Shelf, *, faults: Faults, clock: Callable[[], datetime], habits: LoyverseHabits | None = None
) -> Starlette:
    """The stand-in as an application; everything it shows lies on `shelf`."""
    habits = habits or LoyverseHabits()
    desk = OAuthDesk(shelf, oauth_rules(shelf), clock)
    gate = _Gate(shelf, desk, Throttle(timedelta(minutes=1), clock), habits)
    lists = LoyverseLists(shelf, clock, history_days=habits.history_days, off_by_a_cent=habits.off_by_a_cent)

    def route(path: str, scope: str, handle: Callable[[Call], Answer]) -> Route:
        return Route(f"/v1.0{path}", endpoint(gate.guarding(scope, handle)), methods=["GET"])

    routes = [
        route("/merchant", "MERCHANT_READ", lists.merchant),
        route("/stores", "STORES_READ", lists.stores),
        route("/payment_types", "PAYMENT_TYPES_READ", lists.payment_types),
        route("/categories", "ITEMS_READ", lists.categories),
        route("/items", "ITEMS_READ", lists.items),
        route("/receipts", "RECEIPTS_READ", lists.receipts),
        route("/receipts/{receipt_number}", "RECEIPTS_READ", lists.receipt),
        route("/shifts", "RECEIPTS_READ", lists.shifts),
    ]
    return Starlette(routes=[*routes, *desk.routes(), *faults.routes()], middleware=[Middleware(faults.around)])


def oauth_rules(shelf: Shelf) -> OAuthRules:
    """Loyverse's OAuth. Whether a refresh token serves twice is not documented: here it does not. There is no page to
    revoke; the desk's own answers for tests."""
    return OAuthRules(
        company="Harbor Kiosk",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        authorize_path="/oauth/authorize",
        token_path="/oauth/token",
        revoke_path="/_sandbox/revoke",
        access_seconds=_ACCESS_SECONDS,
        refresh_seconds=_REFRESH_SECONDS,
        rotation="each_use_old_dies",
        client_auth=frozenset({"form"}),
    )


class _Gate:
    """Who may call: the token, its scopes, the pace."""

    def __init__(self, shelf: Shelf, desk: OAuthDesk, throttle: Throttle, habits: LoyverseHabits) -> None:
        self._shelf = shelf
        self._desk = desk
        self._throttle = throttle
        self._habits = habits

    def guarding(self, scope: str, handle: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        """`handle` behind the gate."""

        def answer(call: Call) -> Answer:
            try:
                self._let_in(call, scope)
                return handle(call)
            except LoyverseRefusal as refusal:
                return refusal.answer

        return answer

    def _let_in(self, call: Call, scope: str) -> None:
        authorization = call.headers.get("authorization", "")
        if self._desk.standing(authorization) != "good":
            raise LoyverseRefusal("UNAUTHORIZED", "The access token is not valid.", status=401)
        token = self._shelf.get("oauth_token", authorization.partition(" ")[2]) or {}
        key = text(token, "token")
        if not self._throttle.lets_through(key, self._habits.calls_per_minute):
            wait = str(self._throttle.seconds_to_wait(key))
            headers = {"Retry-After": wait} if self._habits.tells_retry_after else {}
            raise LoyverseRefusal("RATE_LIMITED", "Too many requests.", status=429, headers=headers)
        if scope not in _scopes(token):
            raise LoyverseRefusal("FORBIDDEN", f"The token lacks {scope}.", status=403)


def _scopes(token: Body) -> set[str]:
    """The scopes of a token; a personal one has them all."""
    return set(text(token, "scope").replace("+", " ").split()) if token.get("grant") else set(SCOPES)
