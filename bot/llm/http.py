"""The HTTP manners of the model adapters: no redirect, no compression, no endless answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx

MAX_BYTES = 1_000_000  #: of one answer's body; a thousand times what a draft needs


class _Bounded(httpx.AsyncByteStream):
    """A body that breaks off at ``MAX_BYTES``."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for chunk in self._stream:
            seen += len(chunk)
            if seen > MAX_BYTES:
                raise httpx.ReadError("the answer has no end")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(response: httpx.Response) -> None:
    # A compressed answer could unpack to anything; none was asked for.
    if response.headers.get("content-encoding", "identity") != "identity":
        raise httpx.ReadError("the answer is compressed")
    if isinstance(response.stream, httpx.AsyncByteStream):
        response.stream = _Bounded(response.stream)


def client_options(timeout: float) -> dict[str, Any]:
    """Keyword arguments of an ``httpx.AsyncClient``; ``timeout`` in seconds for a whole read.

    A redirect is never followed: it would carry a patient's words to a host nobody configured.
    """
    return {
        "timeout": httpx.Timeout(timeout, connect=min(timeout, 3.0)),
        "follow_redirects": False,
        # A connection for each call: nothing to close, and none that a server let go stale.
        "limits": httpx.Limits(max_keepalive_connections=0),
        "event_hooks": {"response": [_bound]},
        "headers": {"Accept-Encoding": "identity"},
    }
