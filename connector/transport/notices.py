"""Notices on their way out: a mail over SMTP, or a signed POST to a web address. Each carries an id that is the same
however often it is sent, so that a repeat can be told from another notice."""

from __future__ import annotations

import hashlib
import hmac
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

import requests

from connector.errors import ConnectorError, Rejected, RetryLater
from connector.transport.mail_server import MailServer
from connector.transport.sessions import http_session

SECONDS = 30
ANSWER_BYTES = 64 * 1024  # nobody needs to say more to a notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one person; `name` is its id, the same in every repeat."""

    name: str
    to: str
    subject: str
    text: str


def send_mail(server: MailServer, mail: Mail, now: datetime) -> None:
    """Sends a mail. Raises RetryLater where the server is away or busy, Rejected where it takes no such mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = server.sender, mail.to, mail.subject
    message["Message-ID"] = f"<{mail.name}@{server.sender.rpartition('@')[2] or 'connector'}>"
    message["Date"] = now
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    try:
        with _connected(server) as smtp:
            smtp.send_message(message)
    except (smtplib.SMTPException, OSError) as error:
        raise _mail_error(error, server) from None


def post_notice(url: str, secret: bytes, name: str, body: bytes, now: datetime) -> None:
    """Posts JSON, signed: Connector-Signature is `t=SECONDS,v1=HEX`, the HMAC-SHA256 of SECONDS, a dot and the body
    under the secret; Connector-Delivery is the id. Raises RetryLater or Rejected."""
    moment = str(int(now.timestamp()))
    signature = hmac.new(secret, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "Connector-Delivery": name,
        "Connector-Signature": f"t={moment},v1={signature}",
    }
    try:
        with http_session(ANSWER_BYTES) as session:
            answer = session.post(url, data=body, headers=headers, timeout=SECONDS)
    except requests.RequestException as error:
        raise RetryLater(f"The webhook cannot be reached: {type(error).__name__}.") from None
    if answer.status_code >= 500 or answer.status_code in (408, 425, 429):
        raise RetryLater(f"The webhook answered {answer.status_code}.")
    if answer.status_code >= 300:
        raise Rejected(f"The webhook answered {answer.status_code}; check its address.")


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    with smtp:
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
        yield smtp


def _mail_error(error: Exception, server: MailServer) -> ConnectorError:
    """4xx and everything about the connection passes; 5xx about the mail itself does not. Nothing of the person."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    else:
        codes = [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []
    if codes and all(code >= 500 for code in codes) and not isinstance(error, smtplib.SMTPAuthenticationError):
        return Rejected(f"{server.host} does not take the mail ({codes[0]}); check the address.")
    return RetryLater(f"{server.host} takes no mail now ({type(error).__name__}).")
