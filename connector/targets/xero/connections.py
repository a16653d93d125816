"""Which organisations a consent reaches: Xero's consent does not say, its list of connections does."""

from __future__ import annotations

import msgspec
import requests

from connector.errors import NeedsReconnect, RetryLater
from connector.transport.access import Access
from connector.transport.repeat import reading, told_after
from connector.transport.sessions import check_address, http_session

ADDRESS = "https://api.xero.com"


class _Connection(msgspec.Struct, rename="camel"):
    tenant_id: str
    tenant_type: str = ""


def reached(access: Access) -> tuple[str, ...]:
    """The ids of the organisations, practices left out. Raises NeedsReconnect where the token is not accepted."""
    address = access.base_url or ADDRESS
    check_address(address)

    def call() -> bytes:
        headers = {"authorization": f"Bearer {access.token()}", "accept": "application/json"}
        with http_session() as session:
            try:
                answer = session.get(f"{address.rstrip('/')}/connections", headers=headers)
            except requests.RequestException as error:
                raise RetryLater(f"Xero could not be reached ({type(error).__name__}).") from None
        if answer.status_code == requests.codes.too_many_requests or answer.status_code >= 500:
            after = told_after(answer.headers.get("retry-after"), access.now())
            raise RetryLater(f"Xero is busy (HTTP {answer.status_code}).", after=after)
        if answer.status_code != requests.codes.ok:
            raise NeedsReconnect("Xero does not accept the token: connect Xero again.")
        return answer.content

    found = msgspec.json.decode(reading(call, now=access.now, sleep=access.sleep), type=list[_Connection])
    return tuple(each.tenant_id for each in found if each.tenant_type in ("", "ORGANISATION"))
