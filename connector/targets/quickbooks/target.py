"""QuickBooks Online at a glance: what it is, what consent it asks for, and how its books are opened."""

from __future__ import annotations

from datetime import timedelta

from connector.targets.contract import OpenBooks, Target
from connector.targets.quickbooks.webhook import WEBHOOK
from connector.transport.access import Access
from connector.transport.oauth import Consent


def _open(access: Access) -> OpenBooks:
    # The SDK and its HTTP stack are loaded by whoever posts, not by whoever only asks what targets there are.
    from connector.targets.quickbooks.company import open_company

    return open_company(access)


TARGET = Target(
    name="quickbooks",
    title="QuickBooks Online",
    batch=40,
    separate_refunds=False,
    out_of_scope="",
    consent=Consent(
        title="QuickBooks Online",
        authorize_url="https://appcenter.intuit.com/connect/oauth2",
        token_url="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",  # noqa: S106
        revoke_url="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
        scopes=("com.intuit.quickbooks.accounting",),
        account_parameter="realmId",
        revoke_style="json",
        idle=timedelta(days=100),
        life=timedelta(days=5 * 365),
        ended_words=(("user_not_in_realm", "the person who connected was removed from the company"),),
    ),
    webhook=WEBHOOK,
    open=_open,
)
