"""Webhooks: a provider says that there is news, and the streams it concerns are due. Polling alone is always enough."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from connector.domain.webhook import Delivery, Hint, Webhook, secret_part
from connector.settings import Settings
from connector.sources.registry import names as source_names
from connector.sources.registry import source
from connector.store.database import Transaction
from connector.store.schedules import mark_due
from connector.store.webhook_events import accounts, first_heard, forget_events
from connector.sync.house import House
from connector.targets.registry import names as target_names
from connector.targets.registry import target

Outcome = Literal["forged", "nothing", "heard before", "nobody here", "due"]

MOST_EVENTS = 1_000
LONGEST_NAME = 200
OLDEST = timedelta(days=7)  # no provider repeats for longer; what is older is a replay


def webhook(provider: str) -> Webhook | None:
    """How a provider's deliveries are read; None where it sends none."""
    if provider in source_names():
        return source(provider).webhook
    return target(provider).webhook if provider in target_names() else None


def secrets(settings: Settings, provider: str) -> tuple[str, ...]:
    """What may have signed a provider's deliveries; nothing where webhooks of it are not set up."""
    found = webhook(provider)
    told = settings.webhook_secrets.get(provider, ())
    if told or found is None or not found.signs_with_client_secret:
        return told
    _, secret = settings.clients.get(provider, ("", ""))
    return (secret,) if secret else ()


def address(settings: Settings, provider: str, base_url: str) -> str:
    """What to register at the provider; empty where it sends no webhooks, or none are set up."""
    found, known = webhook(provider), secrets(settings, provider)
    if found is None or not known:
        return ""
    return f"{base_url}/webhooks/{provider}" + (f"/{secret_part(known[0])}" if found.has_secret_address else "")


def receive(house: House, provider: str, delivery: Delivery) -> Outcome:
    """Checks who signed a delivery and marks what has news as due, once for each event. Nothing is asked of anybody."""
    found = webhook(provider)
    hints = found.hints(delivery) if found and delivery.secrets else None
    if hints is None:
        return "forged"
    recent = [
        each for each in hints[:MOST_EVENTS] if each.occurred_at is None or each.occurred_at > house.now() - OLDEST
    ]
    if not recent:
        return "nothing"
    with house.database.transaction() as tx:
        return _mark(tx, house, provider, recent)


def _mark(tx: Transaction, house: House, provider: str, hints: list[Hint]) -> Outcome:
    known = accounts(tx, provider, (each.account for each in hints))
    mine = [each for each in hints if each.account in known]
    if not mine:
        return "nobody here"
    forget_events(tx, house.now())
    new = [each for each in mine if first_heard(tx, provider, each.event_id[:LONGEST_NAME], house.now())]
    due = {(number, stream) for each in new for number in known[each.account] for stream in _streams(provider, each)}
    for number, stream in sorted(due):
        mark_due(tx, number, stream, house.now())
    return "due" if new else "heard before"


def _streams(provider: str, hint: Hint) -> tuple[str, ...]:
    if hint.streams or provider not in source_names():
        return hint.streams
    return tuple(each.name for each in source(provider).streams if not each.is_reference)
