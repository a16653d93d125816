"""The keys that sign packs, and periods that were signed off with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from connector.store.close_tables import PackKeyRow, SignOffRow
from connector.store.database import Transaction
from connector.store.tables import OrganisationRow
from connector.store.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """A period that somebody signed off, with the pack as it was then."""

    id: int
    first: date
    last: date
    signed_by: str
    signed_at: datetime
    despite: str
    pack_sha256: str
    report_sha256: str
    pack: bytes


def public_key(tx: Transaction, organisation: str) -> str:
    """The public key of an organisation as hex; empty where no pack was ever made."""
    row = tx.get(PackKeyRow, _organisation(tx, organisation))
    return row.public_key if row else ""


def private_key(tx: Transaction, vault: Vault, organisation: str) -> bytes | None:
    """The private key; None where there is none yet. It is sealed anew where an older sealing key holds it."""
    number = _organisation(tx, organisation)
    row = tx.get(PackKeyRow, number)
    if row is None:
        return None
    plain = vault.open(row.sealed, _name(number))
    if not vault.is_current(row.sealed):
        row.sealed = vault.seal(plain, _name(number))
        tx.add(row)
    return plain


def keep_key(tx: Transaction, vault: Vault, organisation: str, pair: tuple[bytes, bytes], now: datetime) -> None:
    """Keeps a new key, sealed: its private and its public part."""
    number = _organisation(tx, organisation)
    sealed = vault.seal(pair[0], _name(number))
    tx.add(PackKeyRow(organisation_id=number, public_key=pair[1].hex(), sealed=sealed, made_at=now))
    tx.flush()


def sign_off(tx: Transaction, organisation: str, signed: SignOff) -> SignOff:
    """Keeps a sign-off; those before it stay."""
    row = SignOffRow(
        organisation_id=_organisation(tx, organisation),
        first=signed.first,
        last=signed.last,
        signed_by=signed.signed_by,
        signed_at=signed.signed_at,
        despite=signed.despite,
        pack_sha256=signed.pack_sha256,
        report_sha256=signed.report_sha256,
        pack=signed.pack,
    )
    tx.add(row)
    tx.flush()
    return _read(row)


def sign_offs(tx: Transaction, organisation: str, days: tuple[date, date]) -> list[SignOff]:
    """Every sign-off of exactly these days, oldest first."""
    rows = tx.exec(
        select(SignOffRow)
        .where(SignOffRow.organisation_id == _organisation(tx, organisation))
        .where(SignOffRow.first == days[0], SignOffRow.last == days[1])
        .order_by(col(SignOffRow.id))
    )
    return [_read(row) for row in rows]


def _organisation(tx: Transaction, name: str) -> int:
    return tx.exec(select(OrganisationRow).where(OrganisationRow.name == name)).one().id or 0


def _name(number: int) -> str:
    return f"pack_key:{number}"


def _read(row: SignOffRow) -> SignOff:
    return SignOff(
        id=row.id or 0,
        first=row.first,
        last=row.last,
        signed_by=row.signed_by,
        signed_at=row.signed_at,
        despite=row.despite,
        pack_sha256=row.pack_sha256,
        report_sha256=row.report_sha256,
        pack=row.pack,
    )
