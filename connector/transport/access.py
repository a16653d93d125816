"""How an adapter reaches one account of a provider: address, whose account, and a token that is good now."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from connector.errors import ConnectorError, TokenRefused
from connector.transport.budget import UNLIMITED, Budget


def _as_it_is(refused: TokenRefused) -> ConnectorError:
    return refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """`base_url` is empty where the provider's own address is meant. `token` gives an access token that is not near
    its end, refreshing it first where needed; it raises NeedsReconnect. `external_id` is the provider's id of the
    account (realm, tenant, merchant). `now` tells the time. `refused` hears that the provider no longer took the token,
    and gives the error to raise: RetryLater where the next `token` will be a renewed one. Calls are taken from `budget`
    before they are made; `sleep` lets a short wait pass."""

    base_url: str
    external_id: str
    token: Callable[[], str]
    now: Callable[[], datetime]
    refused: Callable[[TokenRefused], ConnectorError] = _as_it_is
    budget: Budget = UNLIMITED
    sleep: Callable[[float], None] = time.sleep

    def judged(self, error: ConnectorError) -> ConnectorError:
        """The error of a call, for an adapter to raise: a refused token is renewed once before the owner is asked."""
        return self.refused(error) if isinstance(error, TokenRefused) else error
