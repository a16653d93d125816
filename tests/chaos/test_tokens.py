"""The fault matrix, rows 70 to 78, and 56 and 59: tokens of both books. The scenarios are those that every provider's
tokens are held to (tests/transport/test_token_contract.py); here they bear their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.transport.exchange import read_grant
from connector.transport.oauth import Consent, Grant
from tests.transport import test_token_contract as contract
from tests.transport.token_stand import Stand, stand_of


@pytest.fixture(params=["quickbooks", "xero"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    with stand_of(request.param, tmp_path) as opened:
        yield opened


def test_row_56_a_refusal_in_the_middle_is_one_refresh_by_one_holder(stand: Stand) -> None:
    contract.test_an_access_token_that_is_revoked_early_is_renewed_once(stand)


def test_row_59_consent_to_another_company_is_refused_unless_confirmed(stand: Stand) -> None:
    contract.test_another_company_is_refused_unless_confirmed_and_then_stands_beside_the_first(stand)


def test_row_70_a_crash_before_the_refresh_call_is_closed_and_refreshed_later(stand: Stand) -> None:
    contract.test_a_crash_during_a_refresh_ends_as_the_last_word_of_the_provider_allows(
        stand, "refresh.attempt_committed"
    )


def test_row_71_and_72_a_lost_answer_costs_what_the_provider_grants(stand: Stand) -> None:
    """Xero has its grace; QuickBooks has none, and the owner is told."""
    contract.test_a_lost_answer_costs_what_the_rule_of_the_provider_says(stand)


@pytest.mark.parametrize("point", ["refresh.received", "refresh.journalled"])
def test_row_73_an_answer_in_the_journal_is_adopted_after_a_crash(point: str, stand: Stand) -> None:
    contract.test_a_crash_during_a_refresh_ends_as_the_last_word_of_the_provider_allows(stand, point)


def test_row_74_an_answer_that_the_database_did_not_take_is_adopted(stand: Stand) -> None:
    contract.test_an_answer_that_the_database_did_not_take_is_adopted_later(stand)


def test_row_75_twenty_workers_make_one_refresh(stand: Stand) -> None:
    contract.test_twenty_workers_that_meet_an_expired_token_make_one_refresh(stand)


def test_row_76_a_consent_that_was_withdrawn_is_told_and_not_asked_for_again(stand: Stand) -> None:
    contract.test_consent_that_was_withdrawn_is_asked_for_once_and_then_the_owner_is_told(stand)


def test_row_77_an_answer_without_a_refresh_token_keeps_the_old_one() -> None:
    at = datetime(2026, 3, 14, tzinfo=UTC)
    consent = Consent(authorize_url="", token_url="", revoke_url="", scopes=(), title="Xero")
    before = Grant(access_token="a1", refresh_token="r1")
    assert read_grant(consent, b'{"access_token":"a2","expires_in":1800}', before, at).refresh_token == "r1"


def test_row_78_a_token_revoked_early_is_renewed_once_and_then_the_owner_is_asked(stand: Stand) -> None:
    contract.test_a_connection_that_is_refused_with_a_new_token_too_waits_for_the_owner(stand)


@pytest.mark.parametrize("point", ["refresh.bytes_out", "refresh.committed"])
def test_row_62_a_refresh_that_dies_anywhere_is_taken_up(point: str, stand: Stand) -> None:
    """The sixth scenario; the other points are rows 70 and 73."""
    if point == "refresh.committed":
        contract.test_an_answer_that_was_stored_is_not_asked_for_again_after_a_crash(stand)
    else:
        contract.test_a_crash_during_a_refresh_ends_as_the_last_word_of_the_provider_allows(stand, point)
