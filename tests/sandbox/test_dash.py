"""The Dash stand-in: its days are sound under the published contract, its lists and tokens behave as told."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import jsonschema
import pytest

from connector.sandbox.body import Body, child, children, decode, text
from connector.sandbox.dash import CANARIES, CLIENT_ID, CLIENT_SECRET, DashHabits, change, dash_app, fill, unbalance
from connector.sandbox.dash_day import REST, DayBook, Item, TaxRule, cents
from connector.sandbox.dash_month import NEW_YORK, TORONTO
from connector.sandbox.faults import Faults
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "dash-daily-summary-1.schema.json"
SPEC = Path(__file__).resolve().parents[2] / ".." / "shared" / "specs" / "dash" / "dash-daily-summary-1.schema.json"
SUMMARIES = "/v1/daily-summaries"
BACK_AT = "http://127.0.0.1:1/callback"
VERIFIER = "v" * 50
CHALLENGE = "CrlVwe1WSHWuTQYh3iczmx3aS-faRx6C92k9_hNxl4A"  # of the verifier, by SHA-256


@dataclass
class Dash:
    """A running stand-in with its month; it is whatever time `now` says."""

    http: httpx.Client
    shelf: Shelf
    now: datetime

    def listed(self, **query: str) -> list[Body]:
        """All summaries of a query, page by page."""
        found: list[Body] = []
        cursor = ""
        while True:
            answer = decode(
                self.http.get(SUMMARIES, params={**query, **({"cursor": cursor} if cursor else {})}).content
            )
            found += children(answer, "data")
            cursor = text(answer, "next_cursor")
            if not cursor:
                return found


@pytest.fixture
def dash(tmp_path: Path) -> Iterator[Dash]:
    yield from _running(tmp_path, DashHabits())


@pytest.fixture
def paced(tmp_path: Path) -> Iterator[Dash]:
    yield from _running(tmp_path, DashHabits(calls_per_minute=2))


def _running(folder: Path, habits: DashHabits) -> Iterator[Dash]:
    with Shelf(folder / "dash.db") as shelf, httpx.Client(trust_env=False) as http:
        fill(shelf)
        running = Dash(http=http, shelf=shelf, now=datetime(2026, 4, 2, 12, tzinfo=UTC))
        app = dash_app(shelf, faults=Faults(), clock=lambda: running.now, habits=habits)
        with serve(app) as served:
            http.base_url = httpx.URL(served.base_url)
            token = text(decode(http.post("/_sandbox/personal-token").content), "token")
            http.headers["authorization"] = f"Bearer {token}"
            yield running


def _balance(summary: Body) -> int:
    """Sold less paid by the contract's first identity."""
    sold = sum(cents(text(row, "net")) for row in children(summary, "products"))
    sold += sum(cents(text(row, "amount")) for row in children(summary, "taxes"))
    sold += sum(cents(text(summary, key)) for key in ("tips", "service_charges", "rounding"))
    sold += cents(text(child(summary, "gift_cards"), "sold"))
    rows = children(summary, "delivery_providers")
    sold += sum(cents(text(row, "tax")) for row in rows if row.get("tax_remitted_by") == "merchant")
    outgoing = [row for key in ("fees", "paid_outs") for row in children(summary, key) if row["deducted"]]
    paid = sum(cents(text(row, "amount")) for row in [*children(summary, "payments"), *outgoing])
    return sold - paid


def test_every_day_has_the_published_shape_and_balances(dash: Dash) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    summaries = dash.shelf.all("dash-summary")
    assert len(summaries) == 31
    for summary in summaries:
        validator.validate(summary)
    assert {_balance(summary) for summary in summaries} == {0}


def test_every_day_has_the_shape_that_the_contract_began_with(dash: Dash) -> None:
    if not SPEC.exists():
        pytest.skip("the contract's first version does not lie beside the project")
    validator = jsonschema.Draft202012Validator(json.loads(SPEC.read_text()))
    for summary in dash.shelf.all("dash-summary"):
        validator.validate(summary)


def test_the_published_schema_says_whose_contract_it_is() -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "defined by this project, not by Dash" in schema["title"]


def test_the_month_holds_the_cases_that_catch_a_careless_reader(dash: Dash) -> None:
    days = {text(each, "business_date"): each for each in dash.listed(location_id=NEW_YORK)}
    methods = {row["method"] for day in days.values() for row in children(day, "payments")}
    assert methods == {
        "cash", "credit_card", "debit_card", "check", "gift_card", "delivery_provider", "food_voucher",
    }  # fmt: skip
    assert [day for day, each in days.items() if each["revision"] == 2] == ["2026-03-07", "2026-03-13", "2026-03-14"]
    assert [day for day, each in days.items() if not each["closed"]] == ["2026-04-01"]
    assert "tax_remitted_by" not in children(days["2026-03-19"], "delivery_providers")[0]
    assert child(days["2026-03-10"], "gift_cards")["sold"] == "50.00"
    assert child(days["2026-03-12"], "gift_cards")["redeemed"] == "20.00"
    assert all(CANARIES[0] in text(each, "notes") for each in days.values())


def test_toronto_sells_at_prices_that_hold_the_tax_and_rounds_its_cash(dash: Dash) -> None:
    day = dash.listed(location_id=TORONTO)[0]
    (tax,) = children(day, "taxes")
    assert (day["currency"], tax["rate"], day["rounding"]) == ("CAD", "0.13", "-0.02")
    at_till = [row for row in children(day, "products") if "provider" not in row]
    assert sum(cents(text(row, "net")) for row in at_till) + cents(text(tax, "amount")) == 2 * 1250 + 975 + 312


def test_filling_a_shelf_again_changes_nothing(dash: Dash) -> None:
    before = dash.shelf.all("dash-summary")
    fill(dash.shelf)
    assert dash.shelf.all("dash-summary") == before


@pytest.mark.parametrize(("disturb", "off"), [(change, 0), (unbalance, 10)])
def test_a_late_change_is_the_last_of_the_list_and_told_as_a_revision(dash: Dash, disturb: object, off: int) -> None:
    before = dash.listed()
    assert callable(disturb)
    disturb(dash.shelf)
    *others, last = dash.listed()
    assert last["revision"] == 2
    assert _balance(last) == off
    assert others == [each for each in before if each["business_date"] != last["business_date"]]


def test_two_late_changes_are_two_revisions(dash: Dash) -> None:
    change(dash.shelf)
    change(dash.shelf)
    assert dash.listed()[-1]["revision"] == 3


def test_a_list_is_sorted_by_change_and_bounded_as_asked(dash: Dash) -> None:
    moments = [text(each, "updated_at") for each in dash.listed()]
    assert moments == sorted(moments)
    days = dash.listed(**{"from": "2026-03-03", "to": "2026-03-04"})
    assert [each["business_date"] for each in days] == ["2026-03-03", "2026-03-04"]
    newest = moments[-1]
    assert [text(each, "updated_at") for each in dash.listed(updated_since=newest)] == [newest]


def test_a_change_while_pages_are_turned_hides_no_other_day(dash: Dash) -> None:
    first = decode(dash.http.get(SUMMARIES, params={"location_id": NEW_YORK}).content)
    change(dash.shelf)
    rest = dash.listed(location_id=NEW_YORK, cursor=text(first, "next_cursor"))
    seen = {text(each, "business_date") for each in [*children(first, "data"), *rest]}
    assert len(seen) == 27


@pytest.mark.parametrize("query", [{"from": "yesterday"}, {"updated_since": "2026-03-01"}, {"cursor": "é"}])
def test_a_question_that_makes_no_sense_is_refused(dash: Dash, query: dict[str, str]) -> None:
    assert dash.http.get(SUMMARIES, params=query).status_code == 400


def test_too_many_calls_are_told_how_long_to_wait(paced: Dash) -> None:
    assert [paced.http.get("/v1/locations").status_code for _ in range(3)] == [200, 200, 429]
    answer = paced.http.get(SUMMARIES)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    paced.now += timedelta(seconds=60)
    assert paced.http.get(SUMMARIES).status_code == 200


def test_a_refresh_token_serves_once_and_an_access_token_an_hour(dash: Dash) -> None:
    wish = {
        "client_id": CLIENT_ID,
        "redirect_uri": BACK_AT,
        "state": "s",
        "code_challenge": CHALLENGE,
        "approve": "yes",
    }
    came_back = parse_qs(urlsplit(dash.http.get("/oauth2/authorize", params=wish).headers["location"]).query)
    issued = _token(dash, grant_type="authorization_code", code=came_back["code"][0], code_verifier=VERIFIER)
    first = text(issued, "refresh_token")
    dash.http.headers["authorization"] = f"Bearer {text(issued, 'access_token')}"
    assert dash.http.get("/v1/locations").status_code == 200
    dash.now += timedelta(hours=1)
    assert dash.http.get("/v1/locations").status_code == 401
    second = _token(dash, grant_type="refresh_token", refresh_token=first)
    assert text(second, "refresh_token") not in ("", first)
    assert _token(dash, grant_type="refresh_token", refresh_token=first)["error"] == "invalid_grant"


def test_consent_without_a_challenge_is_refused(dash: Dash) -> None:
    assert dash.http.get("/oauth2/authorize", params={"client_id": CLIENT_ID, "approve": "yes"}).status_code == 400


def test_a_sale_that_is_not_paid_in_full_cannot_be_rung_up() -> None:
    book = DayBook(TaxRule(tax_id="t", name="Tax", per_10000=800))
    pie = Item(item_id="p", name="Pie", category="Food", price=1000)
    with pytest.raises(ValueError, match="80 cents"):
        book.sell([(pie, 1)], [("cash", 1000)])
    book.sell([(pie, 1)], [("check", 500), ("cash", REST)])
    paid = {text(row, "method"): text(row, "amount") for row in children(book.summary(), "payments")}
    assert paid == {"cash": "15.80", "check": "5.00"}


def _token(dash: Dash, **fields: str) -> Body:
    form = {"redirect_uri": BACK_AT, **fields}
    return decode(dash.http.post("/oauth2/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET)).content)
