"""The first page: what can be connected, what each provider still needs, and what is connected."""

from __future__ import annotations

from starlette.responses import Response

from connector.store.feeds import connections
from connector.sync.providers import providers
from connector.web.asked import Asked, Office
from connector.web.rendering import render


def start(office: Office, asked: Asked) -> Response:
    with office.house.database.transaction() as tx:
        connected = [each.provider for each in connections(tx) if each.state != "disconnected"]
    return render(
        office,
        asked,
        "start.html",
        base_url=office.base_url,
        counts={each: connected.count(each) for each in connected},
        providers=providers(office.settings),
    )
