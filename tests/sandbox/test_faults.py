"""The switches of the stand-ins: answers that are lost, failures on demand."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from connector.sandbox.calls import Answer, Call, endpoint
from connector.sandbox.faults import Faults
from connector.sandbox.serving import Served, serve
from connector.sandbox.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with Shelf(tmp_path / "till.shop") as shelf:
        yield shelf


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def shop(shelf: Shelf, faults: Faults) -> Iterator[Served]:
    def keep(call: Call) -> Answer:
        shelf.put("note", str(shelf.next_number("note")), call.json())
        return Answer(body={"kept": len(shelf.all("note"))})

    app = Starlette(routes=[Route("/Notes", endpoint(keep), methods=["POST"]), *faults.routes()])
    with serve(faults.around(app)) as served:
        yield served


def write(shop: Served, path: str = "/Notes") -> httpx.Response:
    return httpx.post(shop.base_url + path, json={"text": "till counted"}, trust_env=False)


def test_answer_lost_before_the_commit_leaves_nothing_behind(shop: Served, shelf: Shelf, faults: Faults) -> None:
    faults.lose_answer(when="before")
    with pytest.raises(httpx.TransportError):
        write(shop)
    assert shelf.all("note") == []


def test_answer_lost_after_the_commit_leaves_the_work_done(shop: Served, shelf: Shelf, faults: Faults) -> None:
    faults.lose_answer(when="after")
    with pytest.raises(httpx.TransportError):
        write(shop)
    assert shelf.all("note") == [{"text": "till counted"}]


def test_lost_answer_happens_as_often_as_asked_and_then_all_is_well(shop: Served, shelf: Shelf, faults: Faults) -> None:
    faults.lose_answer(when="after", times=2)
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            write(shop)
    assert write(shop).json() == {"kept": 3}


def test_lost_answer_makes_no_noise(shop: Served, faults: Faults, caplog: pytest.LogCaptureFixture) -> None:
    faults.lose_answer(when="after")
    with pytest.raises(httpx.TransportError):
        write(shop)
    shop.close()
    assert caplog.records == []


@pytest.mark.parametrize(("path", "method"), [("/invoices", ""), ("", "GET")])
def test_fault_for_another_call_waits(shop: Served, faults: Faults, path: str, method: str) -> None:
    faults.lose_answer(when="before", path_contains=path, method=method)
    assert write(shop).status_code == 200


def test_fault_finds_its_path_whatever_the_letter_case(shop: Served, faults: Faults) -> None:
    faults.lose_answer(when="before", path_contains="/NOTES", method="post")
    with pytest.raises(httpx.TransportError):
        write(shop)


def test_failure_on_demand_comes_with_its_body_and_headers_and_nothing_is_done(
    shop: Served, shelf: Shelf, faults: Faults
) -> None:
    faults.answer_with(429, b"", {"retry-after": "7"})
    answer = write(shop)
    assert (answer.status_code, answer.content, answer.headers["retry-after"]) == (429, b"", "7")
    assert shelf.all("note") == []


def test_faults_are_set_and_cleared_from_another_process(shop: Served) -> None:
    control = shop.base_url + "/_sandbox/faults"
    assert httpx.post(control, json={"status": 503, "times": 5}, trust_env=False).status_code == 201
    assert write(shop).status_code == 503
    assert httpx.delete(control, trust_env=False).status_code == 204
    assert write(shop).status_code == 200


@pytest.mark.parametrize("wish", [{}, {"when": "sometimes"}, {"when": "after", "status": 500}])
def test_fault_nobody_understands_is_refused(shop: Served, wish: dict[str, object]) -> None:
    answer = httpx.post(shop.base_url + "/_sandbox/faults", json=wish, trust_env=False)
    assert answer.status_code == 400
    assert "before" in answer.json()["error"]


def test_shelf_keeps_all_puts_of_a_transaction_or_none(shelf: Shelf) -> None:
    with pytest.raises(RuntimeError), shelf.transaction():
        shelf.put("sale", "1", {"net": 100})
        raise RuntimeError("power cut")
    assert shelf.all("sale") == []
    with shelf.transaction():
        shelf.put("sale", "1", {"net": 100})
        shelf.put("sale", "2", {"net": 250})
    assert [sale["net"] for sale in shelf.all("sale")] == [100, 250]


def test_shelf_meets_the_same_books_again_after_a_restart(tmp_path: Path) -> None:
    with Shelf(tmp_path / "books") as shelf:
        shelf.put("sale", "1", {"net": 100}, mark="SQ-1")
        shelf.next_number("sale")
    with Shelf(tmp_path / "books") as shelf:
        assert shelf.marked("sale", "SQ-1") == [{"net": 100}]
        assert shelf.next_number("sale") == 2


def test_shelf_step_that_fails_alone_leaves_the_rest_of_the_transaction(shelf: Shelf) -> None:
    with shelf.transaction():
        shelf.put("sale", "1", {"net": 100})
        with pytest.raises(RuntimeError), shelf.transaction():
            shelf.put("sale", "2", {"net": 250})
            raise RuntimeError("refused")
    assert shelf.all("sale") == [{"net": 100}]
