"""Policies that the bookkeeper writes: read with care, and checked on documents and balances."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.document import Document, Line
from connector.errors import Unreadable
from connector.mapping.policies import broken_by_balances, broken_by_documents, read_policies, unmet
from tests.mapping.audit.given import account, books, posted

TIPS = """
policies:
  - {name: Tips never to income, role: tip, never: {type: [income, other_income]}}
"""
DAY = date(2026, 11, 20)


def document(*lines: Line) -> Document:
    off = -sum(line.amount for line in lines)
    balance = Line(role="clearing", account="Square Balance", amount=off)
    return Document(key="k", mark="m", date=DAY, currency="USD", kind="sales", narration="", source_ref="",
                    lines=(*lines, balance), period="day|L1|2026-11-20|USD")  # fmt: skip


def tip(name: str) -> Line:
    return Line(role="tip", account=name, amount=-8_00)


def test_tips_never_to_income() -> None:
    chart = books(account("Tip Income"))
    (finding,) = broken_by_documents(read_policies(TIPS), [document(tip("Tip Income"))], chart)
    assert finding.message == ("Policy 'Tips never to income': 1 lines of tip would stand on Tip Income (8.00 USD).")
    assert (finding.severity, finding.blocked) == ("blocking", ("day|L1|2026-11-20|USD",))
    assert list(broken_by_documents(read_policies(TIPS), [document(tip("Square Tips"))], chart)) == []


def test_fees_only_on_one_account_and_places_on_every_sale() -> None:
    text = """
policies:
  - {name: One fee account, role: fee, only: {account: Square Fees}, severity: warning}
  - {name: Places, role: sales, tracking: Location}
"""
    wrong = document(
        Line(role="fee", account="Other Fees", amount=1_00), Line(role="sales", account="Square Sales", amount=-9_00)
    )
    right = document(
        Line(role="fee", account="square fees", amount=1_00),
        Line(role="sales", account="Square Sales", amount=-9_00, tracking=(("Location", "Main St"),)),
    )
    found = list(broken_by_documents(read_policies(text), [wrong], books(account("Other Fees", "expense"))))
    assert [(each.subject, each.severity) for each in found] == [("One fee account", "warning"), ("Places", "blocking")]
    assert list(broken_by_documents(read_policies(text), [right], books())) == []


def test_clearing_at_zero_by_day_five() -> None:
    text = "policies: [{name: Paid out, account: Square Balance, zero_by_day: 5}]"
    october = posted("Square Balance", "clearing", date(2026, 10, 31), debit=100_00)
    november = posted("Square Balance", "clearing", date(2026, 11, 4), debit=40_00)
    paid = posted("Square Balance", "clearing", date(2026, 11, 3), credit=70_00)
    (finding,) = broken_by_balances(read_policies(text), [october, november, paid], date(2026, 11, 6))
    assert finding.message == (
        "Policy 'Paid out': 30.00 USD of the last month end is still on Square Balance after day 5."
    )
    assert list(broken_by_balances(read_policies(text), [october, paid], date(2026, 11, 4))) == []
    whole = paid._replace(credit=100_00)
    assert list(broken_by_balances(read_policies(text), [october, november, whole], date(2026, 11, 6))) == []


BAD = {
    "[]": "A file of policies holds policies:",
    "policies: {a: 1}": "A file of policies holds policies:",
    "policies: [3]": "Policy 1 is not a set of names",
    "policies: [{role: tip, never: {type: income}}]": "Policy 1 has no name",
    "policies: [{name: A, rule: tip, never: {type: income}}]": "Policy 1 does not know 'rule'",
    "policies: [{name: A, role: tips, never: {type: income}}]": "Policy 'A', role, does not know 'tips'",
    "policies: [{name: A, role: tip, never: {type: profit}}]": "Policy 'A', never, does not know 'profit'",
    "policies: [{name: A, role: tip, never: income}]": "Policy 'A', never, should hold type or account",
    "policies: [{name: A, role: tip}]": "Policy 'A' should say exactly one of",
    "policies: [{name: A, never: {type: income}, tracking: L}]": "Policy 'A' should say exactly one of",
    "policies: [{name: A, zero_by_day: 5}]": "Policy 'A' says zero_by_day without an account",
    "policies: [{name: A, account: B, zero_by_day: 31}]": "Policy 'A': zero_by_day is a day of the month",
    "policies: [{name: A, account: B, zero_by_day: 0}]": "Policy 'A': zero_by_day is a day of the month",
    "policies: [{name: A, never: {type: income}, severity: grave}]": "Policy 'A' has the severity 'grave'",
    "policies: [{name: A, tracking: L}, {name: A, tracking: M}]": "Two policies are called 'A'",
    "policies: [": "The policies are not YAML in line 1: expected the node content",
    "policies: [{name: A, name: B, never: {type: income}}]": "In the policies, 'name' stands twice in line 1",
    "policies: " + "[" * 3000: "The policies are not YAML that can be read: it is nested too deeply.",
    "policies: [{name: A, never: {account: 2026-13-45}}]": "The policies are not YAML in line 1: '2026-13-45' is",
    "policies: [{name: A, role: [], never: {type: income}}]": "Policy 'A', role, names nothing",
    "policies: [{name: A, never: {type: []}}]": "Policy 'A', never, names nothing",
    "policies: [{name: A, only: {account: ''}}]": "Policy 'A', only, names nothing",
    "policies: [{name: A, role: sales, tracking: ''}]": "Policy 'A', tracking, names nothing",
    "policies: [{name: A, never: {type: income}, severity: [a]}]": "Policy 'A' has the severity no word",
}


def test_an_account_that_a_policy_names_and_no_books_have_is_told() -> None:
    text = "policies: [{name: A, account: Sqare Balance, zero_by_day: 5}, {name: B, never: {account: square balance}}]"
    charts = [books(account("Square Balance", "current_asset"))]
    assert unmet(read_policies(text), charts) == [("A", "Sqare Balance")]


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_a_mistake_in_the_policies_is_one_clear_sentence(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_policies(text)
    assert str(caught.value).startswith(BAD[text])
    assert str(caught.value).endswith((".", "nothing else."))
