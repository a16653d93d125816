"""The Amazon stand-in's answers against the published models, where those lie beside the project."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import jsonschema
import pytest

from connector.sandbox.amazon_seller import SETTLEMENT_TYPE
from tests.sources.amazon.selling import Seller, selling

SPECS = Path(__file__).resolve().parents[2] / ".." / "shared" / "specs" / "amazon"
WINDOW = {"postedAfter": "2026-05-01T00:00:00Z", "postedBefore": "2026-06-15T11:00:00Z"}
REPORTS = "/reports/2021-06-30/reports"


def asked(seller: Seller, path: str, query: dict[str, str]) -> bytes:
    url = f"{seller.access.base_url}{path}"
    answer = httpx.get(url, params=query, headers={"x-amz-access-token": seller.access.token()}, trust_env=False)
    return answer.content


def check(content: bytes, model: str, kind: str) -> None:
    path = SPECS / model
    if not path.exists():
        pytest.skip("the published models of Amazon do not lie beside the project")
    schema = json.loads(path.read_text())
    jsonschema.validate(_without_nulls(json.loads(content)), {**schema, "$ref": f"#/definitions/{kind}"})


@pytest.mark.parametrize(
    ("path", "query", "model", "kind"),
    [
        (REPORTS, {"reportTypes": SETTLEMENT_TYPE}, "reports_2021-06-30.json", "GetReportsResponse"),
        (REPORTS, {}, "reports_2021-06-30.json", "ErrorList"),
        (
            "/reports/2021-06-30/documents/amzn1.spdoc.1.4.na.501690206201",
            {},
            "reports_2021-06-30.json",
            "ReportDocument",
        ),
        (
            "/sellers/v1/marketplaceParticipations",
            {},
            "sellers.json",
            "GetMarketplaceParticipationsResponse",
        ),
        ("/finances/2024-06-19/transactions", WINDOW, "finances_2024-06-19.json", "ListTransactionsResponse"),
    ],
)
def test_an_answer_has_the_published_shape(
    tmp_path: Path, path: str, query: dict[str, str], model: str, kind: str
) -> None:
    with selling(tmp_path) as seller:
        content = asked(seller, path, query)
    assert b"Unauthorized" not in content
    check(content, model, kind)


def _without_nulls(value: object) -> object:
    """The models know no null; the API writes some all the same."""
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value
