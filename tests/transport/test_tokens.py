"""One refresh however many ask; stored before it is used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.errors import ConsentEnded, NeedsReconnect, RetryLater
from connector.transport.oauth import Answered, Client, Consent, Grant
from connector.transport.tokens import is_due, settle, token
from tests.transport.provider import Provider, Ready, tokens

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
CLIENT = Client(client_id="app-1", client_secret="secret-of-app")
OLD = Grant(
    access_token="access-1",
    refresh_token="refresh-1",
    issued_at=NOON - timedelta(minutes=59),
    expires_at=NOON + timedelta(minutes=1),
)
THREADS = 20


class Keeper:
    """Keeps one grant in memory and notes what was done with it. `on_load` runs before each load."""

    def __init__(self, grant: Grant, on_load: Callable[[], object] = lambda: None) -> None:
        self.grant = grant
        self.done: list[str] = []
        self.begun: list[str] = []
        self.answer: Answered | None = None
        self.ended = ""
        self._on_load = on_load
        self._lock = threading.Lock()

    @contextmanager
    def lock(self, connection: str) -> Iterator[None]:
        with self._lock:
            self.done.append("lock")
            yield
        self.done.append("unlock")

    def load(self, connection: str) -> Grant:
        self._on_load()
        return self.grant

    def save(self, connection: str, grant: Grant) -> None:
        assert self._lock.locked()
        self.done.append("save")
        self.grant, self.begun, self.answer = grant, [], None

    def begin(self, connection: str, grant: Grant) -> int:
        assert self._lock.locked()
        self.done.append("begin")
        self.begun.append(grant.refresh_token)
        return len(self.begun)

    def journal(self, connection: str, attempt: int, grant: Grant, answered: Answered) -> None:
        self.done.append("journal")
        self.answer = answered

    def journalled(self, connection: str, grant: Grant) -> Answered | None:
        return self.answer

    def in_doubt_since(self, connection: str, grant: Grant) -> datetime | None:
        return NOON if grant.refresh_token in self.begun else None

    def drop(self, attempt: int, outcome: str) -> None:
        self.done.append(f"drop: {outcome}")
        self.begun.pop()

    def end(self, connection: str, reason: str) -> None:
        self.done.append("end")
        self.ended = reason


class FullDisk(Keeper):
    def save(self, connection: str, grant: Grant) -> None:
        raise OSError("no space left")


class LateAnswer(Keeper):
    """Another worker's answer is in the journal at the second look only."""

    looks = 0

    def journalled(self, connection: str, grant: Grant) -> Answered | None:
        self.looks += 1
        return Answered(asked_at=NOON, body=tokens(expires_in=1800).body) if self.looks > 1 else None


def now() -> datetime:
    return NOON


def consent_of(provider: Provider) -> Consent:
    return Consent(authorize_url="", token_url=provider.base_url, revoke_url="", scopes=(), title="Xero")


def test_twenty_threads_that_find_an_old_token_make_one_refresh(provider: Provider) -> None:
    provider.will(tokens(expires_in=1800), Ready(status=400, body=b'{"error":"invalid_grant"}'))
    everyone_saw_the_old_token = threading.Barrier(THREADS)
    first_look = threading.local()

    def wait_for_the_others() -> None:
        if not getattr(first_look, "done", False):
            first_look.done = True
            everyone_saw_the_old_token.wait(30)

    keeper = Keeper(OLD, wait_for_the_others)
    with ThreadPoolExecutor(THREADS) as pool:
        asks = [pool.submit(token, keeper, "7", consent_of(provider), CLIENT, now) for _ in range(THREADS)]
    assert {ask.result() for ask in asks} == {"access-2"}
    assert len(provider.asked) == 1
    assert keeper.done.count("save") == 1
    assert keeper.done.count("lock") > 1, "several saw the old token and waited for one to refresh it"


def test_a_token_with_life_left_costs_no_call_and_no_lock(provider: Provider) -> None:
    keeper = Keeper(replace(OLD, expires_at=NOON + timedelta(hours=1)))
    assert token(keeper, "7", consent_of(provider), CLIENT, now) == "access-1"
    assert provider.asked == []
    assert keeper.done == []


def test_a_lost_refresh_answer_is_tried_later_and_leaves_the_old_pair_stored(provider: Provider) -> None:
    provider.will(Ready(body=b'{"access_token": "acc', is_cut=True))
    keeper = Keeper(OLD)
    with pytest.raises(RetryLater, match="No answer came from Xero"):
        token(keeper, "7", consent_of(provider), CLIENT, now)
    assert keeper.grant == OLD
    assert keeper.done == ["lock", "begin", "begin"]
    assert keeper.begun, "whether the provider did it is not known"


def test_the_new_pair_is_stored_before_its_access_token_is_handed_out(provider: Provider) -> None:
    provider.will(tokens(expires_in=1800))
    keeper = Keeper(OLD)
    assert token(keeper, "7", consent_of(provider), CLIENT, now) == "access-2"
    assert keeper.done == ["lock", "begin", "journal", "save", "unlock"]
    assert (keeper.grant.access_token, keeper.grant.refresh_token) == ("access-2", "refresh-2")


def test_a_new_token_that_could_not_be_stored_is_not_handed_out(provider: Provider) -> None:
    provider.will(tokens(expires_in=1800))
    with pytest.raises(OSError, match="no space left"):
        token(FullDisk(OLD), "7", consent_of(provider), CLIENT, now)


def test_the_refresh_token_sent_is_the_one_stored_last(provider: Provider) -> None:
    newer = replace(OLD, refresh_token="refresh-newer")
    grants = iter([OLD, newer])
    keeper = Keeper(OLD, lambda: setattr(keeper, "grant", next(grants)))
    provider.will(tokens(expires_in=1800))
    token(keeper, "7", consent_of(provider), CLIENT, now)
    assert provider.asked[0].form()["refresh_token"] == "refresh-newer"


def test_ended_consent_asks_the_owner_to_connect_again(provider: Provider) -> None:
    provider.will(Ready(status=400, body=b'{"error":"invalid_grant","error_description":"user_not_in_realm"}'))
    with pytest.raises(NeedsReconnect, match=r"Access to Xero has ended or was withdrawn.*user_not_in_realm"):
        token(Keeper(OLD), "7", consent_of(provider), CLIENT, now)


def test_the_grace_of_a_used_token_is_over_when_it_is_said_to_be(provider: Provider) -> None:
    provider.will(Ready(status=400, body=b'{"error":"invalid_grant"}'))
    keeper = Keeper(OLD)
    keeper.begun = ["refresh-1"]
    xero = replace(consent_of(provider), rotation="grace", grace=timedelta(minutes=30))
    with pytest.raises(ConsentEnded, match="the 30 minutes in which the used token would still have been taken are"):
        token(keeper, "7", xero, CLIENT, lambda: NOON + timedelta(minutes=31))
    assert keeper.ended and keeper.done == ["lock", "begin", "end"]


def test_an_answer_that_another_worker_journalled_is_adopted_before_the_owner_is_asked(provider: Provider) -> None:
    """A worker whose lease ran out journals what it got, and cannot store it."""
    provider.will(Ready(status=400, body=b'{"error":"invalid_grant"}'))
    keeper = LateAnswer(OLD)
    assert token(keeper, "7", consent_of(provider), CLIENT, now) == "access-2"
    assert keeper.done == ["lock", "begin", "save", "unlock"]


def test_a_provider_that_did_nothing_leaves_no_doubt(provider: Provider) -> None:
    provider.will(Ready(status=429, headers={"retry-after": "90"}))
    keeper = Keeper(OLD)
    with pytest.raises(RetryLater):
        token(keeper, "7", consent_of(provider), CLIENT, now)
    assert keeper.done == ["lock", "begin", "drop: RetryLater"]


def test_a_refresh_that_has_no_end_is_taken_up_though_no_token_is_due(provider: Provider) -> None:
    provider.will(tokens(expires_in=1800))
    keeper = Keeper(replace(OLD, expires_at=NOON + timedelta(hours=1)))
    settle(keeper, "7", consent_of(provider), CLIENT, now)
    assert provider.asked == []
    keeper.begun = ["refresh-1"]
    settle(keeper, "7", consent_of(provider), CLIENT, now)
    assert keeper.grant.access_token == "access-2"


def test_a_personal_token_is_used_as_it_is(provider: Provider) -> None:
    assert token(Keeper(Grant(access_token="personal")), "7", consent_of(provider), CLIENT, now) == "personal"
    assert provider.asked == []


@pytest.mark.parametrize(
    ("grant", "due"),
    [
        (replace(OLD, issued_at=NOON, expires_at=NOON + timedelta(hours=1)), False),
        (replace(OLD, issued_at=NOON - timedelta(minutes=44), expires_at=NOON + timedelta(minutes=16)), False),
        (replace(OLD, issued_at=NOON - timedelta(minutes=45), expires_at=NOON + timedelta(minutes=15)), True),
        (replace(OLD, issued_at=NOON - timedelta(days=6), expires_at=NOON + timedelta(days=24)), False),
        (replace(OLD, issued_at=NOON - timedelta(days=7), expires_at=NOON + timedelta(days=23)), True),
        (replace(OLD, issued_at=None, expires_at=NOON + timedelta(minutes=6)), False),
        (replace(OLD, issued_at=None, expires_at=NOON + timedelta(minutes=5)), True),
        (replace(OLD, refresh_token="", expires_at=NOON + timedelta(seconds=1)), False),
        (replace(OLD, refresh_token="", expires_at=NOON), True),
        (replace(OLD, expires_at=None), False),
    ],
)
def test_a_token_is_due_at_three_quarters_of_its_life_or_after_a_week(grant: Grant, due: bool) -> None:
    assert is_due(grant, NOON) is due
