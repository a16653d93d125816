"""A browser's session: one signed cookie, nothing kept here. It holds no tokens and says nothing about anybody.

The cookie is `random.opened.ends.signature`; `opened` is 1 once the setup key was given. The signature also covers the
setup key, so that a new key ends every session."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

LIFE = timedelta(hours=12)
LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser. `is_open`: it gave the setup key. `is_new`: its cookie must be sent with the answer."""

    secret: str = field(repr=False)
    is_open: bool
    ends_at: datetime
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Makes and reads the cookies of one installation."""

    key: bytes = field(repr=False)
    setup_key: str = field(repr=False)

    def fresh(self, now: datetime, *, is_open: bool = False) -> Session:
        """A new session, for the first visit and whenever its rights change."""
        return Session(secret=secrets.token_urlsafe(32), is_open=is_open, ends_at=now + LIFE, is_new=True)

    def cookie(self, session: Session) -> str:
        text = f"{session.secret}.{int(session.is_open)}.{int(session.ends_at.timestamp())}"
        return f"{text}.{self._signed('session', text)}"

    def read(self, cookie: str, now: datetime) -> Session | None:
        """The session of a cookie that we signed and that has not ended."""
        text, _, signature = cookie[:LONGEST].rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signed("session", text).encode()):
            return None
        secret, is_open, ends = text.split(".")
        ends_at = datetime.fromtimestamp(int(ends), UTC)
        return Session(secret=secret, is_open=is_open == "1", ends_at=ends_at) if ends_at > now else None

    def form_token(self, session: Session) -> str:
        """What every form of this session must send back."""
        return self._signed("form", session.secret)

    def is_form_token(self, session: Session, told: str) -> bool:
        return hmac.compare_digest(told.encode(), self.form_token(session).encode())

    def is_setup_key(self, told: str) -> bool:
        return bool(self.setup_key) and hmac.compare_digest(_digest(told), _digest(self.setup_key))

    def _signed(self, purpose: str, text: str) -> str:
        body = f"{purpose}\n{text}".encode() + _digest(self.setup_key)
        return hmac.new(self.key, body, hashlib.sha256).hexdigest()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
