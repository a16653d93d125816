"""What we send, held against Xero's published definition."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import yaml

from connector.domain.books import Books
from connector.targets.contract import Receipt
from tests.targets.xero import examples
from tests.targets.xero.conftest import NOW, Cafe, Heard, outgoing, posted

SPEC = Path(__file__).resolve().parents[3] / ".." / "shared" / "specs" / "xero" / "xero_accounting.yaml"


@pytest.fixture(scope="module")
def definition() -> Any:
    if not SPEC.exists():
        pytest.skip("the published definition is not beside this repository")
    core = pytest.importorskip("openapi_core")
    content = yaml.load(SPEC.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for operations in content["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                operation.pop("security", None)  # how a token is obtained is not ours to check here
    return core.OpenAPI.from_dict(content, config=core.Config(spec_validator_cls=None))


def test_everything_we_send_fits_the_published_definition(cafe: Cafe, books: Books, definition: Any) -> None:
    documents = [
        examples.cafe_day(),
        examples.cafe_refund(),
        examples.payout(),
        examples.payout(clearing="Savings"),
        examples.adjustment(),
        replace(examples.cafe_day(), mark="SQ-20261119-AAAAAA", family="journal"),
        replace(examples.payout(), mark="SQ-20261119-BBBBBB", family="bill"),
    ]
    rendered = [one for document in documents for one in cafe.target.render(document, books)]
    outcomes = cafe.target.post(outgoing(*rendered))
    for one, outcome in zip(rendered, outcomes, strict=True):
        assert isinstance(outcome, Receipt)
        cafe.target.find(one)
        cafe.target.read_back(one, outcome)
    calls = [call for method in ("GET", "PUT") for call in cafe.heard(method)]
    assert {call.path.split("/")[3] for call in calls} >= {"Invoices", "CreditNotes", "Payments", "ManualJournals"}
    for call in calls:
        definition.validate_request(_request(call))


def test_changing_ending_and_searching_fit_the_published_definition(cafe: Cafe, books: Books, definition: Any) -> None:
    documents = [
        examples.may_bank(),
        examples.cafe_refund(),
        examples.payout(),
        examples.payout(clearing="Savings"),
        examples.adjustment(),
    ]
    rendered = [one for document in documents for one in cafe.target.render(document, books)]
    for one, receipt in zip(rendered, posted(cafe, rendered), strict=True):
        if one.kind not in ("payment", "bank_transfer", "credit_note"):
            receipt = cafe.target.replace(one, receipt)
        cafe.target.void(one, receipt)
    cafe.target.changed(NOW)
    checking = books.account("Checking")
    assert checking
    cafe.target.banked(checking, [269_93], examples.DAY, examples.DAY)
    changed = {call.path.split("/")[3] for call in cafe.heard("POST")}
    assert changed == {"Invoices", "CreditNotes", "Payments", "BankTransactions", "BankTransfers", "ManualJournals"}
    for call in [call for method in ("GET", "PUT", "POST") for call in cafe.heard(method)]:
        definition.validate_request(_request(call))


def test_the_definition_would_notice_an_amount_sent_as_text(definition: Any) -> None:
    headers = {"xero-tenant-id": "t", "authorization": "Bearer b"}
    body = b'{"Payments":[{"Amount":"1.00"}]}'
    call = Heard(method="PUT", path="/api.xro/2.0/Payments", query="", headers=headers, body=body)
    with pytest.raises(Exception, match="body"):
        definition.validate_request(_request(call))


def _request(call: Heard) -> Any:
    return pytest.importorskip("openapi_core.testing").MockRequest(
        "https://api.xero.com",
        call.method.lower(),
        call.path,
        args=dict(parse_qsl(call.query)),
        headers=call.headers,
        data=call.body or None,
        content_type="application/json",
    )
