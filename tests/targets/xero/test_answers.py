"""Which answer of Xero stands for which error of the house."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connector.errors import AlreadyThere, Broken, ConnectorError, NeedsReconnect, OutcomeUnknown, Rejected, RetryLater
from connector.targets.xero.answers import Reply, body_of, refusal

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_a_good_answer_is_its_body_with_exact_decimals() -> None:
    body = body_of(Reply(status=200, headers={}, content=b'{"Total": 0.1, "None": null}'), writing=True, now=NOW)
    assert f"{body}" == "{'Total': Decimal('0.1')}"


@pytest.mark.parametrize(
    ("status", "writing", "expected"),
    [
        (401, True, NeedsReconnect),
        (429, True, RetryLater),
        (429, False, RetryLater),
        (500, True, OutcomeUnknown),
        (503, True, OutcomeUnknown),
        (503, False, RetryLater),
        (408, True, OutcomeUnknown),
        (404, True, Broken),
        (400, True, Rejected),
        (403, True, NeedsReconnect),
    ],
)
def test_an_empty_answer_is_sorted_by_its_status(status: int, writing: bool, expected: type[ConnectorError]) -> None:
    with pytest.raises(expected):
        body_of(Reply(status=status, headers={}, content=b""), writing=writing, now=NOW)


def test_a_busy_answer_without_a_time_names_none() -> None:
    with pytest.raises(RetryLater) as caught:
        body_of(Reply(status=429, headers={"retry-after": "soon"}, content=b""), writing=True, now=NOW)
    assert caught.value.after is None


def test_a_missing_right_is_the_owners_and_another_refusal_the_bookkeepers() -> None:
    with pytest.raises(NeedsReconnect, match="AuthorizationUnsuccessful"):
        _forbidden({"title": "Forbidden", "detail": "AuthorizationUnsuccessful"})
    with pytest.raises(Rejected, match="demo company"):
        _forbidden({"Message": "Not for a demo company"})


def test_every_text_of_a_refusal_is_told() -> None:
    assert str(refusal(["One.", "Two."])) == "Xero refused the record: One.; Two."


def test_a_number_that_is_taken_is_already_there() -> None:
    assert isinstance(refusal(["Invoice # must be unique."]), AlreadyThere)


def test_a_locked_date_is_a_closed_period() -> None:
    found = refusal(["The document date cannot be before the period lock date."])
    assert (found.code, isinstance(found, AlreadyThere)) == ("closed_period", False)


def test_the_trace_id_goes_into_what_is_said_of_an_open_outcome() -> None:
    with pytest.raises(OutcomeUnknown, match="trace 77"):
        body_of(Reply(status=500, headers={"xero-correlation-id": "77"}, content=b"x"), writing=True, now=NOW)


def _forbidden(body: object) -> None:
    body_of(Reply(status=403, headers={}, content=json.dumps(body).encode()), writing=True, now=NOW)
