"""Notices: at once what blocks, the rest in a digest, by mail and webhook, to each person once."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.domain.finding import Finding
from connector.errors import Unreadable
from connector.settings import Settings, read_settings
from connector.store.connection_findings import ENDING, keep_connection_findings
from connector.store.feeds import NewConnection, Side, add_feed, connections, feeds, keep_connection
from connector.store.findings import keep_findings, mute_finding
from connector.store.persons import keep_person, person_row, set_role, set_ways
from connector.sync import notices
from connector.sync.house import House
from connector.sync.notices import Sent, send_notices
from tests.notices.post_office import PostOffice, post_office
from tests.opened import house as open_house
from tests.sync.walking import NOW

SECRET = b"a secret of the webhook"
BLOCKS = Finding(code="unmapped_bank", subject="bank", severity="blocking", message="It waits.", fix="Say which.",
                 amount=12_50, currency="USD", blocked=("day|1",))  # fmt: skip
WARNS = Finding(code="new_tender", subject="tender|WALLET", severity="warning", message="It is new.")


ENDS: tuple[tuple[Side, str], ...] = (("source", "square"), ("target", "quickbooks"))


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(tmp_path: Path, office: PostOffice, clock: Clock) -> Iterator[House]:
    """Two organisations; Anna is told of Main Street by mail and webhook, Bert of nothing."""
    smtp = {"host": "127.0.0.1", "port": str(office.smtp_port), "from": "books@example.com", "security": "plain"}
    with open_house(Settings(home=tmp_path / "data", smtp=smtp), clock) as opened:
        with opened.database.transaction() as tx:
            for organisation in ("Main Street", "Side Street"):
                ends = [
                    keep_connection(tx, NewConnection(
                        organisation=organisation, name=f"{side} {organisation}", side=side, provider=provider,
                        external_id=organisation,
                    ))
                    for side, provider in ENDS
                ]  # fmt: skip
                add_feed(tx, name=f"feed {organisation}", source=ends[0], target=ends[1], style="clearing")
            for name in ("Anna", "Bert"):
                keep_person(tx, name)
            set_role(tx, "Anna", "Main Street", "accountant")
            sealed = opened.vault.seal(SECRET, notices.secret_row(person_row(tx, "Anna").id or 0))
            ways: dict[str, str | bool] = {"email": "anna@example.com", "digest": "daily"}
            set_ways(tx, "Anna", {**ways, "webhook": office.url, "webhook_secret": sealed})
            set_ways(tx, "Bert", {"email": "bert@example.com"})
        yield opened


def found(opened: House, *findings: Finding) -> None:
    """What the audit sees in both organisations now."""
    with opened.database.transaction() as tx:
        for feed in feeds(tx):
            keep_findings(tx, feed.id, findings, opened.now(), "audit")


def test_what_blocks_is_told_at_once_by_mail_and_by_a_signed_post_to_each_person_once(
    shop: House, office: PostOffice
) -> None:
    found(shop, BLOCKS)
    assert send_notices(shop) == Sent(sent=2)
    assert send_notices(shop) == Sent()
    (mail,), ((headers, body),) = office.mails, office.posts
    assert (mail["To"], mail["From"]) == ("anna@example.com", "books@example.com")
    assert mail["Subject"] == "1 finding keeps documents from the books of Main Street"
    assert "12.50 USD" in mail.get_payload() and "→ Say which." in mail.get_payload()
    told = json.loads(body)
    assert [(each["organisation"], each["code"]) for each in told["findings"]] == [("Main Street", "unmapped_bank")]
    moment, _, signature = headers["Connector-Signature"].partition(",v1=")
    signed = moment.removeprefix("t=").encode() + b"." + body
    assert hmac.compare_digest(signature, hmac.new(SECRET, signed, hashlib.sha256).hexdigest())
    assert headers["Connector-Delivery"] == told["id"]


def test_the_rest_comes_once_a_day_in_a_digest_without_what_was_told_already(
    shop: House, office: PostOffice, clock: Clock
) -> None:
    send_notices(shop)  # the first digest, of nothing
    found(shop, BLOCKS, WARNS)
    send_notices(shop)
    assert len(office.mails) == 1
    clock.now = NOW + timedelta(days=1)
    assert send_notices(shop) == Sent(sent=2)
    assert office.mails[1]["Subject"] == "1 new finding for Main Street (daily)"
    clock.now = NOW + timedelta(days=2)
    assert send_notices(shop) == Sent()


def test_a_weekly_digest_comes_on_the_first_morning_of_each_week(shop: House, office: PostOffice, clock: Clock) -> None:
    with shop.database.transaction() as tx:
        set_ways(tx, "Anna", {"digest": "weekly"})
    send_notices(shop)  # the first digest, of nothing, on a Saturday
    found(shop, WARNS)
    for moment in (NOW + timedelta(days=1), datetime(2026, 11, 23, 5, 59, tzinfo=UTC)):
        clock.now = moment
        assert send_notices(shop) == Sent()
    clock.now = datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert send_notices(shop) == Sent(sent=2)
    assert office.mails[0]["Subject"] == "1 new finding for Main Street (weekly)"
    found(shop, WARNS, replace(WARNS, subject="tender|SHELLS"))
    clock.now = datetime(2026, 11, 29, 23, tzinfo=UTC)
    assert send_notices(shop) == Sent()


def test_a_finding_that_opens_again_is_told_again_and_a_muted_one_is_not_told(
    shop: House, office: PostOffice, clock: Clock
) -> None:
    found(shop, BLOCKS)
    send_notices(shop)
    found(shop)
    found(shop, BLOCKS)
    assert send_notices(shop) == Sent(sent=2)
    other = replace(BLOCKS, subject="another")
    found(shop, other)
    with shop.database.transaction() as tx:
        for feed in feeds(tx):
            mute_finding(tx, feed.id, other.finding_id, NOW + timedelta(days=3), "The owner knows.")
    assert send_notices(shop) == Sent()
    clock.now = NOW + timedelta(days=4)
    assert send_notices(shop) == Sent(sent=2)


def test_a_consent_that_ends_is_told_at_once_while_there_is_time_and_again_when_it_does_again(
    shop: House, office: PostOffice
) -> None:
    message = "The consent of till ends on 2026-12-01 by itself."
    ends = Finding(code=ENDING, subject="till", severity="warning", message=message, fix="Connect it again.")
    asks = replace(ends, code="scope_lacking", message="It was not granted PAYOUTS_READ.")
    sent = []
    for findings in ((ends, asks), (ends, asks), (), (ends,)):
        with shop.database.transaction() as tx:
            for each in connections(tx):
                for code in (ENDING, "scope_lacking"):
                    mine = [finding for finding in findings if finding.code == code]
                    keep_connection_findings(tx, each.id, code, mine, shop.now())
        sent.append(send_notices(shop).sent)
    assert sent == [4, 0, 0, 2]  # at once and in the digest, each by mail and by a post
    assert office.mails[0]["Subject"] == "2 findings at Main Street cannot wait"
    assert "Main Street · source Main Street · warning" in office.mails[0].get_payload()
    assert message in office.mails[0].get_payload() and "PAYOUTS_READ" in office.mails[1].get_payload()
    assert {each["connection"] for each in json.loads(office.posts[0][1])["findings"]} == {
        "source Main Street",
        "target Main Street",
    }


def test_what_could_not_be_sent_goes_later_under_the_same_name_and_what_is_refused_is_given_up(
    shop: House, office: PostOffice, clock: Clock
) -> None:
    office.refuse, office.status = "451 busy", 503
    found(shop, BLOCKS)
    assert send_notices(shop) == Sent(later=2)
    assert send_notices(shop) == Sent()  # not before its time
    office.refuse, office.status = "", 410
    clock.now = NOW + timedelta(minutes=2)
    assert send_notices(shop) == Sent(sent=1, refused=1)
    clock.now = NOW + timedelta(days=9)
    assert send_notices(shop) == Sent()
    assert len({headers["Connector-Delivery"] for headers, _ in office.posts}) == 1 and len(office.posts) == 2


def test_a_process_that_dies_after_sending_sends_once_more_under_the_same_id(
    shop: House, office: PostOffice, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    found(shop, BLOCKS)
    with monkeypatch.context() as patch:
        patch.setattr("connector.store.notices.sent", dies)
        with pytest.raises(KeyboardInterrupt):
            send_notices(shop)
    assert len(office.mails) == 1
    send_notices(shop)
    assert len(office.mails) == 1  # for ten minutes it may still be on its way
    clock.now = NOW + timedelta(minutes=11)
    send_notices(shop)
    assert len(office.mails) == 2 and len({mail["Message-ID"] for mail in office.mails}) == 1


def test_the_settings_of_a_mail_server_are_checked() -> None:
    assert read_settings({}).smtp == {}
    with pytest.raises(Unreadable, match="CONNECTOR_SMTP_FROM"):
        read_settings({"CONNECTOR_SMTP_HOST": "mail.example.com"})
    with pytest.raises(Unreadable, match="CONNECTOR_SMTP_PORT"):
        read_settings({"CONNECTOR_SMTP_HOST": "a", "CONNECTOR_SMTP_FROM": "a@b", "CONNECTOR_SMTP_PORT": "x"})
