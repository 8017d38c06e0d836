"""The HTTP side: calls in, updates out by long poll or webhook, in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import tornado.httpclient
import tornado.httpserver
import tornado.web
from tornado.netutil import bind_sockets

from .limits import Fault, Limits
from .methods import ApiFailure, Methods
from .wire import Api, Call, Download
from .world import Json, World


class TelegramServer(World):
    """``async with TelegramServer() as server`` (or plain ``with``): a bot's whole Telegram.

    ``limits=True`` enforces the rate windows. ``stop()`` and ``start()`` play an outage: the
    port and everything known stay.
    """

    def __init__(
        self, token: str = "123456:test-token", *, port: int = 0, limits: bool = False
    ) -> None:
        super().__init__(token)
        self.methods = Methods(self)
        self.port = port
        self.limits = Limits() if limits else None
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.webhook: Json = {"url": "", "secret_token": ""}
        self.webhook_statuses: list[int] = []  #: what the bot's webhook answered; 0: nothing
        self._poll: asyncio.Future[None] | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fault(self, method: str, **what: Any) -> Fault:
        """Order a fault for the next calls of ``method``; see Fault for the words."""
        ordered = Fault(method, **what)
        self.faults.append(ordered)
        return ordered

    def made(self, method: str) -> list[Call]:
        """The calls of one method so far."""
        return [call for call in list(self.calls) if call.method.lower() == method.lower()]

    async def until(self, reached: Callable[[], Any], *, within: float = 5.0) -> Any:
        """Wait for something to become true; gives it, or raises TimeoutError."""
        end = time.monotonic() + within
        while not (value := reached()):
            if time.monotonic() > end:
                raise TimeoutError("it never became true")
            await asyncio.sleep(0.01)
        return value

    # --- life ----------------------------------------------------------------------------

    def start(self) -> None:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main(ready)), daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the Telegram server did not start")

    def stop(self) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(10)
            self._thread = None

    def __enter__(self) -> TelegramServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> TelegramServer:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

    async def _main(self, ready: threading.Event) -> None:
        self._loop, self._ended, self._news = (
            asyncio.get_running_loop(),
            asyncio.Event(),
            asyncio.Event(),
        )
        self.wake = lambda: self._loop.call_soon_threadsafe(self._news.set)
        routes = [
            (r"/bot([^/]+)/(\w+)", Api, {"server": self}),
            (r"/file/bot([^/]+)/(.+)", Download, {"server": self}),
        ]
        app = tornado.web.Application(routes, log_function=lambda handler: None)
        http = tornado.httpserver.HTTPServer(app, max_buffer_size=64 * 2**20)
        sockets = bind_sockets(self.port, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        http.add_sockets(sockets)
        post = asyncio.create_task(self._deliver())
        ready.set()
        await self._ended.wait()
        self.wake = lambda: None
        if self._poll is not None and not self._poll.done():
            self._poll.cancel()
        post.cancel()
        http.stop()
        await http.close_all_connections()

    # --- updates -------------------------------------------------------------------------

    async def get_updates(self, params: Json, handler: Api) -> list[str]:
        """Waiting updates as JSON texts; an offset confirms all before it."""
        if self.webhook["url"]:
            raise ApiFailure(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(ApiFailure(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            ))  # fmt: skip
        if "allowed_updates" in params:
            self.allowed = json.loads(params["allowed_updates"])
        offset, limit = int(params.get("offset", 0)), int(params.get("limit", 100))
        with self.lock:
            if offset:
                self.updates = [u for u in self.updates if u[0] >= offset]
        end = time.monotonic() + min(int(params.get("timeout", 0)), 50)
        handler.poll = self._poll = poll = self._loop.create_future()
        while not self.updates and time.monotonic() < end and not poll.done():
            self._news.clear()
            news = asyncio.ensure_future(self._news.wait())
            left = max(0.0, end - time.monotonic())
            await asyncio.wait({news, poll}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
        if poll.done():
            poll.result()
        poll.cancel()
        return [text for _, text in self.updates[:limit]]

    async def _deliver(self) -> None:
        """Post waiting updates to the webhook, one by one and in order, until each is taken."""
        client, wait = tornado.httpclient.AsyncHTTPClient(force_instance=True), 0.1
        while True:
            if not self.webhook["url"] or not self.updates:
                self._news.clear()
                await self._news.wait()
                continue
            number, text = self.updates[0]
            headers = {"Content-Type": "application/json"}
            if self.webhook["secret_token"]:
                headers["X-Telegram-Bot-Api-Secret-Token"] = self.webhook["secret_token"]
            try:
                answer = await client.fetch(
                    self.webhook["url"], method="POST", headers=headers, body=text,
                    request_timeout=10, raise_error=False,
                )  # fmt: skip
                status = answer.code if answer.code != 599 else 0
            except OSError:
                status = 0
            self.webhook_statuses.append(status)
            if 200 <= status < 300:
                with self.lock:
                    self.updates = [u for u in self.updates if u[0] != number]
                wait = 0.1
            else:
                self.webhook["last_error_date"] = int(time.time())
                self.webhook["last_error_message"] = f"Wrong response from the webhook: {status}"
                await asyncio.sleep(wait)
                wait = min(wait * 2, 2.0)

    def change_webhook(self, params: Json) -> bool:
        self.webhook = {
            "url": params.get("url", ""),
            "secret_token": params.get("secret_token", ""),
        }
        if "allowed_updates" in params:
            self.allowed = json.loads(params["allowed_updates"])
        if params.get("drop_pending_updates") == "true":
            self.updates.clear()
        self._news.set()
        return True

    def webhook_info(self) -> Json:
        known = {key: value for key, value in self.webhook.items() if key != "secret_token"}
        return {**known, "has_custom_certificate": False, "pending_update_count": len(self.updates)}
