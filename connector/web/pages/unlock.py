"""Asks for the setup key, once in a browser."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from starlette.responses import Response

from connector.web.asked import Asked, Office, see_other
from connector.web.door import set_session
from connector.web.rendering import render

TRIES, WITHIN = 5, timedelta(minutes=1)
_wrong: deque[datetime] = deque(maxlen=TRIES)  # of this process; the key itself is too long to be guessed


def unlock(office: Office, asked: Asked) -> Response:
    if asked.method != "POST":
        return see_other("/")
    now = office.house.now()
    if len(_wrong) == TRIES and _wrong[0] > now - WITHIN:
        return render(office, asked, "unlock.html", status=429, problem="Too many wrong keys: wait a minute.")
    if not office.signer.is_setup_key(asked.text("key")):
        _wrong.append(now)
        return render(office, asked, "unlock.html", status=401, problem="This is not the setup key.")
    answer = see_other("/")
    set_session(office, office.signer.fresh(now, is_open=True), answer)
    return answer
