"""Consents under way: found by their state, taken once, sealed to their row; and events that are heard once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from connector.errors import Broken
from connector.store.consents import (
    LIFE,
    REMEMBERED,
    NewConsent,
    answer_consent,
    begin_consent,
    consent_by_id,
    consent_by_state,
    empty_consent,
    use_consent,
)
from connector.store.database import Database, Transaction
from connector.store.figures import figures, is_reachable
from connector.store.tables import ConsentRow, WebhookEventRow
from connector.store.vault import Vault
from connector.store.webhook_events import KEPT, accounts, first_heard, forget_events
from tests.store.given import NOW, database, feed_in

VAULT = Vault(keys={"k": b"0" * 32}, current="k")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Database]:
    with database(tmp_path) as ready:
        yield ready


def begun(tx: Transaction, state: str) -> int:
    new = NewConsent(provider="square", state=state, session="a session", body=b"the body canary")
    return begin_consent(tx, VAULT, new, NOW)


def test_a_consent_is_found_by_its_state_and_taken_once(opened: Database) -> None:
    with opened.transaction() as tx:
        number = begun(tx, "a state")
        kept = consent_by_state(tx, VAULT, "a state")
        assert kept is not None and (kept.id, kept.body, kept.expires_at) == (number, b"the body canary", NOW + LIFE)
        assert kept.is_of("a session") and not kept.is_of("another")
        assert consent_by_state(tx, VAULT, "a statf") is None
        assert use_consent(tx, number, NOW) and not use_consent(tx, number, NOW)
        answer_consent(tx, VAULT, number, b"the answer", NOW + timedelta(minutes=1))
        answered = consent_by_id(tx, VAULT, number)
        assert answered is not None and (answered.body, answered.answered_at) == (b"the answer", NOW)
        assert empty_consent(tx, VAULT, number) and not empty_consent(tx, VAULT, number)


def test_neither_state_nor_session_nor_body_lies_in_clear_text(opened: Database) -> None:
    with opened.transaction() as tx:
        begun(tx, "a state")
        (row,) = tx.exec(select(ConsentRow))
        assert not [each for each in row.model_dump().values() if str(each) in ("a state", "a session")]
        assert "canary" not in row.sealed


def test_what_was_sealed_for_one_consent_does_not_open_in_another(opened: Database) -> None:
    with opened.transaction() as tx:
        first, second = begun(tx, "one"), begun(tx, "two")
        moved = tx.get_one(ConsentRow, first)
        moved.sealed = tx.get_one(ConsentRow, second).sealed
        tx.add(moved)
        tx.flush()
        with pytest.raises(Broken):
            consent_by_id(tx, VAULT, first)


def test_consents_long_past_are_forgotten(opened: Database) -> None:
    with opened.transaction() as tx:
        begun(tx, "old")
        later = NOW + LIFE + REMEMBERED + timedelta(seconds=1)
        begin_consent(tx, VAULT, NewConsent(provider="square", state="new", session="s", body=b""), later)
        assert consent_by_state(tx, VAULT, "old") is None
        assert consent_by_state(tx, VAULT, "new") is not None


def test_an_event_is_heard_once_in_thirty_days(opened: Database) -> None:
    with opened.transaction() as tx:
        assert first_heard(tx, "square", "e1", NOW)
        assert not first_heard(tx, "square", "e1", NOW)
        assert first_heard(tx, "xero", "e1", NOW)
        forget_events(tx, NOW + KEPT + timedelta(seconds=1))
        assert tx.exec(select(WebhookEventRow)).all() == []


def test_accounts_are_those_in_use(opened: Database) -> None:
    feed_in(opened)
    with opened.transaction() as tx:
        assert accounts(tx, "square", ["square-1", "stranger"]) == {"square-1": [1]}
        assert accounts(tx, "square", ["quickbooks-1"]) == {}


def test_figures_of_an_empty_house_are_none_and_it_answers(opened: Database) -> None:
    feed_in(opened)
    assert is_reachable(opened)
    with opened.transaction() as tx:
        found = figures(tx, NOW)
    assert found.connections == {("square", "active"): 1, ("quickbooks", "active"): 1}
    assert (found.postings, found.runs, found.oldest_schedule, found.oldest_stream) == ({}, {}, None, None)
