"""The HTTP side of the Rasa action server: who may ask, and what an error looks like."""

from __future__ import annotations

import hmac
import ipaddress
import json
import logging
import zlib
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels.rasa import Executor
from bot.domain.errors import SettingsError
from bot.ports.rasa import RasaActions

MAX_BYTES = 8_000_000  #: of a call, unpacked: a tracker carries its whole conversation
MIN_TOKEN = 16  #: characters

_log = logging.getLogger(__name__)


class _TooLarge(ValueError):
    """The call is larger than any tracker."""


def build(actions: RasaActions, token: str = "") -> Starlette:
    """The action server as an ASGI application.

    With a ``token`` every path but /health wants ``Authorization: Bearer <token>``. Without one
    only calls addressed to this machine by name are taken, so that no web page can reach it.
    """
    executor = Executor(actions)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def listed(request: Request) -> Response:
        if not _allowed(request, token):
            return _refused()
        return JSONResponse([{"name": name} for name in executor.names])

    async def webhook(request: Request) -> Response:
        if not _allowed(request, token):
            return _refused()
        # A browser may send any other type to a stranger's server without asking first.
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return JSONResponse({"error": "Content-Type must be application/json"}, 415)
        try:
            call = await _read(request)
        except _TooLarge:
            return JSONResponse({"error": "Request too large"}, 413)
        except (ValueError, zlib.error, RecursionError):
            return JSONResponse({"error": "Invalid body request"}, 400)
        name = call.get("next_action")
        known = name if name in executor.names else "unknown"
        try:
            answer = await executor.run(call)
        except Exception as error:  # noqa: BLE001 - the top of this process: no words may leave it
            _log.error("action %s failed: %s", known, type(error).__name__)
            return JSONResponse({"error": "The action failed."}, 500)
        return JSONResponse(answer.body, answer.status)

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/actions", listed),
            Route("/webhook", webhook, methods=["POST"]),
        ],
        middleware=[]
        if token
        else [Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])],
    )


def server(actions: RasaActions, *, host: str, port: int, token: str = "") -> uvicorn.Server:
    """A server ready to ``await server.serve()``.

    Raises SettingsError when others than this machine could reach it without a token.
    """
    if token and len(token) < MIN_TOKEN:
        raise SettingsError(f"ANKANG_RASA_TOKEN: give at least {MIN_TOKEN} characters")
    if not token and not _is_loopback(host):
        raise SettingsError(
            f"ANKANG_RASA_TOKEN: needed when the action server listens on {host}; "
            "or let it listen on 127.0.0.1 (ANKANG_RASA_HOST)"
        )
    return uvicorn.Server(
        uvicorn.Config(
            build(actions, token),
            host=host,
            port=port,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=5,
            lifespan="off",
        )
    )


async def serve(actions: RasaActions, *, host: str, port: int, token: str = "") -> None:
    """Serve until the process is told to stop. Raises SettingsError."""
    await server(actions, host=host, port=port, token=token).serve()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _allowed(request: Request, token: str) -> bool:
    if not token:
        return True
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    return kind.lower() == "bearer" and hmac.compare_digest(
        given.strip().encode("utf-8", "surrogateescape"), token.encode()
    )


def _refused() -> Response:
    return JSONResponse({"error": "Unauthorized"}, 401, headers={"WWW-Authenticate": "Bearer"})


async def _read(request: Request) -> dict[str, Any]:
    """The JSON object in the body, deflated or not. Raises ValueError or zlib.error."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise _TooLarge
    raw = bytes(body)
    if request.headers.get("content-encoding") == "deflate":
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(raw, MAX_BYTES)
        if unpacker.unconsumed_tail:
            raise _TooLarge
    call = json.loads(raw)
    if not isinstance(call, dict):
        raise ValueError("not an object")
    return call
