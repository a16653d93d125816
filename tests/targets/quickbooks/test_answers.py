"""Every shape in which QuickBooks says no, and who is asked to mend it."""

from datetime import timedelta

import pytest

from connector.errors import (
    AlreadyThere,
    ConnectorError,
    NeedsReconnect,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    TokenRefused,
)
from connector.targets.quickbooks.answers import Answer, error_in
from tests.targets.quickbooks.given import NOW


def fault(*codes_and_texts: tuple[str, str], key: str = "Fault") -> bytes:
    errors = ",".join(f'{{"Message":"m","Detail":"{text}","code":"{code}"}}' for code, text in codes_and_texts)
    return f'{{"{key}":{{"Error":[{errors}],"type":"ValidationFault"}},"time":"t"}}'.encode()


def gateway(code: str) -> bytes:
    return (
        f'{{"warnings":null,"fault":{{"error":[{{"message":"no","detail":"d","code":"{code}"}}],"type":"x"}},"time":1}}'
    ).encode()


XML = (
    b'<?xml version="1.0"?><IntuitResponse time="t"><Fault type="AUTHENTICATION"><Error code="3200">'
    b"<Message>message=AuthenticationFailed; statusCode=401</Message></Error></Fault></IntuitResponse>"
)
UNEXPECTED = fault(("6000", "An unexpected error occurred while accessing or saving your data"))


def read(status: int, body: bytes = b"", *, is_write: bool = True, retry_after: str = "") -> ConnectorError:
    answer = Answer(status=status, body=body, trace_id="1-5f0c", retry_after=retry_after)
    error = error_in(answer, is_write=is_write, now=NOW)
    assert error
    return error


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (400, fault(("6140", "TxnId=27")), AlreadyThere),
        (400, fault(("6240", "taken")), AlreadyThere),
        (400, fault(("6200", "closed")), Rejected),
        (400, fault(("2300", "unbalanced")), Rejected),
        (400, fault(("5010", "stale")), Rejected),
        (400, fault(("6000", "When you use accounts receivable, you must choose a customer")), Rejected),
        (400, fault(("6190", "subscription")), NeedsReconnect),
        (400, UNEXPECTED, OutcomeUnknown),
        (400, fault(("10000", "system failure")), OutcomeUnknown),
        (200, fault(("2500", "a fault in spite of it")), Rejected),
        (401, b"", TokenRefused),
        (401, gateway("003200"), TokenRefused),
        (401, XML, TokenRefused),
        (403, gateway("003100"), NeedsReconnect),
        (403, gateway("003001"), RetryLater),
        (429, b"", RetryLater),
        (429, gateway("003001"), RetryLater),
        (500, gateway("120"), OutcomeUnknown),
        (500, XML, OutcomeUnknown),
        (503, b"<html>Service Unavailable</html>", OutcomeUnknown),
        (504, b"", OutcomeUnknown),
        (408, fault(("", "took too long")), OutcomeUnknown),
        (200, b"", OutcomeUnknown),
        (200, b"<html></html>", OutcomeUnknown),
        (200, b"[]", OutcomeUnknown),
        (302, b"", OutcomeUnknown),
        (400, b"", OutcomeUnknown),
    ],
)
def test_answer_to_a_write_is_sorted_by_who_can_mend_it(status: int, body: bytes, wanted: type[ConnectorError]) -> None:
    assert type(read(status, body)) is wanted


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (500, b"", RetryLater),
        (503, XML, RetryLater),
        (200, b"", RetryLater),
        (400, UNEXPECTED, RetryLater),
        (429, b"", RetryLater),
        (401, XML, TokenRefused),
        (400, fault(("4000", "QueryParserError")), Rejected),
        (404, b"<html></html>", Rejected),
    ],
)
def test_answer_to_a_read_is_never_an_unknown_outcome(status: int, body: bytes, wanted: type[ConnectorError]) -> None:
    assert type(read(status, body, is_write=False)) is wanted


def test_good_answer_is_no_error() -> None:
    assert error_in(Answer(status=200, body=b'{"JournalEntry":{"Id":"1"}}'), is_write=True, now=NOW) is None
    assert error_in(Answer(status=201, body=b'{"JournalEntry":{"Fault":{}}}'), is_write=True, now=NOW) is None


def test_every_fault_is_told_not_only_the_first() -> None:
    error = read(400, fault(("2020", "AccountRef is missing"), ("2290", "negative"), ("2300", "unbalanced")))
    assert str(error) == (
        "QuickBooks refused (HTTP 400, intuit_tid 1-5f0c): 2020 m: AccountRef is missing; 2290 m: negative; "
        "2300 m: unbalanced."
    )
    assert isinstance(error, Rejected)
    assert error.code == "2020"


def test_taken_number_wins_over_other_faults_because_it_calls_for_a_look_up() -> None:
    assert isinstance(read(400, fault(("2020", "AccountRef is missing"), ("6140", "TxnId=27"))), AlreadyThere)


def test_doubt_wins_over_every_refusal() -> None:
    mixed = fault(("2500", "no such account"), ("6000", "unexpected error while saving"))
    assert isinstance(read(400, mixed), OutcomeUnknown)


def test_trace_id_is_kept_in_the_message_of_every_error() -> None:
    for status in (400, 401, 403, 429, 500):
        assert "intuit_tid 1-5f0c" in str(read(status))


@pytest.mark.parametrize(("told", "seconds"), [("30", 30), ("", 60), ("soon", 60), ("999999999", 86400), ("²", 60)])
def test_retry_after_is_kept_and_a_minute_is_waited_where_there_is_none(told: str, seconds: int) -> None:
    error = read(429, retry_after=told)
    assert isinstance(error, RetryLater)
    assert error.after == NOW + timedelta(seconds=seconds)


def test_closed_books_have_one_code_with_or_without_a_password() -> None:
    for number in ("6200", "6210"):
        error = read(400, fault((number, "The account period has closed")))
        assert isinstance(error, Rejected)
        assert error.code == "closed_period"


@pytest.mark.parametrize("body", [b'{"Fault":"no"}', b'{"Fault":{"Error":{}}}', b'{"fault":{"error":["x"]}}'])
def test_fault_of_a_shape_never_seen_is_a_refusal_not_a_crash(body: bytes) -> None:
    assert isinstance(read(400, body), Rejected)


def test_code_that_is_not_a_number_does_not_crash() -> None:
    error = read(400, fault(("QBO-X", "new")))
    assert isinstance(error, Rejected)
    assert error.code == "QBO-X"
