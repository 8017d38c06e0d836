"""The way to Telegram: never behind busy threads, and through a hospital's proxy where one is."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from telegram_server import TelegramServer

from bot.channels import telegram_http
from bot.channels.telegram import Telegram
from bot.domain.message import Outgoing

ALICE = 5001


async def test_a_message_leaves_while_every_thread_answers_somebody() -> None:
    async with TelegramServer() as server:
        server.person(ALICE)
        telegram = Telegram(server.token, base_url=server.base_url)
        await telegram.start()
        answered = threading.Event()
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        busy = loop.run_in_executor(None, answered.wait, 10)
        try:
            await asyncio.wait_for(telegram.send(Outgoing(address=str(ALICE), text="Call 999")), 2)
        finally:
            answered.set()
            await busy
            await telegram.close()
        assert [message["text"] for message in server.messages(ALICE)] == ["Call 999"]


@pytest.fixture
def proxy() -> Iterator[ThreadingHTTPServer]:
    """Writes down what it is asked for and answers as Telegram would to a good getMe."""

    class Asked(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, self.headers.get("Proxy-Authorization", "")))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            bot = {"id": 123456, "is_bot": True, "first_name": "A", "username": "a_bot"}
            body = json.dumps({"ok": True, "result": bot}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    asked: list[tuple[str, str]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    server.asked = asked  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def looked_up_anew() -> Iterator[None]:
    telegram_http._proxy.cache_clear()
    yield
    telegram_http._proxy.cache_clear()


async def test_a_hospitals_proxy_is_used_with_its_password(
    proxy: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://house:secret@127.0.0.1:{proxy.server_port}")
    telegram = Telegram("123456:token", base_url="http://bot-api.clinic.invalid/bot")
    await telegram.start()
    await telegram.close()
    path, authorisation = proxy.asked[0]  # type: ignore[attr-defined]
    assert path == "http://bot-api.clinic.invalid/bot123456:token/getMe"
    assert authorisation.startswith("Basic ")


async def test_who_is_exempt_from_the_proxy_is_reached_directly(
    proxy: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.server_port}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with TelegramServer() as server:
        telegram = Telegram(server.token, base_url=server.base_url)
        await telegram.start()
        await telegram.close()
        assert server.made("getMe")
    assert proxy.asked == []  # type: ignore[attr-defined]
