"""The Lightspeed X-Series stand-in: OAuth and the lists by version, over a shelf that a month of trade has filled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from connector.sandbox.body import Body, child, children, number, text
from connector.sandbox.calls import Answer, Call, endpoint
from connector.sandbox.faults import Faults
from connector.sandbox.lightspeed_x_month import CANARIES, DOMAIN_PREFIX, change, fill
from connector.sandbox.oauth import OAuthDesk, OAuthRules
from connector.sandbox.shelf import Shelf
from connector.sandbox.throttle import Throttle

__all__ = ["CANARIES", "CLIENT_ID", "CLIENT_SECRET", "change", "fill", "lightspeed_x_app", "oauth_rules"]

CLIENT_ID = "lsx-sandbox-connector"
CLIENT_SECRET = "lsx-sandbox-secret"
VERSION = "2026-07"
LISTS = ("outlets", "registers", "payment_types", "taxes", "products")
_SCOPES = {name: f"{name}:read" for name in (*LISTS, "sales", "retailer")}
_WINDOW = timedelta(minutes=5)
_ACCESS_SECONDS = 86400
_REFRESH_SECONDS = 3650 * 86400
_LARGEST_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What may be switched. `calls` within five minutes: −1 is Lightspeed's own rule (300 for each register and 50
    more), 0 lets every call through."""

    calls: int = -1


def lightspeed_x_app(
    shelf: Shelf, *, faults: Faults, clock: Callable[[], datetime], habits: Habits | None = None
) -> Starlette:
    """The stand-in as an application; everything it shows lies on `shelf`."""
    desk = OAuthDesk(shelf, oauth_rules(shelf), clock)
    gate = _Gate(shelf, desk, clock, habits or Habits())
    lists = _Lists(shelf)

    def route(path: str, scope: str, handle: Callable[[Call], Answer]) -> Route:
        return Route(path, endpoint(gate.guarding(_SCOPES[scope], handle)), methods=["GET"])

    routes = [
        route("/api/2.0/retailer", "retailer", lists.retailer),
        route("/api/2.0/registers/{register_id}/payments_summary", "registers", lists.summary),
        *(route(f"/api/2.0/{name}", name, lists.of(name)) for name in LISTS),
        route(f"/api/{VERSION}/sales", "sales", lists.of("sales")),
    ]
    # Lightspeed publishes no page that revokes; the desk always has one.
    pages = [page for page in desk.routes() if page.path != oauth_rules(shelf).revoke_path]
    return Starlette(routes=[*routes, *pages, *faults.routes()], middleware=[Middleware(faults.around)])


def oauth_rules(shelf: Shelf) -> OAuthRules:
    """X-Series' OAuth: a refresh token serves once and dies at once; the callback names the shop's domain prefix."""
    return OAuthRules(
        company="Harbour Lane",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        authorize_path="/connect",
        token_path="/api/1.0/token",
        revoke_path="/not-offered",
        access_seconds=_ACCESS_SECONDS,
        refresh_seconds=_REFRESH_SECONDS,
        rotation="each_use_old_dies",
        client_auth=frozenset({"form"}),
        callback_parameters={"domain_prefix": DOMAIN_PREFIX},
    )


class _Gate:
    """Who may call: the token, its scopes, the pace."""

    def __init__(self, shelf: Shelf, desk: OAuthDesk, clock: Callable[[], datetime], habits: Habits) -> None:
        self._shelf = shelf
        self._desk = desk
        self._clock = clock
        self._calls = habits.calls
        self._throttle = Throttle(_WINDOW, clock)

    def guarding(self, scope: str, handle: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        def answer(call: Call) -> Answer:
            standing = self._desk.standing(call.headers.get("authorization", ""))
            if standing != "good":
                return _error(401, "unauthorized", "The access token is not valid.")
            limit = self._limit()
            if not self._throttle.lets_through(DOMAIN_PREFIX, limit):
                return self._too_many(limit)
            if not self._allows(call, scope):
                return _error(403, "forbidden", f"The scope {scope} is missing.")
            answered = handle(call)
            return Answer(status=answered.status, body=answered.body, headers=self._pace(limit))

        return answer

    def _limit(self) -> int:
        return 300 * len(self._shelf.all("lsx-registers")) + 50 if self._calls < 0 else self._calls

    def _pace(self, limit: int) -> dict[str, str]:
        left = max(limit - self._throttle.count(DOMAIN_PREFIX), 0)
        return {"x-ratelimit-limit": str(limit), "x-ratelimit-remaining": str(left)} if limit else {}

    def _too_many(self, limit: int) -> Answer:
        wait = timedelta(seconds=self._throttle.seconds_to_wait(DOMAIN_PREFIX))
        date = format_datetime((self._clock() + wait).astimezone(UTC), usegmt=True)
        answer = _error(429, "rate_limited", "Too many requests.")
        return Answer(status=429, body=answer.body, headers={**self._pace(limit), "retry-after": date})

    def _allows(self, call: Call, scope: str) -> bool:
        _, _, token = call.headers.get("authorization", "").partition(" ")
        kept = self._shelf.get("oauth_token", token) or {}
        return not kept.get("grant") or scope in text(kept, "scope").replace("+", " ").split()


class _Lists:
    """Lists by version: what changed after a version number, oldest change first."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def of(self, name: str) -> Callable[[Call], Answer]:
        def answer(call: Call) -> Answer:
            try:
                after, size = int(call.query.get("after") or 0), int(call.query.get("page_size") or 100)
            except ValueError:
                return _error(400, "invalid_parameter", "after and page_size are whole numbers.")
            shown = [each for each in self._shelf.all(f"lsx-{name}") if _is_shown(each, call)]
            newer = sorted((each for each in shown if version_of(each) > after), key=version_of)
            page = newer[: min(size, _LARGEST_PAGE)]
            versions = [version_of(each) for each in page]
            ends = {"min": min(versions, default=None), "max": max(versions, default=None)}
            return Answer(body={"data": page, "version": ends})

        return answer

    def retailer(self, call: Call) -> Answer:
        return Answer(body={"data": self._shelf.all("lsx-retailer")[0]})

    def summary(self, call: Call) -> Answer:
        """What is expected in a register that is open now, by payment type."""
        register = self._shelf.get("lsx-registers", call.path_values["register_id"])
        if register is None or register.get("is_open") is not True:
            return _error(404, "not_found", "The register is not open.")
        session = text(register, "register_open_sequence_id")
        sums: dict[str, Decimal] = {text(kind, "id"): Decimal(0) for kind in self._shelf.all("lsx-payment_types")}
        for payment in self._payments_of(session):
            key = text(child(payment, "type"), "config_id")
            sums[key] = sums.get(key, Decimal(0)) + (number(payment, "amount") or 0)
        names = {text(kind, "id"): text(kind, "name") for kind in self._shelf.all("lsx-payment_types")}
        payments = [
            {"payment_type_id": key, "payment_type_name": names.get(key, ""), "total": f"{amount:.2f}"}
            for key, amount in sums.items()
        ]
        body: Body = {
            "register_open_time": text(register, "register_open_time"),
            "register_closure_id": session,
            "register_closure_sequence_number": register.get("closures"),
            "payments": payments,
        }
        return Answer(body={"data": body})

    def _payments_of(self, session: str) -> list[Body]:
        return [
            payment
            for sale in self._shelf.all("lsx-sales")
            if sale["state"] != "voided"
            for payment in children(sale, "payments")
            if text(child(payment, "_metadata"), "register_open_sequence_id") == session
        ]


def version_of(record: Body) -> int:
    """The version of a record; a sale keeps it among its metadata."""
    found = record.get("version") or child(record, "_metadata").get("version")
    return found if isinstance(found, int) else 0


def _is_shown(record: Body, call: Call) -> bool:
    return not record.get("deleted_at") or call.query.get("deleted") == "true"


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status=status, body={"errors": {"global": [message]}, "error": code})
