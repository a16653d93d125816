"""How an adapter reaches one account of a provider: address, whose account, and a token that is good now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """`base_url` is empty where the provider's own address is meant. `token` gives an access token that is not near
    its end, refreshing it first where needed; it raises NeedsReconnect. `external_id` is the provider's id of the
    account (realm, tenant, merchant). `now` tells the time."""

    base_url: str
    external_id: str
    token: Callable[[], str]
    now: Callable[[], datetime]
