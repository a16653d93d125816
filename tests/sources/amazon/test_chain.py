"""A chain of settlements in the books: what clearing holds at its end, however the seller was paid or charged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from connector.mapping.documents import documents
from connector.mapping.rules import Style
from connector.sandbox.amazon_chain import AMERICAN, CANADIAN, NEXT, Plan
from tests.mapping.given import rules
from tests.sources.amazon.reports import fact_of
from tests.sources.amazon.xml_reports import xml_of

CHAINS = {"Amazon.com": (*AMERICAN, NEXT), "Amazon.ca": CANADIAN}


def balances(plans: Sequence[Plan], style: Style) -> Counter[str]:
    """What each account holds once all documents of the settlements are posted."""
    made = documents([fact_of(plan.content, "") for plan in plans], rules("amazon", style=style))
    assert made.held == ()
    found: Counter[str] = Counter()
    for document in made.documents:
        for line in document.lines:
            found[line.account] += line.amount
    return found


@pytest.mark.parametrize("style", ["clearing", "bank"])
@pytest.mark.parametrize("marketplace", CHAINS)
def test_after_each_settlement_of_a_chain_clearing_is_the_unpaid_last_total_and_nothing_else(
    marketplace: str, style: Style
) -> None:
    """Months crossed, a negative total that the next settlement takes back, one that the reserve takes whole."""
    chain = CHAINS[marketplace]
    for count in range(1, len(chain) + 1):
        found = balances(chain[:count], style)
        assert found[f"{marketplace} Clearing"] == min(chain[count - 1].total, 0)
        assert found[f"{marketplace} Carried Balance"] == 0


@pytest.mark.parametrize("marketplace", CHAINS)
def test_after_a_whole_chain_the_reserve_is_what_is_still_held_and_the_bank_what_was_paid(marketplace: str) -> None:
    chain = CHAINS[marketplace]
    found = balances(chain, "clearing")
    assert found["Amazon Reserve"] == 0
    charged = sum(plan.charged for plan in chain)
    assert found["Checking"] == sum(plan.total for plan in chain if plan.total > 0)
    assert charged == 0 or -charged in found.values()  # the card waits for its own line


def test_row_27_a_settlement_uploaded_as_xml_beside_its_flat_file_is_journalized_once() -> None:
    plan = AMERICAN[0]
    both = [fact_of(xml_of(plan.content), ""), fact_of(plan.content, "")]
    twice, once = documents(both, rules("amazon")), documents(both[:1], rules("amazon"))
    assert (twice.documents, twice.held) == (once.documents, ())
