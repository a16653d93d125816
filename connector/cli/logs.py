"""Logs of what runs by itself: one JSON object a line on stderr, and no secret in any of them.

Whatever a library logs passes the same filter. Of an exception only its kind and its lines are told: its text may quote
a record."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime

SHORTEST_SECRET = 8
LONGEST_MESSAGE = 2_000
HIDDEN = "…"
FIELDS = ("method", "route", "status", "milliseconds", "provider", "connection", "feed", "run", "job", "stage", "count")
_HIDE = (
    (re.compile(r"(?i)\b(bearer|basic|client)\s+[A-Za-z0-9._~+/=-]{6,}"), r"\1 " + HIDDEN),
    (
        re.compile(
            r"(?i)\b([\w-]*(?:token|secret|code|state|verifier|challenge|password|signature|authorization|cookie|key))"
            r"(\"?'?\s*[=:]\s*\"?'?)[^\s&\"',;}]+"
        ),
        r"\1\2" + HIDDEN,
    ),
    (re.compile(r"(?i)(https?://[^\s?#\"']+)[?#][^\s\"']*"), r"\1?" + HIDDEN),
    (re.compile(r"(?i)(\w+://)[^\s/@]+@"), r"\1" + HIDDEN + "@"),
    (re.compile(r"\b(?:eyJ[\w-]+\.[\w.-]+|EAAA[\w-]+|Atz[ar]\|[\w+/=|-]+|personal-[\w-]+)"), HIDDEN),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), HIDDEN),
)


def json_logs(secrets: Iterable[str] = (), stream: object = None) -> None:
    """From now on every log of this process goes through here; `secrets` are texts that must not appear."""
    handler = logging.StreamHandler(stream or sys.stderr)  # type: ignore[arg-type]
    handler.setFormatter(JsonLines(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("connector").setLevel(logging.INFO)


class JsonLines(logging.Formatter):
    """A record as one line: time, level, logger, message, and the fields that are allowed."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = sorted({each for each in secrets if len(each) >= SHORTEST_SECRET}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._clean(record.getMessage()),
        }
        for name in FIELDS:
            if (value := getattr(record, name, None)) is not None:
                line[name] = value if isinstance(value, int) else self._clean(str(value))
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["at"] = [f"{each.name}:{each.lineno}" for each in traceback.extract_tb(record.exc_info[2])][-12:]
        return json.dumps(line, ensure_ascii=False)

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for pattern, instead in _HIDE:
            text = pattern.sub(instead, text)
        return text[:LONGEST_MESSAGE]
