"""Consents under way in a browser: found by the hash of their state, sealed, used once, forgotten soon."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import col, select

from connector.store.database import Transaction
from connector.store.tables import ConsentRow
from connector.store.vault import Vault

LIFE = timedelta(minutes=10)
REMEMBERED = timedelta(days=1)  # so that a late or repeated answer is told what it is


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsent:
    """What is asked of a provider: by which state its answer is known, and in whose session it is taken."""

    provider: str
    state: str = field(repr=False)
    session: str = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptConsent:
    """A consent under way. `body` is what was sealed; `answered_at` is None until the provider's answer came."""

    id: int
    provider: str
    session_sha256: str
    expires_at: datetime
    answered_at: datetime | None
    body: bytes = field(repr=False)

    def is_of(self, session: str) -> bool:
        """Whether it was begun in this session; compared in constant time."""
        return hmac.compare_digest(self.session_sha256, hashed(session))


def begin_consent(tx: Transaction, vault: Vault, new: NewConsent, now: datetime) -> int:
    """Keeps a consent for ten minutes and forgets those long past; its number."""
    tx.exec(delete(ConsentRow).where(col(ConsentRow.expires_at) < now - REMEMBERED))
    name = hashed(new.state)
    row = ConsentRow(
        state_sha256=name,
        session_sha256=hashed(new.session),
        provider=new.provider,
        sealed=vault.seal(new.body, _row_name(name)),
        expires_at=now + LIFE,
    )
    tx.add(row)
    tx.flush()
    return row.id or 0


def consent_by_state(tx: Transaction, vault: Vault, state: str) -> KeptConsent | None:
    row = tx.exec(select(ConsentRow).where(ConsentRow.state_sha256 == hashed(state))).first()
    return _kept(vault, row) if row else None


def consent_by_id(tx: Transaction, vault: Vault, number: int) -> KeptConsent | None:
    row = tx.get(ConsentRow, number)
    return _kept(vault, row) if row else None


def use_consent(tx: Transaction, number: int, now: datetime) -> bool:
    """Marks that its answer came; False where one came before, so that of two only one is taken."""
    unused = (
        update(ConsentRow)
        .where(col(ConsentRow.id) == number, col(ConsentRow.answered_at).is_(None))
        .values(answered_at=now)
    )
    return tx.exec(unused).rowcount == 1


def answer_consent(tx: Transaction, vault: Vault, number: int, body: bytes, now: datetime) -> None:
    """What came of it, sealed in place of what was asked; it waits ten minutes for a person's word."""
    row = tx.get_one(ConsentRow, number)
    row.sealed, row.expires_at = vault.seal(body, _row_name(row.state_sha256)), now + LIFE
    tx.add(row)


def empty_consent(tx: Transaction, vault: Vault, number: int) -> bool:
    """Forgets everything that was sealed; False where it was empty already, so that of two only one acts on it."""
    row = tx.get(ConsentRow, number)
    if row is None or not row.sealed:
        return False
    row.sealed = ""
    tx.add(row)
    return True


def hashed(secret: str) -> str:
    """SHA-256 in hex. States and sessions are 32 random bytes, which no one guesses back."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _kept(vault: Vault, row: ConsentRow) -> KeptConsent:
    return KeptConsent(
        id=row.id or 0,
        provider=row.provider,
        session_sha256=row.session_sha256,
        expires_at=row.expires_at,
        answered_at=row.answered_at,
        body=vault.open(row.sealed, _row_name(row.state_sha256)) if row.sealed else b"",
    )


def _row_name(state_sha256: str) -> str:
    """What the seal is bound to: a text moved to another row does not open."""
    return f"consent:{state_sha256}"
