"""What machines ask: whether it lives, whether it can work, and its figures, without a name or a secret."""

from __future__ import annotations

import json
import logging
import sys
from datetime import timedelta
from io import StringIO

from prometheus_client.parser import text_string_to_metric_families

from connector.cli.logs import JsonLines
from connector.sandbox.town import Town
from connector.store.connection_findings import ENDING, LACKING, UNRENEWED
from connector.store.feeds import connections
from connector.sync.standing import standings, watch
from tests.web.office import Browser, Clock, Served, text_of


def figure(browser: Browser, name: str, **labels: str) -> float:
    text = browser.get("/metrics").text
    samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
    return sum(each.value for each in samples if each.name == name and labels.items() <= each.labels.items())


def test_it_lives_and_is_ready(browser: Browser) -> None:
    assert browser.get("/health").text == "ok\n"
    assert browser.get("/ready").json() == {"ready": True, "problems": []}


def test_it_is_not_ready_when_the_database_does_not_answer(served: Served, browser: Browser) -> None:
    assert served.house.folder is not None
    for file in served.house.folder.glob("connector.db*"):
        file.unlink()
    served.house.database.close()
    (served.house.folder / "connector.db").mkdir()
    answer = browser.get("/ready")
    assert (answer.status_code, answer.json()["problems"]) == (503, ["The database does not answer."])
    assert browser.get("/health").status_code == 200


def test_it_is_not_ready_over_a_schema_of_another_version(served: Served, browser: Browser) -> None:
    with served.house.database.engine.connect() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '0001'")
        connection.commit()
    answer = browser.get("/ready")
    assert answer.status_code == 503 and "connector db upgrade" in answer.json()["problems"][0]


def test_figures_count_what_is_there_and_name_nobody(served: Served, browser: Browser) -> None:
    before = figure(browser, "connector_provider_calls_total", provider="this machine", outcome="2xx")
    browser.say(browser.connect("square", organisation="Canary Books Ltd", name="canary-connection"))
    assert figure(browser, "connector_connections", provider="square", state="active") == 1
    assert figure(browser, "connector_provider_calls_total", provider="this machine", outcome="2xx") > before
    text = browser.get("/metrics").text.casefold()
    with served.house.database.transaction() as tx:
        (kept,) = connections(tx)
    for name in ("canary", kept.title, kept.external_id):
        assert name.casefold() not in text


def test_a_consent_that_will_end_is_a_finding_before_it_does(served: Served, browser: Browser, clock: Clock) -> None:
    browser.say(browser.connect("xero"))
    assert watch(served.house) == 0
    clock.pass_(days=47)
    assert watch(served.house) == 2
    (standing,) = standings(served.house)
    assert {each.code for each in standing.findings} == {ENDING, UNRENEWED}
    assert standing.ends_at == standing.renewed_at + timedelta(days=60) if standing.renewed_at else False
    page = text_of(browser.get("/connections"))
    assert "ends on 2026-05-19 by itself" in page and "look at it" in page
    browser.say(browser.connect("xero"))
    assert watch(served.house) == 0


def test_a_scope_that_was_not_granted_is_told(served: Served, browser: Browser, town: Town) -> None:
    asked = browser.form("/connect/square", "/connect/square", {"organisation": "Main Street"})
    less = asked.headers["location"].replace("PAYOUTS_READ", "")
    back = browser.client.get(less + "&approve=yes").headers["location"]
    browser.say(browser.get(browser.get(back).headers["location"]))
    assert watch(served.house) == 1
    (standing,) = standings(served.house)
    assert [each.code for each in standing.findings] == [LACKING] and "PAYOUTS_READ" in standing.findings[0].message
    assert "lacks PAYOUTS_READ" in text_of(browser.get("/connections"))


def test_logs_are_lines_of_json_without_secrets() -> None:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(["the-client-secret"]))
    log = logging.Logger("connector.test")
    log.addHandler(handler)
    canaries = ("EAAAcanary1234567", "canary-code-123456", "canary.token-abcdef", "canary@example.com", "canarypass")
    log.info("Bearer canary.token-abcdef at https://x.example/callback?code=canary-code-123456&state=s12345678")
    log.info("%s the-client-secret refresh_token='canary.token-abcdef' canary@example.com", "EAAAcanary1234567")
    log.warning(
        "postgresql://me:canarypass@db/x\r\nforged line", extra={"provider": "square", "customer": "canarypass"}
    )
    try:
        raise ValueError("canary@example.com bought a coffee")
    except ValueError:
        log.exception("failed", exc_info=sys.exc_info())
    text = stream.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["level"] for line in lines] == ["info", "info", "warning", "error"]
    assert lines[2]["provider"] == "square" and "customer" not in lines[2]
    assert lines[3]["error"] == "ValueError" and "coffee" not in text
    assert [canary for canary in (*canaries, "the-client-secret") if canary in text] == []
