"""For machines: whether the process lives, whether it can work, and its figures.

They name no merchant and hold no secret, so they are answered without a session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import JSONResponse, PlainTextResponse, Response

from connector.store.figures import Counts, Figures, figures
from connector.transport.tally import calls
from connector.web.asked import Office


def health(office: Office) -> Response:
    """The process lives."""
    return PlainTextResponse("ok\n")


def ready(office: Office) -> Response:
    """200 when it can work, else 503 and why."""
    problems = office.problems()
    return JSONResponse({"ready": not problems, "problems": list(problems)}, status_code=503 if problems else 200)


def metrics(office: Office) -> Response:
    """The figures in Prometheus' text form."""
    registry = CollectorRegistry()
    registry.register(_Figures(office))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Figures(Collector):
    """Reads everything when it is asked: what is counted lies in the store."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def collect(self) -> Iterator[Metric]:
        house = self._office.house
        with house.database.transaction() as tx:
            found = figures(tx, house.now())
        yield from _stored(found, house.now())
        yield _counter(
            "connector_provider_calls", "Calls of this process to providers.", calls(), "provider", "outcome"
        )
        yield _counter("connector_webhooks", "Webhooks that came to this process.", self._office.webhooks.counts(),
                       "provider", "outcome")  # fmt: skip
        yield _gauge("connector_engine_jobs", "Jobs that wait or are in hand.", self._office.jobs(), "queue", "state")


def _stored(found: Figures, now: datetime) -> Iterator[Metric]:
    yield _gauge("connector_postings", "Postings by state.", found.postings, "state")
    yield _gauge("connector_shelves", "Movements held, parked or ignored, by reason.", found.shelves, "state", "code")
    yield _gauge("connector_findings", "Open findings.", found.findings, "code", "severity")
    yield _gauge("connector_runs", "Runs kept, by kind and how they came out.", found.runs, "kind", "state")
    yield _gauge("connector_connections", "Connections.", found.connections, "provider", "state")
    for name, since, what in (
        ("connector_oldest_due_schedule_seconds", found.oldest_schedule, "a schedule has been due"),
        ("connector_oldest_due_stream_seconds", found.oldest_stream, "a stream has had news"),
    ):
        seconds = max(0, int((now - since).total_seconds())) if since else 0
        yield GaugeMetricFamily(name, f"For how long {what} and nobody took it.", value=seconds)


def _gauge(name: str, about: str, counts: Counts, *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=labels)
    for values, count in sorted(counts.items()):
        family.add_metric(values, count)
    return family


def _counter(name: str, about: str, counts: dict[tuple[str, str], int], *labels: str) -> CounterMetricFamily:
    family = CounterMetricFamily(name, about, labels=labels)
    for values, count in sorted(counts.items()):
        family.add_metric(values, count)
    return family
