"""Books that sent webhooks and send none any more, as Xero does to an address that did not answer for a day. Nothing
is lost by it, for what changed is looked at once a day in any case; but nobody over there says so."""

from __future__ import annotations

from datetime import datetime

from connector.domain.finding import Finding
from connector.store import outbox
from connector.store.connection_findings import keep_connection_findings
from connector.store.database import Transaction
from connector.store.feeds import Connection
from connector.store.webhook_events import last_heard
from connector.targets.registry import target

UNHEARD = "webhook_silent"


def tell_unheard(tx: Transaction, connection: Connection, last: datetime | None, now: datetime) -> None:
    """Told where records that they send news of went in since the last look, and nothing was heard since; gone as soon
    as they are heard again. Whoever never sent any has none set up."""
    webhook = target(connection.provider).webhook
    heard = last_heard(tx, connection.provider)
    if last is None or heard is None or webhook is None or not webhook.tells:
        return
    is_silent = heard < last and outbox.has_sent(tx, connection.id, last, webhook.tells)
    if is_silent or heard >= last:
        told = [_finding(connection, heard)] if is_silent else []
        keep_connection_findings(tx, connection.id, UNHEARD, told, now)


def _finding(connection: Connection, heard: datetime) -> Finding:
    return Finding(
        code=UNHEARD,
        subject=connection.name,
        severity="warning",
        message=f"{connection.title or connection.name} has sent no webhook since {heard:%Y-%m-%d %H:%M} UTC, though "
        "documents went in since: it may have been switched off over there.",
        fix="Switch it on again where your application is registered. Until then changes are seen once a day.",
    )
