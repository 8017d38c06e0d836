"""The console's pages, served on a port of this machine, with the webhook where one is set."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import Executor
from typing import Any

from bot.bootstrap import House, is_loopback
from bot.console_actions import console_actions
from bot.conversation.receive import receive
from bot.domain.errors import AnkangError
from bot.escalations import alike


async def serve(house: House, front: Executor, stop: asyncio.Event) -> None:
    """Until ``stop``. Raises OSError when the port is in use."""
    import uvicorn

    settings = house.settings
    app = console_app(house, front)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=2,
            lifespan="off",
        )
    )
    # Bound here, so that a port in use is one clear error and not a library's exit.
    listening = socket.create_server((settings.host, settings.port), family=_family(settings.host))
    serving = asyncio.create_task(server._serve([listening]))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopped], return_when=asyncio.FIRST_COMPLETED)
    app.state.desk.closing.set()
    server.should_exit = True
    stopped.cancel()
    await serving


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def console_app(house: House, front: Executor) -> Any:
    """The pages, with the Telegram webhook where one is set."""
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    from bot.console.app import ConsoleSettings, build

    settings = house.settings

    async def health(_: Request) -> Response:
        def look() -> None:
            with house.store.reading() as rows:
                rows.audit.last()

        try:
            await asyncio.get_running_loop().run_in_executor(front, look)
        except AnkangError:
            return PlainTextResponse("the database does not answer", 503)
        return PlainTextResponse("ok")

    routes: list[Any] = [Route("/health", health)]
    if house.telegram is not None and settings.telegram_webhook_url:
        from bot.channels.telegram import webhook_route

        async def keep(updates: Any) -> None:
            await asyncio.get_running_loop().run_in_executor(
                front, receive, updates, house.services
            )

        secret = settings.telegram_webhook_secret.get_secret_value()
        routes.append(webhook_route(house.telegram, keep, secret))
    return build(
        store=house.store,
        clock=house.services.clock,
        actions=console_actions(house),
        settings=ConsoleSettings(
            clinic_name=settings.clinic_name,
            demo=settings.demo,
            similar_cases=alike.rules().floor if settings.similar_cases else 0,
            loopback=is_loopback(settings.host),
            telegram_username=getattr(house.telegram, "username", ""),
            secure_cookies=settings.console_url.startswith("https://"),
            extra_routes=tuple(routes),
        ),
        phone=house.web,
    )
