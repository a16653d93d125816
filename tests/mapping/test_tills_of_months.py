"""The tills of each stand-in's month, as they sum themselves up, against the receipts that were pulled."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.domain.facts import Fact
from connector.domain.sales import NoSale, Receipt, RegisterClosure, Tender
from connector.mapping.checks.gift_cards import card_findings
from connector.mapping.checks.tills import till_checks
from connector.sandbox.faults import Faults
from connector.sandbox.oauth import OAuthDesk
from connector.sandbox.serving import serve
from connector.sandbox.shelf import Shelf
from connector.sandbox.town import shop_module
from connector.settings import Settings
from connector.store.facts import facts
from connector.store.feeds import locations, set_location
from connector.sync.connect import Wanted, connect
from connector.sync.pull import pull
from connector.transport.oauth import Grant
from tests.opened import house as open_house

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def month(name: str, folder: Path) -> list[Fact]:
    """Everything of a stand-in's month, pulled and translated."""
    module = shop_module(name)
    with Shelf(folder / "shop") as shelf:
        module.fill(shelf)
        app = getattr(module, f"{name}_app")(shelf, faults=Faults(), clock=lambda: NOW)
        with serve(app) as served, open_house(Settings(home=folder / "data", settle_seconds=0), lambda: NOW) as house:
            token = OAuthDesk(shelf, module.oauth_rules(shelf), lambda: NOW).issue_personal_token()
            account = getattr(module, "ACCOUNT", "")
            wanted = Wanted(organisation="Main", provider=name, base_url=served.base_url, account=account)
            made = connect(house, wanted, Grant(access_token=token))
            with house.database.transaction() as tx:
                for place in locations(tx, made.id):
                    if not place.zone:
                        set_location(tx, made.id, place.source_id, zone="America/New_York")
            pull(house, made)
            with house.database.transaction() as tx:
                return facts(tx, made.id)


@pytest.mark.parametrize(
    ("name", "tills", "said"),
    [
        ("square", 65, {}),
        ("loyverse", 62, {"till_not_compared": 1}),  # a receipt was voided after its shift was counted
        ("lightspeed", 1, {}),
        ("lightspeed_x", 3, {}),
    ],
)
def test_what_the_tills_of_a_month_summed_up_agrees_with_its_receipts(
    name: str, tills: int, said: dict[str, int], tmp_path: Path
) -> None:
    found = month(name, tmp_path)
    checks = till_checks(found)
    assert sum(1 for fact in found if isinstance(fact.about, RegisterClosure | NoSale) and fact.about.till) == tills
    assert Counter(finding.code for finding in checks.findings) == said
    assert checks.problems == {}
    assert card_findings(found) == ()
    assert any(has_difference([*found[:n], *found[n + 1 :]]) for n in sold_at_a_till(found))


def sold_at_a_till(found: list[Fact]) -> list[int]:
    """Where some receipts are whose absence a till would notice: those of its own time."""
    tills = [fact.about.till for fact in found if isinstance(fact.about, RegisterClosure | NoSale) and fact.about.till]
    (till, *_) = sorted(tills, key=lambda till: till.closed_at, reverse=True)
    assert till.opened_at
    return [
        n
        for n, fact in enumerate(found)
        if isinstance(fact.about, Receipt | Tender) and till.opened_at <= fact.occurred_at <= till.closed_at
    ]


def has_difference(found: list[Fact]) -> bool:
    checks = till_checks(found)
    return bool(checks.problems) or "till_total" in {finding.code for finding in checks.findings}
