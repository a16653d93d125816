"""The policies of an organisation, every version that it had."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlmodel import col, select

from connector.errors import Unreadable
from connector.store.database import Transaction
from connector.store.tables import OrganisationRow, PolicySetRow


def keep_policies(tx: Transaction, organisation: str, text: str, now: datetime, author: str = "") -> int:
    """A new version of an organisation's policies, if it differs from the newest; gives the number in force.

    The text is to be read by the caller first. Raises Unreadable, naming the organisations there are."""
    owner = _organisation(tx, organisation)
    digest = hashlib.sha256(text.encode()).hexdigest()
    newest = _newest(tx, owner)
    if newest and newest.digest == digest:
        return newest.number
    number = newest.number + 1 if newest else 1
    tx.add(PolicySetRow(organisation_id=owner, number=number, body=text, digest=digest, author=author, decided_at=now))
    return number


def policies_text(tx: Transaction, organisation: str) -> str:
    """The policies in force as they were written; empty where there are none."""
    newest = _newest(tx, _organisation(tx, organisation))
    return newest.body if newest else ""


def policies_digest(tx: Transaction, organisation: str) -> str:
    """Changes whenever the policies do; empty where there are none."""
    newest = _newest(tx, _organisation(tx, organisation))
    return newest.digest[:16] if newest and newest.body else ""


def _newest(tx: Transaction, organisation_id: int) -> PolicySetRow | None:
    wanted = select(PolicySetRow).where(PolicySetRow.organisation_id == organisation_id)
    return tx.exec(wanted.order_by(col(PolicySetRow.number).desc()).limit(1)).first()


def _organisation(tx: Transaction, name: str) -> int:
    row = tx.exec(select(OrganisationRow).where(OrganisationRow.name == name)).first()
    if row is None:
        known = ", ".join(tx.exec(select(OrganisationRow.name).order_by(OrganisationRow.name))) or "none yet"
        raise Unreadable(f"There is no organisation {name!r}; there are: {known}.")
    return row.id or 0
