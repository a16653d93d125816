"""Xero at a glance: documents go in as invoices, credit notes, payments, bank transactions and manual journals."""

from __future__ import annotations

from datetime import timedelta

from connector.targets.contract import OpenBooks, Target
from connector.targets.xero.webhook import WEBHOOK
from connector.transport.access import Access
from connector.transport.oauth import Consent

CONSENT = Consent(
    title="Xero",
    authorize_url="https://login.xero.com/identity/connect/authorize",
    token_url="https://identity.xero.com/connect/token",  # noqa: S106 (an address, not a password)
    revoke_url="https://identity.xero.com/connect/revocation",
    scopes=(
        "offline_access",
        "accounting.invoices",
        "accounting.payments",
        "accounting.banktransactions",
        "accounting.manualjournals",
        "accounting.settings",
        "accounting.contacts",
        "accounting.attachments",
        "accounting.reports.trialbalance.read",
    ),
    rotation="grace",
    grace=timedelta(minutes=30),
    idle=timedelta(days=60),
)


def open_books(access: Access) -> OpenBooks:
    """The books of the organisation that `access` names; the SDK is loaded here, where it is needed."""
    from connector.targets.xero.books import XeroBooks

    return XeroBooks(access)


def reached_organisations(access: Access) -> tuple[str, ...]:
    """The organisations that a consent reaches."""
    from connector.targets.xero.connections import reached

    return reached(access)


TARGET = Target(
    name="xero",
    title="Xero",
    batch=250,
    separate_refunds=True,
    out_of_scope="NONE",
    consent=CONSENT,
    webhook=WEBHOOK,
    open=open_books,
    reaches=reached_organisations,
)
