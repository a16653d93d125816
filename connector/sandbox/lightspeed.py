"""The Lightspeed R-Series stand-in: OAuth and the read endpoints of version 3, over a shelf that `fill` has filled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from connector.sandbox.body import Body, text
from connector.sandbox.calls import Answer, Call, endpoint
from connector.sandbox.faults import Faults
from connector.sandbox.lightspeed_lists import RESOURCES, Refusal, page_of, relations
from connector.sandbox.lightspeed_month import ACCOUNT_ID, CANARIES, change, fill, fill_tokyo
from connector.sandbox.lightspeed_reports import report_of
from connector.sandbox.oauth import Issued, OAuthDesk, OAuthRules
from connector.sandbox.shelf import Shelf

__all__ = [
    "ACCOUNT_ID",
    "CANARIES",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "LightspeedHabits",
    "change",
    "fill",
    "fill_tokyo",
    "lightspeed_app",
    "oauth_rules",
]
CLIENT_ID = "ls-sandbox-connector"
CLIENT_SECRET = "ls-sandbox-secret"
_ACCESS_SECONDS = 1800
_REFRESH_SECONDS = 30 * 86400
_SCOPES = {
    "Shop": "employee:admin_shops", "Register": "employee:register", "Category": "employee:inventory",
    "PaymentType": "employee:register", "TaxCategory": "employee:register", "Sale": "employee:register",
    "RegisterCount": "employee:register", "RegisterWithdraw": "employee:register",
    "ProcessingFee": "employee:register", "CreditAccount": "employee:customers",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LightspeedHabits:
    """The leaky bucket: its size, and how many units a second drain. A size of 0 lets every call through."""

    bucket_size: int = 0
    drip_rate: int = 1


def lightspeed_app(
    shelf: Shelf, *, faults: Faults, clock: Callable[[], datetime], habits: LightspeedHabits | None = None
) -> Starlette:
    """The stand-in as an application; everything it shows lies on `shelf`."""
    desk = OAuthDesk(shelf, oauth_rules(shelf), clock)
    gate = _Gate(shelf, desk, _Bucket(habits or LightspeedHabits(), clock), clock)
    lists = {resource.name: resource for resource in RESOURCES}

    def listing(call: Call) -> Answer:
        resource = lists.get(call.path_values["name"])
        if resource is None:
            raise Refusal(404, "Not Found", "There is no such resource.")
        return Answer(body=page_of(shelf, resource, call))

    def report(call: Call) -> Answer:
        return Answer(body=report_of(shelf, call.path_values["name"], call))

    account = "/API/V3/Account/{account_id}"
    handlers = (
        ("/API/V3/Account.json", lambda call: Answer(body=_accounts(shelf))),
        (f"{account}.json", lambda call: Answer(body=_one_account(shelf))),
        (f"{account}/Reports/Accounting/{{name}}.json", report),
        (f"{account}/{{name}}.json", listing),
    )
    routes = [Route(path, endpoint(gate.guarding(handle)), methods=["GET"]) for path, handle in handlers]
    return Starlette(routes=[*routes, *desk.routes(), *faults.routes()], middleware=[Middleware(faults.around)])


def oauth_rules(shelf: Shelf) -> OAuthRules:
    """Lightspeed's OAuth: each refresh gives another pair; the old refresh token lives until the new access token is
    first used, which `_Gate` sees to."""

    def answer(issued: Issued) -> Body:
        return {
            "token_type": "bearer",
            "access_token": issued.access_token,
            "expires_in": issued.access_seconds,
            "scope": issued.scope,
            "refresh_token": issued.refresh_token,
        }

    return OAuthRules(
        company="Harbor Books",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        authorize_path="/auth/oauth/authorize",
        token_path="/auth/oauth/token",
        revoke_path="/auth/oauth/revoke",
        access_seconds=_ACCESS_SECONDS,
        refresh_seconds=_REFRESH_SECONDS,
        rotation="each_use_with_grace",
        grace_seconds=_REFRESH_SECONDS,
        client_auth=frozenset({"form", "basic"}),
        answer=answer,
    )


def _accounts(shelf: Shelf) -> Body:
    kept = _account(shelf)
    link: Body = {"@attributes": {"href": f"/API/V3/Account/{kept['accountID']}"}}
    return {
        "@attributes": {"count": "1"},
        "Account": {"accountID": kept["accountID"], "name": kept["name"], "link": link},
    }


def _one_account(shelf: Shelf) -> Body:
    """About the one account itself there is no wrapping, and not its id."""
    kept = _account(shelf)
    return {"@attributes": {"systemCustomerID": "1"}} | {k: v for k, v in kept.items() if k != "accountID"}


def _account(shelf: Shelf) -> Body:
    return next(iter(shelf.all("lightspeed-account")), {})


class _Bucket:
    """The leaky bucket of the account: the call that overflows it is still let in, the next one is not."""

    def __init__(self, habits: LightspeedHabits, clock: Callable[[], datetime]) -> None:
        self._habits = habits
        self._clock = clock
        self._level = Decimal(0)
        self._seen = clock()

    def pour(self, cost: int) -> dict[str, str]:
        """The headers of a call of this cost; raises Refusal where the bucket is full."""
        if not self._habits.bucket_size:
            return _levels(f"{cost}/90", "1", cost)
        now = self._clock()
        passed = Decimal((now - self._seen) // timedelta(milliseconds=1)) / 1000
        self._level = max(Decimal(0), self._level - passed * self._habits.drip_rate)
        self._seen = now
        over = self._level - self._habits.bucket_size
        if over >= 0:
            seconds = int(-(-(over + 1) // self._habits.drip_rate))
            told = {"X-LS-API-RateLimit-Type": "api-leaky-bucket", "Retry-After": str(max(1, seconds))}
            raise Refusal(429, "Too Many Requests", "Rate limit exceeded.", self._told(cost) | told)
        self._level += cost
        return self._told(cost)

    def _told(self, cost: int) -> dict[str, str]:
        level = f"{min(self._level, Decimal(self._habits.bucket_size)):f}/{self._habits.bucket_size}"
        return _levels(level, str(self._habits.drip_rate), cost)


def _levels(level: str, drip: str, cost: int) -> dict[str, str]:
    return {
        "X-LS-Api-Bucket-Level": level,
        "X-LS-API-Burst-Level": "1/20",
        "X-LS-Api-Drip-Rate": drip,
        "X-LS-Api-Request-Cost": str(cost),
    }


class _Gate:
    """Who may call: the token, its scopes, the account, the pace."""

    def __init__(self, shelf: Shelf, desk: OAuthDesk, bucket: _Bucket, clock: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._desk = desk
        self._bucket = bucket
        self._clock = clock

    def guarding(self, handle: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        def answer(call: Call) -> Answer:
            try:
                self._let_in(call)
                headers = self._bucket.pour(1 + len(relations(call.query)))
                answered = handle(call)
            except Refusal as refusal:
                return refusal.answer
            return Answer(status=answered.status, body=answered.body, headers=headers)

        return answer

    def _let_in(self, call: Call) -> None:
        if self._desk.standing(call.headers.get("authorization", "")) != "good":
            raise Refusal(401, "Unauthorized", "Access token could not be verified.")
        _, _, token = call.headers["authorization"].partition(" ")
        kept = self._shelf.get("oauth_token", token) or {}
        self._end_older(kept)
        scope = "employee:reports" if "/Reports/" in call.path else _SCOPES.get(call.path_values.get("name", ""), "")
        granted = text(kept, "scope").replace("+", " ").split()
        if kept.get("grant") and scope and not {scope, "employee:all"} & set(granted):
            raise Refusal(403, "Forbidden", f"The access token lacks the scope {scope}.")
        if call.path_values.get("account_id", ACCOUNT_ID) != text(_account(self._shelf), "accountID"):
            raise Refusal(403, "Forbidden", "The access token is of another account.")

    def _end_older(self, used: Body) -> None:
        """At the first use of an access token every refresh token dies but the one that came with it."""
        if not used.get("grant") or used.get("was_used"):
            return
        tokens = self._shelf.marked("oauth_token", text(used, "grant"))
        place = next(n for n, each in enumerate(tokens) if each["token"] == used["token"])
        partner = next((each["token"] for each in tokens[place:] if each["use"] == "refresh"), "")
        with self._shelf.transaction():
            self._shelf.put("oauth_token", text(used, "token"), {**used, "was_used": True}, mark=text(used, "grant"))
            for each in tokens:
                if each["use"] == "refresh" and each["token"] != partner:
                    dead: Body = {**each, "dead_from": self._clock().isoformat()}
                    self._shelf.put("oauth_token", text(each, "token"), dead, mark=text(used, "grant"))
