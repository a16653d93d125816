"""Who books the money at the bank: we, or the bookkeeper from the bank feed."""

from __future__ import annotations

from connector.domain.account_map import AccountMap
from connector.mapping.documents import documents
from tests.mapping.given import payout, rules, sale


def test_with_the_bank_feed_only_the_fee_leaves_clearing_and_no_bank_is_needed() -> None:
    facts = [*sale("A", 10_000), *payout("A", 10_000, 290)]
    undecided = rules(deposits="bank feed", account_map=AccountMap())
    made = documents(facts, undecided)
    assert made.held == ()
    (paid,) = (document for document in made.documents if document.kind == "payout")
    sums: dict[str, int] = {}
    for line in paid.lines:
        sums[line.role] = sums.get(line.role, 0) + line.amount
    assert sums == {"clearing": -290, "fee": 290}, "what is left in clearing is what the bank will show"


def test_with_the_connector_the_whole_payout_leaves_clearing_for_the_bank() -> None:
    made = documents([*sale("A", 10_000), *payout("A", 10_000, 290)], rules())
    (paid,) = (document for document in made.documents if document.kind == "payout")
    assert {line.role: line.amount for line in paid.lines} == {"clearing": -10_000, "fee": 290, "bank": 9_710}
