"""The Amazon stand-in: Login with Amazon, and of the Selling Partner API sellers, reports and finances.

North America answers at the address itself; each of the three regions also below its own path: /na, /eu, /fe."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route

from connector.sandbox.amazon_chain import LOSABLE
from connector.sandbox.amazon_deferrals import SELLER_ID
from connector.sandbox.amazon_finances import AmazonFinances
from connector.sandbox.amazon_limits import AmazonRefusal, Limits
from connector.sandbox.amazon_regions import REGIONS, fill_abroad
from connector.sandbox.amazon_reports import AmazonReports
from connector.sandbox.amazon_seller import CANARIES, bring_up_to_date, change, fill
from connector.sandbox.body import Body
from connector.sandbox.calls import Answer, Call, endpoint
from connector.sandbox.consent import consent_page, page, redirect
from connector.sandbox.faults import Faults
from connector.sandbox.oauth import Issued, OAuthDesk, OAuthRules, Standing
from connector.sandbox.shelf import Shelf

__all__ = ["ACCOUNT", "APPLICATION_ID", "CANARIES", "CLIENT_ID", "CLIENT_SECRET", "amazon_app", "change", "fill",
           "fill_abroad", "oauth_rules"]  # fmt: skip

ACCOUNT = SELLER_ID
"""The seller id, which Amazon's answers do not tell."""
CLIENT_ID = "amzn1.application-oa2-client.sandbox"
CLIENT_SECRET = "amzn1.oa2-cs.v1.sandbox-secret"
APPLICATION_ID = "amzn1.sp.solution.sandbox"
"""What the consent page wants instead of the client id."""

_ACCESS_SECONDS = 3600
_REFRESH_SECONDS = 365 * 86400  # a seller's authorisation is for a year
_CODE_LIFE = timedelta(minutes=5)
HOME = "na"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmazonHabits:
    """What may be switched: the usage plans, a page of no transactions with a token, a settlement that is never listed,
    and an application without the role for sellers."""

    keeps_limits: bool = False
    empty_pages: bool = True
    loses_a_settlement: bool = False
    tells_marketplaces: bool = True


def amazon_app(
    shelf: Shelf, *, faults: Faults, clock: Callable[[], datetime], habits: AmazonHabits | None = None
) -> Starlette:
    """The stand-in as an application; everything it shows lies on `shelf`, addresses of documents end by `clock()`."""
    habits = habits or AmazonHabits()
    regions = [Mount(f"/{region}", routes=_region(region, shelf, clock, habits)) for region in REGIONS]
    return Starlette(
        routes=[*regions, *_region(HOME, shelf, clock, habits), *faults.routes()],
        middleware=[Middleware(faults.around)],
    )


def _region(region: str, shelf: Shelf, clock: Callable[[], datetime], habits: AmazonHabits) -> list[BaseRoute]:
    """The pages of a region's Seller Central, and its API."""
    login = _Login(shelf, clock, region)
    gate = _Gate(shelf, clock, login, Limits(clock, is_kept=habits.keeps_limits))
    lost = frozenset({LOSABLE}) if habits.loses_a_settlement else frozenset[str]()
    places = frozenset(place.place_id for place in REGIONS[region])
    reports = AmazonReports(shelf, clock, places=places, lost=lost)
    finances = AmazonFinances(shelf, clock, places=places, empty_pages=habits.empty_pages)

    def sellers(call: Call) -> Answer:
        if not habits.tells_marketplaces:
            raise AmazonRefusal(403, "Unauthorized", "Access to requested resource is denied.")
        return Answer(body={"payload": [place.participation for place in REGIONS[region]]})

    def route(path: str, operation: str, handle: Callable[[Call], Answer]) -> Route:
        return Route(path, endpoint(gate.guarding(operation, handle)), methods=["GET"])

    return [
        # The seller's own page stands before the desk's, which would call the code `code`.
        Route("/apps/authorize/consent", endpoint(login.authorize), methods=["GET", "POST"]),
        Route("/_sandbox/refresh-token", endpoint(login.private_application), methods=["POST"]),
        route("/sellers/v1/marketplaceParticipations", "getMarketplaceParticipations", sellers),
        route("/reports/2021-06-30/reports", "getReports", reports.listed),
        route("/reports/2021-06-30/documents/{document_id}", "getReportDocument", reports.document),
        route("/finances/2024-06-19/transactions", "listTransactions", finances.listed),
        Route("/storage/{document_id}", endpoint(reports.stored), methods=["GET"]),
        *login.desk.routes(),
    ]


def oauth_rules(shelf: Shelf) -> OAuthRules:
    """Login with Amazon: id and secret in the form, tokens for an hour, a refresh token that stays the same."""

    def answer(issued: Issued) -> Body:
        return {
            "access_token": issued.access_token,
            "refresh_token": issued.refresh_token,
            "token_type": "bearer",
            "expires_in": issued.access_seconds,
        }

    return OAuthRules(
        company="Copper & Kettle",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        authorize_path="/_login/authorize",
        token_path="/auth/o2/token",
        revoke_path="/_login/revoke",
        access_seconds=_ACCESS_SECONDS,
        refresh_seconds=_REFRESH_SECONDS,
        rotation="never",
        client_auth=frozenset({"form"}),
        answer=answer,
    )


class _Login:
    """The seller's side of consent, and the refresh token that an owner copies from Seller Central."""

    def __init__(self, shelf: Shelf, clock: Callable[[], datetime], region: str) -> None:
        self.desk = OAuthDesk(shelf, oauth_rules(shelf), clock)
        self._shelf, self._clock, self._region = shelf, clock, region

    def standing(self, token: str) -> Standing:
        """What an access token is worth in this region; one that was given in another is unknown here."""
        kept = self._shelf.get("oauth_token", token)
        if kept is not None and kept["scope"] not in ("", self._region):
            return "unknown"
        return self.desk.standing(f"Bearer {token}")

    def authorize(self, call: Call) -> Answer:
        """Seller Central's page; the way back bears state, selling_partner_id and spapi_oauth_code."""
        wish = {**call.query, **(call.fields() if call.method == "POST" else {})}
        if wish.get("application_id") != APPLICATION_ID:
            return page(400, "This link does not work", "The application is not known here: check application_id.")
        if wish.get("approve") not in ("yes", "no"):
            return consent_page("Copper & Kettle", wish)
        if wish["approve"] == "no":
            return redirect(wish, {"error": "access_denied"})
        code = secrets.token_urlsafe(24)
        kept: Body = {
            "redirect_uri": wish.get("redirect_uri", ""),
            "scope": self._region,
            "challenge": "",
            "expires_at": (self._clock() + _CODE_LIFE).isoformat(),
        }
        self._shelf.put("oauth_code", code, kept)
        return redirect(wish, {"spapi_oauth_code": code, "selling_partner_id": SELLER_ID})

    def private_application(self, call: Call) -> Answer:
        """A refresh token as an owner gets it for an application of the own account, without a consent page."""
        token = f"Atzr|{secrets.token_urlsafe(32)}"
        kept: Body = {
            "token": token,
            "use": "refresh",
            "grant": secrets.token_hex(8),
            "scope": self._region,
            "rotation": "never",
            "expires_at": (self._clock() + timedelta(seconds=_REFRESH_SECONDS)).isoformat(),
        }
        self._shelf.put("oauth_token", token, kept, mark=str(kept["grant"]))
        return Answer(body={"refresh_token": token, "selling_partner_id": SELLER_ID})


class _Gate:
    """Who may call, and how often; and at the first call, that the seller still sells today."""

    def __init__(self, shelf: Shelf, clock: Callable[[], datetime], login: "_Login", limits: Limits) -> None:
        self._shelf, self._clock, self._login, self._limits = shelf, clock, login, limits
        self._is_up_to_date = False

    def guarding(self, operation: str, handle: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        def answer(call: Call) -> Answer:
            try:
                self._let_in(call)
                self._limits.take(operation)
                answered = handle(call)
            except AmazonRefusal as refusal:
                answered = refusal.answer
            return Answer(status=answered.status, body=answered.body, headers=self._limits.header(operation))

        return answer

    def _let_in(self, call: Call) -> None:
        """The token comes in Amazon's own header; without a good one the answer is 403, as there."""
        standing = self._login.standing(call.headers.get("x-amz-access-token", ""))
        if standing == "expired":
            raise AmazonRefusal(403, "Unauthorized", "The access token you provided has expired.")
        if standing == "unknown":
            raise AmazonRefusal(403, "Unauthorized", "Access to requested resource is denied.")
        if not self._is_up_to_date:
            bring_up_to_date(self._shelf, self._clock())
            self._is_up_to_date = True
