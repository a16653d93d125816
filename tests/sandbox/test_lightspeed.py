"""The Lightspeed stand-in: lists with their quirks, the leaky bucket, tokens that die at first use, its fortnight."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import jsonschema
import pytest

from connector.sandbox.body import Body, children, decode, text
from connector.sandbox.faults import Faults
from connector.sandbox.lightspeed import (
    ACCOUNT_ID,
    CANARIES,
    CLIENT_ID,
    CLIENT_SECRET,
    LightspeedHabits,
    change,
    fill,
    fill_tokyo,
    lightspeed_app,
)
from connector.sandbox.lightspeed_till import KINDS
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf

SCHEMA = Path(__file__).resolve().parents[2] / ".." / "shared" / "specs" / "lightspeed" / "rseries-v3-sale.schema.json"
BASE = f"/API/V3/Account/{ACCOUNT_ID}"
SCOPES = "employee:register employee:reports employee:customers employee:inventory employee:admin_shops"
EVERYTHING = (
    '["SaleLines","SaleLines.Item","SalePayments","SalePayments.PaymentType","SalePayments.SaleAccounts","TaxCategory"]'
)


@dataclass
class Lightspeed:
    """A running stand-in; it is whatever time `now` says."""

    http: httpx.Client
    shelf: Shelf
    now: datetime

    def get(self, path: str, token: str = "", **query: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return self.http.get(path, params=query, headers=headers)

    def body(self, path: str, **query: str) -> Body:
        answer = self.get(f"{BASE}/{path}.json", **query)
        assert answer.status_code == 200
        return decode(answer.content)

    def consent(self, scope: str = SCOPES) -> Body:
        """A pair of tokens as an owner's consent gives it."""
        wish = {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "scope": scope,
            "redirect_uri": "http://127.0.0.1:1/cb",
        }
        back = self.http.get("/auth/oauth/authorize", params={**wish, "approve": "yes"}, headers={"authorization": ""})
        code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
        return self.token(grant_type="authorization_code", code=code, redirect_uri=wish["redirect_uri"])

    def token(self, **fields: str) -> Body:
        form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **fields}
        return decode(self.http.post("/auth/oauth/token", data=form, headers={"authorization": ""}).content)

    def refresh(self, pair: Body) -> Body:
        return self.token(grant_type="refresh_token", refresh_token=text(pair, "refresh_token"))


def _running(folder: Path, habits: LightspeedHabits | None = None) -> Iterator[Lightspeed]:
    with Shelf(folder / "lightspeed.db") as shelf:
        fill(shelf)
        running = Lightspeed(http=httpx.Client(trust_env=False), shelf=shelf, now=datetime(2026, 3, 23, 12, tzinfo=UTC))
        app = lightspeed_app(shelf, faults=Faults(), clock=lambda: running.now, habits=habits)
        with running.http, serve(app) as served:
            running.http.base_url = httpx.URL(served.base_url)
            token = text(decode(running.http.post("/_sandbox/personal-token").content), "token")
            running.http.headers["authorization"] = f"Bearer {token}"
            yield running


@pytest.fixture
def lightspeed(tmp_path: Path) -> Iterator[Lightspeed]:
    yield from _running(tmp_path)


@pytest.fixture
def paced(tmp_path: Path) -> Iterator[Lightspeed]:
    yield from _running(tmp_path, LightspeedHabits(bucket_size=3, drip_rate=1))


def test_one_is_an_object_many_a_list_and_none_a_missing_key(lightspeed: Lightspeed) -> None:
    assert isinstance(lightspeed.body("Shop")["Shop"], list)
    assert isinstance(lightspeed.body("Shop", shopID="1")["Shop"], dict)
    assert "Shop" not in lightspeed.body("Shop", shopID="9")


def test_relations_are_shown_when_asked_for_and_wrapped_twice(lightspeed: Lightspeed) -> None:
    sale = lightspeed.body("Sale", saleID="1")["Sale"]
    assert isinstance(sale, dict)
    assert not {"SaleLines", "SalePayments", "TaxCategory", "Customer"} & sale.keys()
    whole = lightspeed.body("Sale", saleID="1", load_relations=EVERYTHING)["Sale"]
    assert isinstance(whole, dict)
    assert whole["SaleLines"]["SaleLine"]["Item"]["categoryID"] == "1"
    assert whole["SalePayments"]["SalePayment"]["PaymentType"]["type"] == "cash"
    bare = lightspeed.body("Sale", saleID="1", load_relations='["SaleLines"]')["Sale"]
    assert isinstance(bare, dict)
    assert "Item" not in bare["SaleLines"]["SaleLine"]


def test_every_scalar_is_a_string(lightspeed: Lightspeed) -> None:
    def scalars(value: object) -> Iterator[object]:
        if isinstance(value, dict | list):
            for each in value.values() if isinstance(value, dict) else value:
                yield from scalars(each)
        else:
            yield value

    body = lightspeed.body("Sale", load_relations=EVERYTHING)
    assert all(isinstance(value, str) for value in scalars(body))


def test_sales_have_the_shape_of_the_published_schema(lightspeed: Lightspeed) -> None:
    if not SCHEMA.exists():
        pytest.skip("the published schema does not lie beside the project")
    schema = json.loads(SCHEMA.read_text())
    # The one type that nobody knows is there on purpose; the schema lists the known ones.
    del schema["$defs"]["PaymentType"]["properties"]["type"]["enum"]
    jsonschema.validate(json.loads(lightspeed.get(f"{BASE}/Sale.json", load_relations=EVERYTHING).content), schema)


def test_pages_are_turned_by_the_address_given_and_end_with_an_empty_one(lightspeed: Lightspeed) -> None:
    seen, url = [], f"{BASE}/Sale.json?sort=updatetime&limit=50&archived=true"
    while url:
        answer = decode(lightspeed.http.get(url).content)
        seen += [text(sale, "saleID") for sale in children(answer, "Sale")]
        attributes = answer["@attributes"]
        assert isinstance(attributes, dict)
        url = attributes["next"]
    assert len(seen) == len(set(seen)) == len(lightspeed.shelf.all("lightspeed-sale"))


def test_archived_records_are_hidden_unless_asked_for(lightspeed: Lightspeed) -> None:
    sale = lightspeed.shelf.get("lightspeed-sale", "1")
    assert sale
    lightspeed.shelf.put("lightspeed-sale", "1", sale | {"archived": "true"})
    assert "Sale" not in lightspeed.body("Sale", saleID="1")
    assert "Sale" in lightspeed.body("Sale", saleID="1", archived="true")
    assert text(_one(lightspeed.body("Sale", archived="only")), "saleID") == "1"


def _one(body: Body) -> Body:
    found = body["Sale"]
    assert isinstance(found, dict)
    return found


def test_moments_are_filtered_and_sorted_as_moments(lightspeed: Lightspeed) -> None:
    since = "2026-03-20T14:10:00-05:00"  # the last counter sale, in another offset
    assert text(_one(lightspeed.body("Sale", updatetime=f">=,{since}")), "updatetime") == "2026-03-20T19:10:00+00:00"
    assert "Sale" not in lightspeed.body("Sale", updatetime=f">,{since}")


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("Sale", {"sort": "total"}, 400),
        ("Sale", {"limit": "101"}, 400),
        ("Sale", {"updatetime": "~~,x"}, 400),
        ("Sale", {"after": "1"}, 400),
        ("Sale", {"load_relations": "SaleLines"}, 400),
        ("Reports/Accounting/PaymentsByDay", {"startDate": "2026-03-01"}, 400),
        ("Reports/Accounting/SalesByMoon", {"startDate": "2026-03-01", "endDate": "2026-03-02"}, 404),
        ("Unicorn", {}, 404),
    ],
)
def test_what_lightspeed_does_not_know_it_refuses(
    lightspeed: Lightspeed, path: str, query: dict[str, str], status: int
) -> None:
    answer = lightspeed.get(f"{BASE}/{path}.json", **query)
    assert (answer.status_code, decode(answer.content)["httpCode"]) == (status, str(status))


def test_the_answer_about_one_account_tells_its_currency_and_not_its_id(lightspeed: Lightspeed) -> None:
    body = decode(lightspeed.get(f"{BASE}.json").content)
    assert body["defaultCurrency"] == {"code": "USD", "symbol": "$"}
    assert "accountID" not in body
    assert lightspeed.get("/API/V3/Account/7.json").status_code == 403


def test_the_payments_of_a_day_are_added_by_shop_and_type_in_the_shops_own_zone(lightspeed: Lightspeed) -> None:
    query = {"startDate": "2025-11-02", "endDate": "2025-11-02"}
    rows = children(lightspeed.body("Reports/Accounting/PaymentsByDay", **query), "Payments")
    assert [(row["date"], row["shopID"], row["paymentTypeID"], row["amount"]) for row in rows] == [
        ("11/02/2025", "1", "1", "24.20"),
        ("11/02/2025", "1", "3", "10.75"),
    ]


def test_the_call_that_overflows_the_bucket_is_let_in_and_the_next_is_not(paced: Lightspeed) -> None:
    told = [paced.get(f"{BASE}/Shop.json") for _ in range(4)]
    assert [answer.status_code for answer in told] == [200, 200, 200, 429]
    assert [answer.headers["x-ls-api-bucket-level"] for answer in told] == ["1/3", "2/3", "3/3", "3/3"]
    assert told[3].headers["x-ls-api-ratelimit-type"] == "api-leaky-bucket"
    paced.now += timedelta(seconds=int(told[3].headers["retry-after"]))
    assert paced.get(f"{BASE}/Shop.json").status_code == 200


def test_the_old_refresh_token_lives_until_the_new_access_token_is_used(lightspeed: Lightspeed) -> None:
    first = lightspeed.consent()
    assert first["expires_in"] == 1800
    lost, second = lightspeed.refresh(first), lightspeed.refresh(first)
    assert lost["refresh_token"] != second["refresh_token"]
    assert lightspeed.get(f"{BASE}/Shop.json", text(second, "access_token")).status_code == 200
    assert lightspeed.refresh(first)["error"] == "invalid_grant"
    assert lightspeed.refresh(lost)["error"] == "invalid_grant"
    assert "access_token" in lightspeed.refresh(second)


def test_an_access_token_ends_after_half_an_hour(lightspeed: Lightspeed) -> None:
    token = text(lightspeed.consent(), "access_token")
    assert lightspeed.get(f"{BASE}/Shop.json", token).status_code == 200
    lightspeed.now += timedelta(seconds=1801)
    answer = lightspeed.get(f"{BASE}/Shop.json", token)
    assert (answer.status_code, decode(answer.content)["message"]) == (401, "Access token could not be verified.")


def test_a_scope_that_was_not_granted_is_refused(lightspeed: Lightspeed) -> None:
    token = text(lightspeed.consent("employee:register"), "access_token")
    assert lightspeed.get(f"{BASE}/Sale.json", token).status_code == 200
    assert lightspeed.get(f"{BASE}/Shop.json", token).status_code == 403
    assert lightspeed.get(f"{BASE}/Reports/Accounting/TaxesByDay.json", token).status_code == 403


def test_the_fortnight_has_what_a_careless_reader_trips_over(lightspeed: Lightspeed) -> None:
    sales = lightspeed.shelf.all("lightspeed-sale")
    payments = [payment for sale in sales for payment in children(sale, "SalePayments")]
    late = [_moment(sale, "updatetime") - _moment(sale, "completeTime") for sale in sales if "completeTime" in sale]
    assert timedelta(hours=26) in late
    assert [sale["saleID"] for sale in sales if sale["voided"] == "true"]
    assert [sale for sale in sales if sale["completed"] == "false" and sale["SalePayments"]]
    assert [sale for sale in sales if sale["total"] == "0" and sale["displayableTotal"] == "50"]
    assert {payment["paymentTypeID"] for payment in payments} == {"1", "2", "3", "4", "5", "6", "12", "17"}
    assert [payment for payment in payments if payment["archived"] == "true"]
    assert [payment for payment in payments if payment["tipAmount"] != "0"]


def test_filling_twice_adds_nothing_and_a_second_shelf_is_the_same(lightspeed: Lightspeed, tmp_path: Path) -> None:
    before = _everything(lightspeed.shelf)
    fill(lightspeed.shelf)
    with Shelf(tmp_path / "second.db") as second:
        fill(second)
        assert _everything(second) == _everything(lightspeed.shelf) == before


def test_customers_are_in_the_records_for_a_connector_to_leave_out(lightspeed: Lightspeed) -> None:
    told = json.dumps(_everything(lightspeed.shelf))
    assert [canary for canary in CANARIES if canary not in told] == []


def test_the_late_change_voids_one_sale_of_a_traded_day(lightspeed: Lightspeed) -> None:
    before = _everything(lightspeed.shelf)["sale"]
    sale_id = change(lightspeed.shelf)
    after = _everything(lightspeed.shelf)["sale"]
    assert [text(new, "saleID") for old, new in zip(before, after, strict=True) if old != new] == [sale_id]


def test_tokyo_has_no_cents_and_its_prices_hold_the_tax(tmp_path: Path) -> None:
    with Shelf(tmp_path / "tokyo.db") as shelf:
        fill_tokyo(shelf)
        for sale in shelf.all("lightspeed-sale"):
            assert Decimal(text(sale, "total")) == Decimal(text(sale, "total")).to_integral_value()
            assert Decimal(text(sale, "total")) == Decimal(text(sale, "calcSubtotal")) - Decimal(
                text(sale, "calcDiscount")
            )


def _everything(shelf: Shelf) -> dict[str, list[Body]]:
    return {kind: shelf.all(f"lightspeed-{kind}") for kind in (*KINDS, "customer")}


def _moment(sale: Body, name: str) -> datetime:
    return datetime.fromisoformat(text(sale, name))
