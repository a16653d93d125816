"""The Dash stand-in: the REST profile of this project's own contract, with OAuth whose refresh tokens serve once."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from connector.sandbox.body import Body, child, text
from connector.sandbox.calls import Answer, Call, endpoint
from connector.sandbox.dash_month import CANARIES, MERCHANT, change, fill, unbalance
from connector.sandbox.faults import Faults
from connector.sandbox.oauth import OAuthDesk, OAuthRules
from connector.sandbox.shelf import Shelf
from connector.sandbox.throttle import Throttle

__all__ = ["CANARIES", "CLIENT_ID", "CLIENT_SECRET", "change", "dash_app", "fill", "oauth_rules", "unbalance"]

CLIENT_ID = "dash-sandbox-connector"
CLIENT_SECRET = "dash-sandbox-secret"
_ACCESS_SECONDS = 3600
_REFRESH_SECONDS = 90 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class DashHabits:
    """What may be switched. Calls of one token above `calls_per_minute` get 429; 0 lets all through."""

    calls_per_minute: int = 0
    records_a_page: int = 10


def dash_app(
    shelf: Shelf, *, faults: Faults, clock: Callable[[], datetime], habits: DashHabits | None = None
) -> Starlette:
    """The stand-in as an application; everything it shows lies on `shelf`."""
    desk = OAuthDesk(shelf, oauth_rules(shelf), clock)
    lists = _Lists(shelf, desk, Throttle(timedelta(minutes=1), clock), habits or DashHabits())
    routes = [
        Route("/v1/locations", endpoint(lists.guarded(lists.locations)), methods=["GET"]),
        Route("/v1/daily-summaries", endpoint(lists.guarded(lists.summaries)), methods=["GET"]),
    ]
    return Starlette(routes=[*routes, *desk.routes(), *faults.routes()], middleware=[Middleware(faults.around)])


def oauth_rules(shelf: Shelf) -> OAuthRules:
    """OAuth as the contract has it: a refresh token is replaced at each use, and the old one is dead."""
    return OAuthRules(
        company="Harbour Diner",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        authorize_path="/oauth2/authorize",
        token_path="/oauth2/token",
        revoke_path="/oauth2/revoke",
        access_seconds=_ACCESS_SECONDS,
        refresh_seconds=_REFRESH_SECONDS,
        rotation="each_use_old_dies",
        pkce_required=True,
    )


class _Refused(Exception):
    """The stand-in says no."""

    def __init__(self, status: int, message: str, *, wait: int = 0) -> None:
        super().__init__(message)
        headers = {"retry-after": str(wait)} if wait else {}
        self.answer = Answer(status=status, body={"error": {"message": message}}, headers=headers)


class _Lists:
    """The two lists, behind the gate of tokens and pace."""

    def __init__(self, shelf: Shelf, desk: OAuthDesk, throttle: Throttle, habits: DashHabits) -> None:
        self._shelf = shelf
        self._desk = desk
        self._throttle = throttle
        self._habits = habits

    def guarded(self, handle: Callable[[Call], Body]) -> Callable[[Call], Answer]:
        def answer(call: Call) -> Answer:
            try:
                self._let_in(call.headers.get("authorization", ""))
                return Answer(body=handle(call))
            except _Refused as refused:
                return refused.answer

        return answer

    def locations(self, call: Call) -> Body:
        return {"merchant": MERCHANT, "data": self._shelf.all("dash-location"), "next_cursor": None}

    def summaries(self, call: Call) -> Body:
        """By change, oldest first; the cursor names the last record shown, so that changes meanwhile lose nothing."""
        after, size = _cursor(call.query.get("cursor", "")), self._habits.records_a_page
        found = sorted((each for each in self._shelf.all("dash-summary") if _is_wanted(each, call)), key=_place)
        left = [each for each in found if _place(each) > after]
        page = left[:size]
        return {"data": page, "next_cursor": _token(_place(page[-1])) if len(left) > size else None}

    def _let_in(self, authorization: str) -> None:
        if self._desk.standing(authorization) != "good":
            raise _Refused(401, "The token is not accepted.")
        if not self._throttle.lets_through(authorization, self._habits.calls_per_minute):
            raise _Refused(429, "Too many requests.", wait=self._throttle.seconds_to_wait(authorization))


def _is_wanted(summary: Body, call: Call) -> bool:
    query = call.query
    try:
        since = datetime.fromisoformat(query["updated_since"]) if query.get("updated_since") else None
        first, last = (date.fromisoformat(query.get(key) or fallback) for key, fallback in _SPAN)
        is_since = since is None or datetime.fromisoformat(text(summary, "updated_at")) >= since
    except (ValueError, TypeError):
        raise _Refused(400, "updated_since is a moment with its zone; from and to are dates.") from None
    if query.get("location_id") not in (None, text(child(summary, "location"), "id")):
        return False
    return is_since and first <= date.fromisoformat(text(summary, "business_date")) <= last


_SPAN = (("from", "2000-01-01"), ("to", "2999-12-31"))


def _place(summary: Body) -> tuple[str, str, str]:
    """Where a summary stands in the list: moments are written alike, so their text sorts as they do."""
    return text(summary, "updated_at"), text(child(summary, "location"), "id"), text(summary, "business_date")


def _token(place: tuple[str, str, str]) -> str:
    return base64.urlsafe_b64encode("|".join(place).encode()).decode()


def _cursor(token: str) -> tuple[str, ...]:
    try:
        return tuple(base64.b64decode(token, altchars=b"-_", validate=True).decode().split("|")) if token else ()
    except (binascii.Error, ValueError):
        raise _Refused(400, "The cursor is not valid.") from None
