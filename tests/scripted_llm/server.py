"""An OpenAI-compatible and Ollama-compatible server that answers what it was told to."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from .replies import Reply, says

_REASONS = {200: "OK", 307: "Temporary Redirect", 404: "Not Found", 429: "Too Many Requests"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it stood on the wire."""

    method: str
    path: str
    headers: dict[str, str]  #: names in lower case
    body: bytes

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The chat messages of the request."""
        found: list[dict[str, Any]] = json.loads(self.body)["messages"]
        return found


@dataclass
class ScriptedLLM:
    """``async with ScriptedLLM() as llm``: queue ``llm.script``, read ``llm.asked`` afterwards.

    An empty script answers ``otherwise``. ``llm.answer`` may be a function of the request that
    takes the place of both. Speaks /v1/chat/completions and /api/chat.
    """

    otherwise: Reply = field(default_factory=lambda: says("Please ask your nurse."))
    port: int = 0
    script: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], Reply] | None = None
    _server: asyncio.Server | None = None
    _busy: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def origin(self) -> str:
        """Where it listens, without a path (Ollama's base URL)."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """The OpenAI-compatible base URL."""
        return f"{self.origin}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Refuse connections from now on; those open are cut."""
        if self._server is not None:
            self._server.close()
            for task in list(self._busy):
                task.cancel()
            await asyncio.gather(*self._busy, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        try:
            while (asked := await _read(reader)) is not None:
                self.asked.append(asked)
                if not await self._reply(asked, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._busy.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _reply(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        if self.answer is not None:
            reply = self.answer(asked)
        else:
            reply = self.script.pop(0) if self.script else self.otherwise
        await asyncio.sleep(reply.wait)
        if reply.drop:
            return False
        body = _body(asked, reply) if reply.raw is None else reply.raw
        kind = "application/x-ndjson" if asked.path == "/api/chat" else "application/json"
        head = [f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Error')}"]
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), **reply.headers}
        head += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*head, "", ""]).encode())
        if reply.drip:
            for byte in body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(reply.drip)
        else:
            writer.write(body)
            await writer.drain()
        return True


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    line = await reader.readline()
    if not line:
        return None
    method, path, _ = line.decode().split(" ", 2)
    headers: dict[str, str] = {}
    while (line := await reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode().partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method=method, path=path, headers=headers, body=body)


def _body(asked: Asked, reply: Reply) -> bytes:
    """The answer in the words of the protocol that was spoken."""
    said: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.calls and asked.path == "/api/chat":
        said["tool_calls"] = [{"function": {"name": n, "arguments": a}} for n, a in reply.calls]
    elif reply.calls:
        said["tool_calls"] = [
            {
                "id": f"call-{number}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
            for number, (name, arguments) in enumerate(reply.calls)
        ]
    if asked.path == "/api/chat":
        answer: dict[str, Any] = {
            "model": "scripted",
            "created_at": "2026-01-01T00:00:00Z",
            "message": said,
            "done": True,
            "done_reason": reply.finish,
            "eval_count": 1,
            "prompt_eval_count": 1,
        }
        return json.dumps(answer).encode() + b"\n"
    answer = {
        "id": "scripted-1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "message": said, "finish_reason": reply.finish}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
    return json.dumps(answer).encode()
