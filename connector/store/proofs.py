"""Proofs of clearing accounts, as they were last made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, delete, select

from connector.store.connection_findings import connection_findings
from connector.store.database import Transaction
from connector.store.tables import ClearingProofRow, FeedRow

UNEXPLAINED = "clearing_unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptProof:
    """An account's balance, and what it is made of; minor units, debit positive."""

    account: str
    currency: str
    by_documents: int
    in_books: int | None
    explained: int
    unexplained: int


def keep_proofs(tx: Transaction, feed_id: int, proofs: Sequence[KeptProof], now: datetime) -> None:
    """The newest proofs of a feed's accounts, instead of those before."""
    tx.exec(delete(ClearingProofRow).where(col(ClearingProofRow.feed_id) == feed_id))
    for proof in proofs:
        tx.add(
            ClearingProofRow(
                feed_id=feed_id,
                account=proof.account,
                currency=proof.currency,
                proved_at=now,
                by_documents_minor=proof.by_documents,
                in_books_minor=proof.in_books,
                explained_minor=proof.explained,
                unexplained_minor=proof.unexplained,
            )
        )
    tx.flush()


def subject(feed_name: str, account: str) -> str:
    """How the finding about an account is called."""
    return f"{feed_name}: {account}"


def unproved(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """I5, from the last proof: a clearing account is the sum of what is open on it; what nobody can name is told."""
    told = {each.subject for each in connection_findings(tx, connection_id) if each.code == UNEXPLAINED}
    rows = tx.exec(
        select(FeedRow.name, ClearingProofRow)
        .join(FeedRow, col(FeedRow.id) == col(ClearingProofRow.feed_id))
        .where(FeedRow.target_connection_id == connection_id)
        .order_by(col(FeedRow.id), col(ClearingProofRow.account))
    )
    found = []
    for feed_name, row in rows:
        balance = row.by_documents_minor if row.in_books_minor is None else row.in_books_minor
        name = subject(feed_name, row.account)
        if balance != row.explained_minor + row.unexplained_minor:
            found.append(f"{name} is not the sum of its items")
        elif row.unexplained_minor and name not in told:
            found.append(f"{name} has a part that is neither named nor told")
    return found
