"""What the audit saw: a value, never an exception."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "blocking"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing to know or to mend: what, about what, how grave, and the next step."""

    code: str
    subject: str
    severity: Severity
    message: str
    fix: str = ""

    @property
    def finding_id(self) -> str:
        """Stable over runs: the same code about the same subject is the same finding."""
        return hashlib.sha256(f"{self.code}\n{self.subject}".encode()).hexdigest()[:16]
