"""What QuickBooks answered, read whole (status, every fault, headers) and sorted by who can mend it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape

import msgspec

from connector.errors import (
    AlreadyThere,
    ConnectorError,
    NeedsReconnect,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    TokenRefused,
)

THROTTLE_SECONDS = 60
LONGEST_WAIT_SECONDS = 24 * 3600
_MESSAGE_LENGTH = 1000

_THROTTLED = frozenset({"3001"})
_NO_ACCESS = frozenset({"100", "120", "3100", "3200"})
_LAPSED = frozenset({"6190"})
_ALREADY = frozenset({"6140", "6240"})
_CLOSED = frozenset({"6200", "6210"})

_XML_ERROR = re.compile(r"<Error\b([^>]*)>(.*?)</Error>", re.DOTALL)
_XML_CODE = re.compile(r"\bcode=\"(\d+)\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer as received. `trace_id` is the intuit_tid that Intuit's support asks for."""

    status: int
    body: bytes
    trace_id: str = ""
    retry_after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One error of an answer; the gateway's leading zeros are gone from `code`."""

    code: str
    text: str


def error_in(answer: Answer, *, is_write: bool, now: datetime) -> ConnectorError | None:
    """The error that an answer means; None where it is a JSON object with a 2xx status and no fault.

    After a write, whatever does not say plainly that nothing was written is OutcomeUnknown."""
    faults = faults_in(answer.body)
    codes = {fault.code for fault in faults or ()}
    told = _told(answer, faults)
    if answer.status == 429 or codes & _THROTTLED:
        return RetryLater(f"QuickBooks asks us to slow down{told}", after=_after(answer, now))
    if answer.status < 500 and (answer.status in (401, 403) or codes & _NO_ACCESS):
        kind = TokenRefused if answer.status == 401 else NeedsReconnect
        return kind(f"QuickBooks does not let us in{told} Connect QuickBooks again.")
    if _is_in_doubt(answer, faults):
        return _doubt(f"QuickBooks failed in the middle of the call{told}", is_write=is_write)
    if faults:
        return _refusal(faults, codes, told)
    if faults is not None and 200 <= answer.status < 300:
        return None
    return _unreadable(answer, told, is_write=is_write)


def faults_in(body: bytes) -> list[Fault] | None:
    """Every fault of a body, JSON in either letter case or XML; None where it is neither JSON nor a fault in XML."""
    try:
        read = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _xml_faults(body.decode("utf-8", "replace")) or None
    raw = read.get("Fault") or read.get("fault")
    fault = msgspec.json.decode(raw) if raw else None
    errors = _either(fault, "Error") if isinstance(fault, dict) else []
    found = [_fault(error) for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return found or ([Fault(code="", text="a fault without a reason")] if fault else [])


def _fault(error: dict[str, object]) -> Fault:
    parts = [str(_either(error, name) or "") for name in ("Message", "Detail")]
    element = str(_either(error, "Element") or "")
    text = ": ".join(dict.fromkeys(part.strip() for part in parts if part))
    return Fault(code=_code(str(_either(error, "Code") or "")), text=f"{text} ({element})" if element else text)


def _either(found: dict[str, object], name: str) -> object:
    return found.get(name) or found.get(name.lower())


def _code(code: str) -> str:
    return code.strip().lstrip("0")


def _xml_faults(text: str) -> list[Fault]:
    faults = []
    for attributes, inner in _XML_ERROR.findall(text):
        code = _XML_CODE.search(attributes)
        words = unescape(" ".join(re.sub(r"<[^>]*>", " ", inner).split()))
        faults.append(Fault(code=_code(code[1]) if code else "", text=words))
    return faults


def _told(answer: Answer, faults: list[Fault] | None) -> str:
    said = "; ".join(f"{fault.code} {fault.text}".strip() for fault in faults or ()) or "no reason given"
    trace = f", intuit_tid {answer.trace_id}" if answer.trace_id else ""
    return f" (HTTP {answer.status}{trace}): {said[:_MESSAGE_LENGTH].rstrip('.')}."


def _after(answer: Answer, now: datetime) -> datetime:
    told = answer.retry_after.strip()
    seconds = int(told) if told.isascii() and told.isdigit() else THROTTLE_SECONDS
    return now + timedelta(seconds=min(seconds, LONGEST_WAIT_SECONDS))


def _is_in_doubt(answer: Answer, faults: list[Fault] | None) -> bool:
    if answer.status >= 500 or answer.status == 408:
        return True
    return any(
        fault.code == "10000" or (fault.code == "6000" and "unexpected error" in fault.text.lower())
        for fault in faults or ()
    )


def _doubt(message: str, *, is_write: bool) -> ConnectorError:
    return OutcomeUnknown(message) if is_write else RetryLater(message)


def _refusal(faults: list[Fault], codes: set[str], told: str) -> ConnectorError:
    if codes & _ALREADY:
        return AlreadyThere(f"QuickBooks holds this number or name already{told}", code=min(codes & _ALREADY))
    if codes & _CLOSED:
        return Rejected(f"The books are closed for this date{told}", code="closed_period")
    if codes & _LAPSED:
        return NeedsReconnect(f"The QuickBooks subscription has ended or is read-only{told} Renew it, then reconnect.")
    return Rejected(f"QuickBooks refused{told}", code=faults[0].code)


def _unreadable(answer: Answer, told: str, *, is_write: bool) -> ConnectorError:
    if is_write or answer.status < 300:
        return _doubt(f"QuickBooks' answer cannot be read{told}", is_write=is_write)
    return Rejected(f"QuickBooks refused{told}", code=str(answer.status))
