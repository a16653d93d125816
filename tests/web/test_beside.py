"""What runs beside the endpoints starts with them and is waited for when they end."""

from __future__ import annotations

import asyncio
import threading

from starlette.applications import Starlette

from connector.web.beside import Part, lifespan


def test_parts_start_with_the_endpoints_and_what_is_in_hand_is_finished_at_the_end() -> None:
    said: list[str] = []
    running = threading.Event()

    def work(stop: threading.Event) -> None:
        said.append("begun")
        running.set()
        stop.wait()
        said.append("finished")

    part = Part("worker", work)

    async def serve() -> None:
        async with lifespan([part])(Starlette()):
            await asyncio.to_thread(running.wait)
            assert (said, part.problem) == (["begun"], "")

    asyncio.run(serve())
    assert said == ["begun", "finished"]


def test_a_part_that_dies_is_told_and_ends_nothing_else() -> None:
    def broken(stop: threading.Event) -> None:
        raise RuntimeError

    part = Part("ticker", broken)

    async def serve() -> None:
        async with lifespan([part])(Starlette()):
            await asyncio.to_thread(part.wait)
            assert part.problem == "The ticker does not run."

    asyncio.run(serve())
