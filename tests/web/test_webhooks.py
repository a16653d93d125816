"""Providers say that there is news: who did not sign is refused, who did makes a stream due, once for each event."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from connector.domain.webhook import Delivery, secret_part
from connector.sandbox import webhooks as sent
from connector.sandbox.town import Town
from connector.sandbox.webhooks import Sent
from connector.settings import Settings
from connector.store.feeds import NewConnection, Side, keep_connection, set_state
from connector.store.schedules import due_streams, take_due
from connector.sync.webhooks import receive, webhook
from tests.web.office import BOOKS, SHOPS, Clock, Served, opened_office

SECRET = "webhook-secret-canary"
AT = "2026-03-20T11:59:00Z"
ACCOUNTS = {"square": "ML1", "loyverse": "m-1", "lightspeed_x": "cornershop", "quickbooks": "9130", "xero": "tenant-1"}
STREAMS = {
    "square": {"payments", "orders"},
    "loyverse": {"receipts"},
    "lightspeed_x": {"sales"},
    "quickbooks": {"changes"},
    "xero": {"changes"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Where deliveries are sent, and what is due afterwards."""

    served: Served
    numbers: dict[str, int]

    def send(self, provider: str, delivery: Sent, path: str = "") -> httpx.Response:
        address = f"{self.served.base_url}/webhooks/{path or provider}"
        return httpx.post(address, content=delivery.body, headers=dict(delivery.headers))

    def due(self, provider: str) -> set[str]:
        with self.served.house.database.transaction() as tx:
            return {each.stream for each in due_streams(tx, 99) if each.connection_id == self.numbers[provider]}

    def url(self, provider: str) -> str:
        return f"{self.served.base_url}/webhooks/{provider}"


@pytest.fixture
def post(clock: Clock, home: Path) -> Iterator[Post]:
    settings = Settings(home=home, webhook_secrets=dict.fromkeys(ACCOUNTS, ("an older one", SECRET)))
    with opened_office(settings, clock) as served:
        with served.house.database.transaction() as tx:
            numbers = {name: keep_connection(tx, _connection(name)).id for name in ACCOUNTS}
        yield Post(served=served, numbers=numbers)


def _connection(name: str) -> NewConnection:
    side: Side = "target" if name in BOOKS else "source"
    return NewConnection(organisation="Main Street", name=name, side=side, provider=name, external_id=ACCOUNTS[name])


def delivery(post: Post, provider: str, *, secret: str = SECRET, account: str = "", event: str = "e1") -> Sent:
    """One delivery of a provider about the account."""
    who = account or ACCOUNTS[provider]
    made: dict[str, Callable[[], Sent]] = {
        "square": lambda: sent.square(
            secret, post.url("square"), merchant=who, kind="payment.updated", event=event, at=AT
        ),
        "loyverse": lambda: sent.loyverse(secret, merchant=who, kind="receipts.update", at=AT),
        "lightspeed_x": lambda: sent.lightspeed_x(secret, shop=who, kind="sale.update", version=7),
        "quickbooks": lambda: sent.quickbooks(
            secret, realms=[who, "another"], kind="qbo.journalentry.updated.v1", event=event, at=AT
        ),
        "xero": lambda: sent.xero(secret, tenants=[who, "another"]),
    }
    return made[provider]()


def test_every_provider_that_sends_webhooks_is_tried_here() -> None:
    assert {name for name in (*SHOPS, *BOOKS) if webhook(name)} == set(ACCOUNTS)


@pytest.mark.parametrize("provider", ACCOUNTS)
def test_signed_news_makes_its_streams_due_and_an_empty_answer(provider: str, post: Post) -> None:
    answer = post.send(provider, delivery(post, provider))
    assert (answer.status_code, answer.content) == (200, b"")
    assert "set-cookie" not in answer.headers
    assert post.due(provider) == STREAMS[provider]


@pytest.mark.parametrize("provider", ACCOUNTS)
def test_row_82_what_the_provider_did_not_sign_is_refused_and_nothing_is_due(provider: str, post: Post) -> None:
    right, wrong = delivery(post, provider), delivery(post, provider, secret="another secret")
    (name,) = [each for each in right.headers if "signature" in each.lower()]
    signature = right.headers[name]
    forged = {
        "another key": wrong,
        "another body": Sent(headers=right.headers, body=right.body + b" "),
        "cut off": Sent(headers={**right.headers, name: signature[:-2]}, body=right.body),
        "empty": Sent(headers={**right.headers, name: ""}, body=right.body),
        "none": Sent(headers={k: v for k, v in right.headers.items() if k != name}, body=right.body),
    }
    for what, each in forged.items():
        answer = post.send(provider, each)
        assert (answer.status_code, answer.content) == (401, b""), what
    twice = [*right.headers.items(), (name, wrong.headers[name])]
    assert httpx.post(post.url(provider), content=right.body, headers=twice).status_code == 401
    assert post.due(provider) == set()


@pytest.mark.parametrize("provider", ACCOUNTS)
def test_row_80_the_same_event_delivered_again_is_no_news(provider: str, post: Post, clock: Clock) -> None:
    given = delivery(post, provider)
    post.send(provider, given)
    _take(post)
    for _ in range(4):
        assert post.send(provider, given).status_code == 200
    clock.pass_(days=1)
    assert post.send(provider, given).status_code == 200
    assert post.due(provider) == set()
    assert post.served.office.webhooks.counts()[(provider, "heard before")] == 5


def _take(post: Post) -> None:
    with post.served.house.database.transaction() as tx:
        take_due(tx, due_streams(tx, 99))


@pytest.mark.parametrize("provider", ACCOUNTS)
def test_row_82_news_of_an_account_that_is_not_connected_here_is_answered_and_forgotten(
    provider: str, post: Post
) -> None:
    assert post.send(provider, delivery(post, provider, account="stranger")).status_code == 200
    assert post.due(provider) == set()


@pytest.mark.parametrize("provider", ACCOUNTS)
def test_a_signed_body_that_cannot_be_read_is_answered_and_says_nothing(provider: str, post: Post) -> None:
    found = webhook(provider)
    assert found is not None
    given = delivery(post, provider)
    headers = {name.lower(): value for name, value in given.headers.items()}
    read = Delivery(headers=headers, body=given.body, secrets=(SECRET,), url=post.url(provider))
    assert found.hints(read)
    broken = signed_anew(provider, post, b"\xff{not json")
    assert found.hints(broken) == ()


def signed_anew(provider: str, post: Post, body: bytes) -> Delivery:
    """A body with the signature that its provider would give it."""
    before = post.url(provider).encode() if provider == "square" else b""
    digest = hmac.new(SECRET.encode(), before + body, hashlib.sha256).digest()
    told = f"signature={digest.hex()}" if provider == "lightspeed_x" else base64.b64encode(digest).decode()
    (name,) = [each.lower() for each in delivery(post, provider).headers if "signature" in each.lower()]
    return Delivery(headers={name: told}, body=body, secrets=(SECRET,), url=post.url(provider))


def test_row_83_many_events_of_a_busy_shop_are_one_stream_that_is_due(post: Post) -> None:
    for number in range(20):
        post.send("square", delivery(post, "square", event=f"e{number}"))
    with post.served.house.database.transaction() as tx:
        assert len(due_streams(tx, 99)) == 2


def test_xero_asks_whether_we_mean_to_receive_and_is_told_apart(post: Post) -> None:
    assert post.send("xero", sent.xero(SECRET, tenants=[])).status_code == 200
    assert post.send("xero", sent.xero("wrong", tenants=[])).status_code == 401
    assert post.due("xero") == set()


def test_the_older_form_of_intuit_is_read_too(post: Post) -> None:
    older = sent.quickbooks_older(SECRET, realm=ACCOUNTS["quickbooks"], name="JournalEntry", entity="12")
    assert post.send("quickbooks", older).status_code == 200
    assert post.due("quickbooks") == {"changes"}


@pytest.mark.parametrize("way", ["sha1 hex", "sha1 base64", "sha256 hex", "sha256 base64"])
def test_loyverse_may_sign_in_each_way_that_is_told_of_it(way: str, post: Post) -> None:
    given = sent.loyverse(SECRET, merchant=ACCOUNTS["loyverse"], kind="shifts.create", at=AT, way=way)
    assert post.send("loyverse", given).status_code == 200
    assert post.due("loyverse") == {"shifts"}


def test_an_unsigned_webhook_of_loyverse_is_taken_at_its_secret_address_only(post: Post) -> None:
    given = sent.loyverse(SECRET, merchant=ACCOUNTS["loyverse"], kind="receipts.update", at=AT, way="")
    assert post.send("loyverse", given).status_code == 401
    assert post.send("loyverse", given, f"loyverse/{'0' * 32}").status_code == 401
    assert post.due("loyverse") == set()
    assert post.send("loyverse", given, f"loyverse/{secret_part(SECRET)}").status_code == 200
    assert post.due("loyverse") == {"receipts"}


def test_withdrawn_access_makes_every_stream_of_the_shop_due(post: Post) -> None:
    given = sent.square(
        SECRET, post.url("square"), merchant="ML1", kind="oauth.authorization.revoked", event="e9", at=AT
    )
    assert post.send("square", given).status_code == 200
    assert {"orders", "payments", "payouts"} <= post.due("square") and "catalog" not in post.due("square")


def test_an_event_of_last_week_is_a_replay(post: Post, clock: Clock) -> None:
    given = delivery(post, "square")
    clock.pass_(days=8)
    assert post.send("square", given).status_code == 200
    assert post.due("square") == set()


def test_events_are_remembered_for_thirty_days(post: Post, clock: Clock) -> None:
    post.send("xero", delivery(post, "xero"))
    _take(post)
    clock.pass_(days=29)
    post.send("xero", delivery(post, "xero"))
    assert post.due("xero") == set()
    clock.pass_(days=2)
    post.send("xero", delivery(post, "xero"))
    assert post.due("xero") == {"changes"}


def test_news_that_concerns_no_stream_of_ours_is_answered(post: Post) -> None:
    for given in (
        sent.square(SECRET, post.url("square"), merchant="ML1", kind="loyalty.account.created", event="e", at=AT),
    ):
        assert post.send("square", given).status_code == 200
    assert post.send("xero", sent.xero(SECRET, tenants=["tenant-1"], category="CONTACT")).status_code == 200
    assert post.due("square") == set() and post.due("xero") == set()


def test_a_delivery_that_is_too_large_is_not_read(post: Post) -> None:
    assert httpx.post(post.url("square"), content=b"x" * (2 * 1024 * 1024 + 1)).status_code == 413


def test_a_provider_without_webhooks_has_no_address(post: Post) -> None:
    for name in ("dash", "amazon", "lightspeed", "nobody"):
        assert httpx.post(post.url(name), content=b"{}").status_code == 404


def test_without_a_secret_nothing_is_believed(clock: Clock, home: Path) -> None:
    with opened_office(Settings(home=home), clock) as served:
        given = sent.xero("", tenants=["tenant-1"])
        answer = httpx.post(f"{served.base_url}/webhooks/xero", content=given.body, headers=dict(given.headers))
        assert answer.status_code == 401


def test_the_applications_secret_signs_where_the_provider_does_so(served: Served, town: Town) -> None:
    _, secret = town.client("lightspeed_x")
    given = sent.lightspeed_x(secret, shop="stranger", kind="sale.update", version=1)
    address = f"{served.base_url}/webhooks/lightspeed_x"
    assert httpx.post(address, content=given.body, headers=dict(given.headers)).status_code == 200
    assert served.office.webhooks.counts() == {("lightspeed_x", "nobody here"): 1}


def test_a_disconnected_shop_is_not_marked(post: Post) -> None:
    with post.served.house.database.transaction() as tx:
        set_state(tx, post.numbers["square"], "disconnected")
    given = delivery(post, "square")
    read = Delivery(
        headers={name.lower(): value for name, value in given.headers.items()},
        body=given.body,
        secrets=(SECRET,),
        url=post.url("square"),
    )
    assert receive(post.served.house, "square", read) == "nobody here"
