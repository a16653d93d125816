"""Every error of the house, sorted by who can mend it."""

from __future__ import annotations

from datetime import datetime


class ConnectorError(Exception):
    """The base of all errors; its text says what, which, and what to do next."""


class RetryLater(ConnectorError):
    """Time mends it: the other side is busy or away. `after` is the earliest moment to ask again, when it was told."""

    def __init__(self, message: str, after: datetime | None = None) -> None:
        super().__init__(message)
        self.after = after


class Unsent(ConnectorError):
    """Nothing went out: `because` says why, and what mends that mends this."""

    def __init__(self, because: ConnectorError) -> None:
        super().__init__(str(because))
        self.because = because


class OutcomeUnknown(ConnectorError):
    """Time mends it: the books may or may not hold the document. Look it up by its mark; never resend blindly."""


class NeedsReconnect(ConnectorError):
    """The owner mends it: consent ran out, was revoked, or lacks a scope."""


class ConsentEnded(NeedsReconnect):
    """The provider refused the refresh token itself: asking it again cannot help."""


class TokenRefused(NeedsReconnect):
    """The provider no longer takes an access token that had life left; one renewal may mend it."""


class NeedsScope(NeedsReconnect):
    """The consent, or the plan, does not reach this one thing; everything else of the connection works."""


class NeedsMapping(ConnectorError):
    """The bookkeeper mends it: a tender, tax, product or account without a home."""


class Rejected(ConnectorError):
    """The bookkeeper mends it: the books refused the document for good (closed period, archived account).

    `code` is the books' own code or text for it."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class AlreadyThere(Rejected):
    """The books hold a document of this number already: look it up, adopt it if it is ours."""


class Unreadable(ConnectorError):
    """Whoever gave the input mends it: a file, map or setting whose structure cannot be read."""


class Broken(ConnectorError):
    """A developer mends it: a record or document of impossible shape."""
