"""The stand-ins' requests and answers against the vendors' published shapes, where those lie beside the project."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import jsonschema
import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from connector.sandbox.quickbooks.company import REALM
from connector.sandbox.town import Town, open_town
from connector.sandbox.xero.organisation import TENANT

SPECS = Path(__file__).resolve().parents[2] / ".." / "shared" / "specs"
QUICKBOOKS = SPECS / "qbo" / "qbo-entities.schema.json"
XERO = SPECS / "xero" / "xero_accounting.yaml"
HOST, BASE = "https://api.xero.com", "/api.xro/2.0"

Json = dict[str, object]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    clock = lambda: datetime(2026, 3, 16, 18, 0, tzinfo=UTC)  # noqa: E731
    with open_town(tmp_path_factory.mktemp("town"), clock=clock, country="GB") as town:
        yield town


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, verify=False) as client:
        yield client


@pytest.fixture(scope="module")
def quickbooks_schema() -> Json:
    if not QUICKBOOKS.exists():
        pytest.skip("the published QuickBooks schema does not lie beside the project")
    schema: Json = json.loads(QUICKBOOKS.read_text())
    return schema


@pytest.fixture(scope="module")
def xero_definition() -> OpenAPI:
    if not XERO.exists():
        pytest.skip("the published Xero definition does not lie beside the project")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    # The file itself is not valid in every default; None switches its own validation off, which the types do not say.
    config = Config(spec_validator_cls=None)  # type: ignore[arg-type]
    return OpenAPI.from_dict(yaml.load(XERO.read_text(), loader), config=config)


def validator(schema: Json, kind: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator({**schema, "$ref": f"#/definitions/{kind}"})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("account", {"Name": "Square Balance", "AccountType": "Other Current Asset"}),
        ("department", {"Name": "Pier"}),
        ("class", {"Name": "Coffee"}),
        ("customer", {"DisplayName": "Walk-in"}),
        ("vendor", {"DisplayName": "Square"}),
        (
            "transfer",
            {"FromAccountRef": {"value": "1"}, "ToAccountRef": {"value": "2"}, "Amount": 5.25, "TxnDate": "2026-03-14"},
        ),
        (
            "journalentry",
            {
                "DocNumber": "SQ-20260314-7F3K2Q",
                "TxnDate": "2026-03-14",
                "GlobalTaxCalculation": "TaxExcluded",
                "Line": [
                    {
                        "DetailType": "JournalEntryLineDetail",
                        "Amount": 100,
                        "JournalEntryLineDetail": {
                            "PostingType": "Credit",
                            "AccountRef": {"value": "10"},
                            "TaxCodeRef": {"value": "1"},
                            "TaxApplicableOn": "Sales",
                            "TaxAmount": 20.00,
                        },
                    },
                    {
                        "DetailType": "JournalEntryLineDetail",
                        "Amount": 120.00,
                        "JournalEntryLineDetail": {"PostingType": "Debit", "AccountRef": {"value": "1"}},
                    },
                ],
            },
        ),
    ],
    ids=["account", "department", "class", "customer", "vendor", "transfer", "journal entry"],
)
def test_quickbooks_takes_and_gives_the_published_shape(
    town: Town, http: httpx.Client, quickbooks_schema: Json, path: str, body: Json
) -> None:
    headers = {"authorization": f"Bearer {town.personal_token('quickbooks')}", "accept": "application/json"}
    answer = http.post(f"{town.quickbooks.base_url}/v3/company/{REALM}/{path}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    kind, given = next(iter(answer.json().items()))
    for value in (body, given):
        validator(quickbooks_schema, kind).validate(value)


@pytest.mark.parametrize("kind", ["Account", "TaxCode", "TaxRate", "CompanyInfo", "Preferences"])
def test_quickbooks_lists_have_the_published_shape(
    town: Town, http: httpx.Client, quickbooks_schema: Json, kind: str
) -> None:
    headers = {"authorization": f"Bearer {town.personal_token('quickbooks')}", "accept": "application/json"}
    url = f"{town.quickbooks.base_url}/v3/company/{REALM}/query"
    answer = http.get(url, params={"query": f"select * from {kind}"}, headers=headers)
    found = answer.json()["QueryResponse"][kind]
    assert found
    for body in found:
        validator(quickbooks_schema, kind).validate(body)


_LINES = [{"Description": "Sales", "Quantity": 1, "UnitAmount": 120.00, "AccountCode": "200", "TaxType": "OUTPUT2"}]
_HEAD = {"Contact": {"Name": "Square"}, "Date": "2026-03-14", "LineAmountTypes": "Inclusive", "LineItems": _LINES}
# In this order: the payment is for the invoice.
_XERO_PUTS: list[tuple[str, Json]] = [
    ("Invoices", {**_HEAD, "Type": "ACCREC", "InvoiceNumber": "SQ-1", "DueDate": "2026-03-14", "Status": "AUTHORISED"}),
    ("CreditNotes", {**_HEAD, "Type": "ACCRECCREDIT", "CreditNoteNumber": "SQ-2", "Status": "AUTHORISED"}),
    ("Payments", {"Invoice": {"InvoiceNumber": "SQ-1"}, "Account": {"Code": "090"}, "Date": "2026-03-14", "Amount": 5}),
    ("BankTransactions", {**_HEAD, "Type": "RECEIVE", "BankAccount": {"Code": "090"}}),
    ("BankTransfers", {"FromBankAccount": {"Code": "090"}, "ToBankAccount": {"Code": "091"}, "Amount": 5.50}),
    ("Contacts", {"Name": "Walk-in"}),
    (
        "ManualJournals",
        {
            "Narration": "Over and short",
            "Status": "POSTED",
            "LineAmountTypes": "NoTax",
            "JournalLines": [
                {"LineAmount": 5.25, "AccountCode": "404", "TaxType": "NONE"},
                {"LineAmount": -5.25, "AccountCode": "630", "TaxType": "NONE"},
            ],
        },
    ),
]


@pytest.mark.filterwarnings("ignore:Unsupported scheme type")  # the tokens' own scheme is not what is looked at here
def test_xero_takes_and_gives_the_published_shape(town: Town, http: httpx.Client, xero_definition: OpenAPI) -> None:
    headers = {"authorization": f"Bearer {town.personal_token('xero')}", "xero-tenant-id": TENANT}
    for kind, element in _XERO_PUTS:
        content = json.dumps({kind: [element]}).encode()
        answer = http.put(f"{town.xero.base_url}/api.xro/2.0/{kind}", content=content, headers=headers)
        assert answer.status_code == 200, answer.text
        request = MockRequest(
            HOST, "put", f"{BASE}/{kind}", headers=headers, data=content, content_type="application/json"
        )
        xero_definition.validate_request(request)
        xero_definition.validate_response(request, MockResponse(answer.content, 200, content_type="application/json"))


@pytest.mark.parametrize("kind", ["Accounts", "TaxRates", "Organisation", "Currencies", "TrackingCategories"])
def test_xero_lists_have_the_published_shape(
    town: Town, http: httpx.Client, xero_definition: OpenAPI, kind: str
) -> None:
    headers = {"authorization": f"Bearer {town.personal_token('xero')}", "xero-tenant-id": TENANT}
    answer = http.get(f"{town.xero.base_url}/api.xro/2.0/{kind}", headers=headers)
    request = MockRequest(HOST, "get", f"{BASE}/{kind}", headers=headers)
    xero_definition.validate_response(request, MockResponse(answer.content, 200, content_type="application/json"))
