"""The live part of a page of the console, without a browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from console_house import House
from starlette.testclient import TestClient


@asynccontextmanager
async def live(
    path: str, house: House, client: TestClient, query: str = ""
) -> AsyncIterator[asyncio.Queue[str]]:
    """The live part of a page as a browser gets it, piece by piece; ends with an empty piece."""
    pieces: asyncio.Queue[str] = asyncio.Queue()
    gone = asyncio.Event()
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())

    async def receive() -> dict[str, object]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.body":
            pieces.put_nowait(bytes(message["body"]).decode())  # type: ignore[call-overload]

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"cookie", cookies.encode()),
                    (b"accept", b"text/event-stream")],
        "client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    task = asyncio.create_task(house.app(scope, receive, send))  # type: ignore[arg-type]
    try:
        yield pieces
    finally:
        gone.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def next_news(pieces: asyncio.Queue[str]) -> str:
    """The HTML of the next drawing, or "gone"."""
    while True:
        piece = await asyncio.wait_for(pieces.get(), 8)
        if "event: gone" in piece:
            return "gone"
        if "\ndata: " in piece and "event:" not in piece:
            return str(json.loads(piece.split("\ndata: ")[1])["html"])
