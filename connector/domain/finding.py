"""What the audit saw: a value, never an exception."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "blocking"]

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "blocking")  # the mildest first


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing to know or to mend: what, about what, how grave, and the next step.

    `amount` is the money behind it in minor units of `currency`, never negative, and `movements` their count; `blocked`
    names the periods that wait for it, oldest first. Where a station does not know them they stay empty."""

    code: str
    subject: str
    severity: Severity
    message: str
    fix: str = ""
    amount: int = 0
    currency: str = ""
    movements: int = 0
    blocked: tuple[str, ...] = ()

    @property
    def finding_id(self) -> str:
        """Stable over runs: the same code about the same subject is the same finding."""
        return hashlib.sha256(f"{self.code}\n{self.subject}".encode()).hexdigest()[:16]


def rank(severity: Severity) -> int:
    """Higher is graver."""
    return SEVERITIES.index(severity)
