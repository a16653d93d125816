"""The mail server that notices go out by. A value only: what sends is in notices.py."""

from __future__ import annotations

from dataclasses import dataclass, field

from connector.errors import Unreadable
from connector.transport.hosts import is_loopback

SECURITIES = ("starttls", "tls", "plain")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail goes out. `security`: starttls, tls (from the first byte on), or plain, for this machine only."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "starttls"

    def __post_init__(self) -> None:
        if self.security not in SECURITIES:
            raise Unreadable(f"CONNECTOR_SMTP_SECURITY is {', '.join(SECURITIES)}, not {self.security!r}.")
        if self.security == "plain" and not is_loopback(self.host):
            raise Unreadable(
                f"{self.host} is given mail encrypted only: CONNECTOR_SMTP_SECURITY plain is for this machine."
            )
