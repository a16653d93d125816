"""Notices: what blocks, or ends a consent, at once, the rest in a digest; by mail and webhook; each finding told once
to a person."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from connector.domain.money import decimal_text, grouped_text
from connector.errors import ConnectorError, RetryLater, Unreadable
from connector.store import notices as stored
from connector.store.notices import Batch, Told
from connector.sync.house import House

MOST_MESSAGES = 500  # in one run; the next one goes on
SHOWN = 50  # findings in a mail; the queue has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a run told: messages sent, to be tried again, and given up."""

    sent: int = 0
    later: int = 0
    refused: int = 0


def send_notices(house: House) -> Sent:
    """Writes down what is to be told, and sends what is due. Run it as often as you like: what was sent is not sent
    again, and what a dead process left half done goes out once more under the same id."""
    with house.database.transaction() as tx:
        stored.make_notices(tx, house.now())
    done = Sent()
    for _ in range(MOST_MESSAGES):
        with house.database.transaction() as tx:
            name = stored.claim(tx, house.now())
            batch = stored.batch(tx, name) if name else None
        if batch is None:
            break
        done = _told(house, batch, done)
    return done


def _told(house: House, batch: Batch, done: Sent) -> Sent:
    try:
        _send(house, batch)
    except ConnectorError as error:
        may_pass = isinstance(error, RetryLater)
        with house.database.transaction() as tx:
            stored.failed(tx, batch.name, str(error), house.now(), for_good=not may_pass)
        return replace(done, later=done.later + 1) if may_pass else replace(done, refused=done.refused + 1)
    with house.database.transaction() as tx:
        stored.sent(tx, batch.name, house.now())
    return replace(done, sent=done.sent + 1)


def _send(house: House, batch: Batch) -> None:
    from connector.transport.notices import Mail, post_notice, send_mail  # loads HTTP libraries

    if batch.way == "mail":
        if house.mail is None:
            raise RetryLater("No mail server is set: CONNECTOR_SMTP_HOST and CONNECTOR_SMTP_FROM.")
        mail = Mail(name=batch.name, to=batch.email, subject=subject(batch), text=text(batch))
        send_mail(house.mail, mail, house.now())
        return
    if not batch.webhook or not batch.sealed:
        raise Unreadable(f"{batch.person} has no webhook any more.")
    secret = house.vault.open(batch.sealed, secret_row(batch.person_id))
    post_notice(batch.webhook, secret, batch.name, json.dumps(body(batch), ensure_ascii=False).encode(), house.now())


def secret_row(person_id: int) -> str:
    """What the secret of a person's webhook is sealed for."""
    return f"person:{person_id}:webhook"


def subject(batch: Batch) -> str:
    """How many, how grave, and where."""
    count = len(batch.told)
    places = sorted({told.organisation for told in batch.told})
    where = places[0] if len(places) == 1 else f"{len(places)} organisations"
    what = "finding" if count == 1 else "findings"
    if batch.kind != "at once":
        return f"{count} new {what} for {where} ({batch.kind})"
    if all(told.finding.severity == "blocking" for told in batch.told):
        return f"{count} {what} {'keeps' if count == 1 else 'keep'} documents from the books of {where}"
    return f"{count} {what} at {where} cannot wait"


def text(batch: Batch) -> str:
    """The mail: each finding with its money, its sentence and the next step."""
    told = sorted(batch.told, key=lambda each: (each.organisation, each.feed, each.connection, -each.finding.amount))
    more = f"and {len(told) - SHOWN} more.\n\n" if len(told) > SHOWN else ""
    return "\n".join(map(_paragraph, told[:SHOWN])) + "\n" + more + "connector queue lists everything that is open.\n"


def body(batch: Batch) -> dict[str, object]:
    """The same as data, for a webhook; amounts as decimal text."""
    return {
        "id": batch.name,
        "kind": batch.kind,
        "person": batch.person,
        "findings": [
            {
                "id": told.finding.finding_id,
                "organisation": told.organisation,
                "feed": told.feed,
                "connection": told.connection,
                "code": told.finding.code,
                "severity": told.finding.severity,
                "subject": told.finding.subject,
                "message": told.finding.message,
                "fix": told.finding.fix,
                "amount": decimal_text(told.finding.amount, told.finding.currency) if told.finding.currency else "",
                "currency": told.finding.currency,
                "blocked": list(told.finding.blocked),
                "first_seen": told.first_seen.isoformat(),
            }
            for told in batch.told
        ],
    }


def _paragraph(told: Told) -> str:
    finding = told.finding
    amount = f"  {grouped_text(finding.amount, finding.currency)} {finding.currency}" if finding.currency else ""
    rows = [
        f"{told.organisation} · {told.feed or told.connection} · {finding.severity}{amount}  ({finding.finding_id})",
        finding.message,
    ]
    return "\n".join([*rows, *([f"→ {finding.fix}"] if finding.fix else [])]) + "\n"
