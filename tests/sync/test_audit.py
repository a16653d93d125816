"""The audit over a real database and the stand-ins' books: found, mended, closed; muted ones stay muted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from connector.domain.finding import Finding
from connector.errors import Unreadable
from connector.mapping.policies import read_policies
from connector.store.account_maps import keep_map
from connector.store.feeds import Feed, feeds
from connector.store.findings import keep_findings, kept_findings, mute_finding
from connector.sync.audit import audit, values_of
from connector.sync.house import House
from tests.sync.walking import MAP, NOW, connected, house, town, walked

HELD = "slots: {bank: Checking}\n"


def codes(opened: House, organisation: str = "") -> list[tuple[str, str, str]]:
    """What is open: feed, code, subject."""
    found = audit(opened, organisation=organisation)
    return [(each.feed.name, kept.finding.code, kept.finding.subject) for each in found for kept in each.findings]


def square(opened: House) -> Feed:
    with opened.database.transaction() as tx:
        return next(feed for feed in feeds(tx) if feed.source.provider == "square")


def decide(opened: House, text: str) -> None:
    with opened.database.transaction() as tx:
        keep_map(tx, square(opened).id, text)


def test_a_gap_is_found_mended_and_closed_and_what_it_held_is_posted(tmp_path: Path) -> None:
    with town(tmp_path) as opened, house(tmp_path) as ready:
        connected(ready, opened, "quickbooks")
        decide(ready, HELD)
        walked(ready)
        feed = square(ready)
        (gap,) = [each for each in _kept(ready) if each.code == "unmapped_service_charge"]
        audited = next(each for each in audit(ready) if each.feed.name == feed.name)
        found = next(kept.finding for kept in audited.findings if kept.finding.finding_id == gap.finding_id)
        assert found.amount > 0 and found.movements > 0 and found.blocked
        assert "{service_charge: Square Service Charge Income}" in found.fix

        decide(ready, MAP)
        walked(ready)
        assert gap.finding_id not in {each.finding_id for each in _kept(ready)}
        assert not [each for each in codes(ready) if each[1].startswith(("unmapped", "account"))]


def _kept(ready: House) -> list[Finding]:
    with ready.database.transaction() as tx:
        return [kept.finding for kept in kept_findings(tx, square(ready).id)]


def test_an_account_archived_in_the_books_is_found_and_gone_once_it_is_back(tmp_path: Path) -> None:
    with town(tmp_path) as opened, house(tmp_path) as ready:
        connected(ready, opened, "quickbooks")
        walked(ready)
        archive(opened.quickbooks.base_url, "Square Tips", active=False)
        (found,) = [each for each in codes(ready) if each[1] == "account_archived"]
        assert found[2] == "Square Tips"
        archive(opened.quickbooks.base_url, "Square Tips", active=True)
        assert not [each for each in codes(ready) if each[1] == "account_archived"]


def archive(base_url: str, name: str, *, active: bool) -> None:
    wish = {"restore_account" if active else "archive_account": name}
    answer = requests.post(f"{base_url}/_sandbox/settings", json=wish, timeout=10)
    assert answer.status_code == 200, answer.text


def test_what_two_stations_see_is_closed_by_the_one_that_opened_it(tmp_path: Path) -> None:
    first, second = (Finding(code="a", subject=name, severity="info", message="It is.") for name in "xy")
    with town(tmp_path) as opened, house(tmp_path) as ready:
        connected(ready, opened, "quickbooks")
        feed = square(ready).id
        with ready.database.transaction() as tx:
            keep_findings(tx, feed, [first], NOW)
            keep_findings(tx, feed, [replace(first, amount=5, currency="USD", movements=2), second], NOW, "audit")
            keep_findings(tx, feed, [first], NOW)
        kept = {each.subject: each for each in _kept(ready)}
        assert kept.keys() == {"x", "y"}
        assert (kept["x"].amount, kept["x"].movements) == (5, 2)  # journalizing knows no money, and takes none away
        with ready.database.transaction() as tx:
            keep_findings(tx, feed, [], NOW, "audit")
        assert [each.subject for each in _kept(ready)] == ["x"]
        with ready.database.transaction() as tx:
            keep_findings(tx, feed, [], NOW)
        assert _kept(ready) == []


def test_a_muted_finding_stays_muted_until_its_day_and_keeps_when_it_was_first_seen(tmp_path: Path) -> None:
    finding = Finding(code="a", subject="x", severity="warning", message="It is.")
    later = NOW + timedelta(days=3)
    with town(tmp_path) as opened, house(tmp_path) as ready:
        connected(ready, opened, "quickbooks")
        feed = square(ready).id
        with ready.database.transaction() as tx:
            keep_findings(tx, feed, [finding], NOW, "audit")
            mute_finding(tx, feed, finding.finding_id, later + timedelta(days=1), "The owner knows.")
            keep_findings(tx, feed, [finding], later, "audit")
            (kept,) = kept_findings(tx, feed)
        assert kept.first_seen == NOW and kept.is_muted(later) and not kept.is_muted(later + timedelta(days=1))
        with pytest.raises(Unreadable, match="say why"), ready.database.transaction() as tx:
            mute_finding(tx, feed, finding.finding_id, later, " ")
        with pytest.raises(Unreadable, match="There is no finding"), ready.database.transaction() as tx:
            mute_finding(tx, feed, "nothing", later, "so")


def test_policies_are_checked_on_every_document_that_would_be_written(tmp_path: Path) -> None:
    text = "policies: [{name: Tips apart, role: tip, never: {account: Square Tips}}]"
    with town(tmp_path) as opened, house(tmp_path) as ready:
        connected(ready, opened, "quickbooks")
        walked(ready)
        audited = audit(ready, policies=read_policies(text))
        broken = [kept.finding for each in audited for kept in each.findings if kept.finding.code == "policy"]
        assert [each.subject for each in broken] == ["Tips apart"]
        assert broken[0].amount > 0 and broken[0].blocked
        assert not [each for each in codes(ready) if each[1] == "policy"]


def test_only_the_feeds_of_the_organisation_are_audited(tmp_path: Path) -> None:
    with town(tmp_path) as opened, house(tmp_path) as ready:
        connected(ready, opened, "quickbooks")
        assert len(audit(ready, organisation="Main Street")) == 2
        with pytest.raises(Unreadable, match="there are feeds of: Main Street"):
            audit(ready, organisation="Elsewhere")


def test_suggestions_are_asked_for_every_code_that_nobody_decided(tmp_path: Path) -> None:
    with town(tmp_path) as opened, house(tmp_path) as ready:
        connected(ready, opened, "quickbooks")
        walked(ready)
        values = values_of(ready, square(ready))
        before = {(each.kind, each.code) for each in values.undecided}
        assert ("sale", "Food") in before
        decide(ready, MAP + "codes: [{kind: sale, code: Food, account: Square Sales}]\n")
        after = values_of(ready, square(ready))
        assert {(each.kind, each.code) for each in after.undecided} == before - {("sale", "Food")}
