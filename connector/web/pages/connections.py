"""What is connected, and how each connection is."""

from __future__ import annotations

from starlette.responses import Response

from connector.sync.standing import standings
from connector.web.asked import Asked, Office
from connector.web.rendering import render


def connections(office: Office, asked: Asked) -> Response:
    return render(office, asked, "connections.html", standings=standings(office.house))
