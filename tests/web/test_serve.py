"""`connector serve` as a process: it answers, and leaves cleanly when it is told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from tests.cli.running import environment


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path, bytecode: Path) -> None:
    env = environment(bytecode) | {"CONNECTOR_HOME": str(tmp_path / "home")}
    words = [sys.executable, "-m", "connector", "serve", "--port", "0"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=env) as process:
        assert process.stderr is not None
        address = next(line.split()[-1] for line in process.stderr if line.startswith("Connector serves"))
        assert httpx.get(f"{address}/health").text == "ok\n"
        page = httpx.get(address)
        assert page.status_code == 200 and "server" not in page.headers
        assert httpx.get(f"{address}/ready").json() == {"ready": True, "problems": []}
        assert 'connector_engine_jobs{queue="pull",state="waiting"} 0.0' in httpx.get(f"{address}/metrics").text
        assert httpx.get(f"{address}/callback/square?code=canary-code-123&state=canary-state").status_code == 400
        os.kill(process.pid, signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in told, "canary" in told) == (0, False, False)
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert {"method": "GET", "route": "/callback/{provider}", "status": 400}.items() <= lines[-1].items()


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path, bytecode: Path) -> None:
    env = environment(bytecode) | {"CONNECTOR_HOME": str(tmp_path / "home")}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = [sys.executable, "-m", "connector", "serve", "--port", str(port)]
        ran = subprocess.run(words, capture_output=True, text=True, env=env, timeout=60)
    assert ran.returncode == 2 and f"127.0.0.1:{port} cannot be served" in ran.stderr
