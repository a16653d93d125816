"""Xero's answers, sorted: what was read, or the error of the house that says who can mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.errors import (
    AlreadyThere,
    Broken,
    ConnectorError,
    NeedsReconnect,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    TokenRefused,
)
from connector.targets.xero.records import RecordRead
from connector.targets.xero.wire import decode, items

TEXT_LENGTH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as received; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def trace_id(self) -> str:
        return self.headers.get("xero-correlation-id", "")


def body_of(reply: Reply, *, writing: bool, now: datetime) -> dict[str, object]:
    """The body of a good answer; raises the error that any other answer stands for.

    An answer to a write that leaves its outcome open is OutcomeUnknown; the same to a read is RetryLater."""
    if 200 <= reply.status < 300:
        try:
            return decode(reply.content)
        except ValueError as error:
            raise _open("Xero's answer could not be read", reply, writing) from error
    raise _error_of(reply, writing, now)


def refusal(texts: Sequence[str]) -> Rejected:
    """What the books said against a record, all of it."""
    said = "; ".join(texts)[:TEXT_LENGTH]
    low = said.casefold()
    if "unique" in low:
        return AlreadyThere(f"Xero holds a record of this number or name already: {said}", code="duplicate")
    if "lock date" in low or "locked" in low:
        return Rejected(f"Xero's books are locked at this date: {said}", code="closed_period")
    return Rejected(f"Xero refused the record: {said}", code=texts[0][:100] if texts else "")


def _error_of(reply: Reply, writing: bool, now: datetime) -> ConnectorError:
    texts = _texts(reply)
    said = _said(reply, texts)
    if reply.status == 429:
        return _busy(reply, now)
    if reply.status == 401:
        return TokenRefused(f"Xero no longer accepts this connection ({said}): connect it again.")
    if reply.status == 403:
        return _forbidden(said)
    if reply.status >= 500 or reply.status in (408, 409):
        return _open(f"Xero answered {said}", reply, writing)
    if "idempotency" in said.casefold():
        return Broken(f"An idempotency key was used for two different payloads: {said}")
    if reply.status == 400:
        return refusal(texts or [said])
    return Broken(f"Xero answered what it never should: {said}")


def _busy(reply: Reply, now: datetime) -> RetryLater:
    limit = reply.headers.get("x-rate-limit-problem", "") or "call"
    seconds = reply.headers.get("retry-after", "")
    after = now + timedelta(seconds=int(seconds)) if seconds.isdigit() else None
    return RetryLater(f"Xero's {limit} limit is reached; nothing was done. It goes on by itself.", after)


def _forbidden(said: str) -> ConnectorError:
    low = said.casefold()
    if "authoriz" in low or "authenticat" in low or "scope" in low or low == "403":
        return NeedsReconnect(
            f"This connection may not do that in Xero ({said}): connect it again as a person who may, with all scopes."
        )
    return Rejected(f"Xero does not allow it: {said}", code="forbidden")


def _open(text: str, reply: Reply, writing: bool) -> ConnectorError:
    traced = f"{text} (trace {reply.trace_id})" if reply.trace_id else text
    if writing:
        return OutcomeUnknown(f"{traced}: whether it was written is not known. It is looked up before it is repeated.")
    return RetryLater(f"{traced}. It is asked again by itself.")


def _texts(reply: Reply) -> list[str]:
    """Every validation text of a refusal; none where the body is empty or no JSON."""
    try:
        body = decode(reply.content)
        found = [text for element in items(body, "Elements", RecordRead) for text in element.texts]
    except (ValueError, Broken):
        return []
    # Some bodies write their keys small: 401 and 403 do both.
    by_name = {name.casefold(): value for name, value in body.items()}
    told = [str(by_name[name]) for name in ("message", "title", "detail") if name in by_name]
    return found or told


def _said(reply: Reply, texts: Sequence[str]) -> str:
    return f"{reply.status} {'; '.join(texts)}"[:TEXT_LENGTH] if texts else str(reply.status)
