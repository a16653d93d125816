"""A person at the books: the calls that another programme, or the web pages, would make."""

from __future__ import annotations

import httpx

from connector.sandbox.quickbooks.company import REALM
from connector.targets.contract import Receipt, Rendered
from tests.targets.quickbooks.given import Company


def calls(company: Company) -> httpx.Client:
    assert hasattr(company.open, "access")
    headers = {"authorization": f"Bearer {company.open.access.token()}", "accept": "application/json"}
    return httpx.Client(base_url=f"{company.base_url}/v3/company/{REALM}", headers=headers, trust_env=False)


def by_hand(company: Company, body: object, kind: str = "journalentry", **query: str) -> dict[str, object]:
    """What a person writes, which must go well; gives the record as it stands then."""
    with calls(company) as client:
        answer = client.post(f"/{kind.lower()}", json=body, params=query)
    assert answer.status_code == 200, answer.text
    (found,) = (value for name, value in answer.json().items() if name.lower() == kind.lower())
    assert isinstance(found, dict)
    return found


def held(company: Company, kind: str, receipt: Receipt) -> dict[str, object]:
    """The record as the books hold it."""
    with calls(company) as client:
        found: dict[str, object] = client.get(f"/{kind.lower()}/{receipt.target_id}").json()[kind]
    return found


def delete_by_hand(company: Company, rendered: Rendered, receipt: Receipt) -> None:
    token = held(company, rendered.kind, receipt)["SyncToken"]
    by_hand(company, {"Id": receipt.target_id, "SyncToken": token}, rendered.kind, operation="delete")
