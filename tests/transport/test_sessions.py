"""Every call goes out with limits, straight to where it was sent."""

from __future__ import annotations

import gzip

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter

from connector.errors import Broken, Unreadable
from connector.transport.sessions import CONNECT_SECONDS, READ_SECONDS, check_address, http_session, httpx_client
from tests.transport.provider import Provider, Ready

ELSEWHERE = {"location": "/elsewhere"}


class Listening(HTTPAdapter):
    """Notes the limits a request was sent with."""

    def __init__(self) -> None:
        super().__init__()
        self.timeouts: list[object] = []

    def send(self, request: requests.PreparedRequest, *args: object, **limits: object) -> requests.Response:
        self.timeouts.append(limits["timeout"])
        answer = requests.Response()
        answer.status_code = 200
        answer._content = b""
        answer.url = request.url or ""
        return answer


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD"])
def test_every_request_has_a_time_limit_even_when_the_caller_asks_for_none(method: str) -> None:
    session, listening = http_session(), Listening()
    session.mount("https://", listening)
    session.request(method, "https://books.example/a")
    session.request(method, "https://books.example/a", timeout=None)
    assert listening.timeouts == [(CONNECT_SECONDS, READ_SECONDS)] * 2


def test_every_httpx_request_has_a_time_limit_even_when_the_caller_asks_for_none(provider: Provider) -> None:
    seen: list[httpx.Response] = []
    with httpx_client(seen.append) as client:
        client.get(provider.base_url)
        client.get(provider.base_url, timeout=None)
    limits = [response.request.extensions["timeout"] for response in seen]
    assert [(limit["connect"], limit["read"]) for limit in limits] == [(CONNECT_SECONDS, READ_SECONDS)] * 2


def test_a_redirect_is_handed_back_and_not_followed(provider: Provider) -> None:
    provider.will(Ready(status=302, headers=ELSEWHERE), Ready())
    with http_session() as session:
        answer = session.get(provider.base_url + "/here", headers={"authorization": "Bearer secret"})
    assert answer.status_code == 302
    assert [asked.path for asked in provider.asked] == ["/here"]


def test_an_httpx_redirect_is_handed_back_and_not_followed(provider: Provider) -> None:
    provider.will(Ready(status=307, headers=ELSEWHERE), Ready())
    with httpx_client() as client:
        assert client.get(provider.base_url + "/here").status_code == 307
    assert [asked.path for asked in provider.asked] == ["/here"]


@pytest.mark.parametrize("lost", [Ready(is_dropped=True), Ready(is_cut=True)])
def test_a_call_whose_answer_is_lost_is_sent_once(provider: Provider, lost: Ready) -> None:
    provider.will(lost)
    with http_session() as session, pytest.raises(requests.RequestException):
        session.put(provider.base_url + "/journal", data=b"x")
    assert len(provider.asked) == 1


def test_an_httpx_call_whose_answer_is_lost_is_sent_once(provider: Provider) -> None:
    provider.will(Ready(is_dropped=True))
    with httpx_client() as client, pytest.raises(httpx.TransportError):
        client.put(provider.base_url + "/journal", content=b"x")
    assert len(provider.asked) == 1


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_beyond_the_size_limit_is_not_read_to_its_end(provider: Provider, packed: bool) -> None:
    body = gzip.compress(b"0" * 2_000_000) if packed else b"0" * 2_000_000
    provider.will(Ready(body=body, headers={"content-encoding": "gzip"} if packed else {}))
    with http_session(answer_bytes=100_000) as session, pytest.raises(Broken, match="larger than 100000 bytes"):
        session.get(provider.base_url)


def test_an_httpx_answer_beyond_the_size_limit_is_not_read_to_its_end(provider: Provider) -> None:
    provider.will(Ready(body=b"0" * 200_000))
    with httpx_client(answer_bytes=100_000) as client, pytest.raises(Broken, match="larger than 100000 bytes"):
        client.get(provider.base_url)


def test_an_answer_within_the_limit_arrives_whole_and_unpacked(provider: Provider) -> None:
    provider.will(Ready(body=gzip.compress(b"0" * 90_000), headers={"content-encoding": "gzip"}))
    with http_session(answer_bytes=100_000) as session:
        assert session.get(provider.base_url).content == b"0" * 90_000


def test_the_bytes_of_an_answer_are_seen_before_the_library_reads_them(provider: Provider) -> None:
    provider.will(Ready(body=b'{"amount": 1}'))
    seen: list[bytes] = []
    with httpx_client(lambda response: seen.append(response.content)) as client:
        assert client.get(provider.base_url).json() == {"amount": 1}
    assert seen == [b'{"amount": 1}']


def test_a_proxy_set_in_the_environment_is_not_used(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with http_session() as session, httpx_client() as client:
        assert session.get(provider.base_url).status_code == 200
        assert client.get(provider.base_url).status_code == 200


REFUSED = [
    "http://books.example/token?code=abc",
    "http://10.0.0.1/",
    "http://127.0.0.1.books.example/",
    "http://localhost.books.example/",
    "http://localhost@books.example/",
    "http://2130706433/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::1/",
    "ftp://127.0.0.1/",
    "file:///etc/hosts",
    "https:///nowhere",
    "",
]


@pytest.mark.parametrize("url", REFUSED)
def test_plain_http_beyond_this_machine_is_refused(url: str) -> None:
    with pytest.raises(Unreadable) as refused:
        check_address(url)
    assert "code=abc" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["https://books.example/a", "http://127.0.0.1:80", "http://127.9.9.9/", "http://[::1]:8/", "http://LOCALHOST"],
)
def test_https_anywhere_and_plain_http_on_this_machine_are_allowed(url: str) -> None:
    check_address(url)


def test_a_session_refuses_plain_http_before_anything_is_sent() -> None:
    with http_session() as session, pytest.raises(Unreadable, match=r"books\.example may be called over https only"):
        session.get("http://books.example/")
    with httpx_client() as client, pytest.raises(Unreadable, match=r"books\.example may be called over https only"):
        client.get("http://books.example/")
