"""How updates come in by webhook: 200 means kept."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from telegram_server import TelegramServer

from bot.channels.telegram import Telegram, webhook_route
from bot.domain.errors import StoreError
from bot.domain.message import Button, Outgoing, Update

ALICE, SECRET = 5001, "a-secret-of-16-chars"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        server.person(ALICE)
        yield server
        assert server.violations == []


@pytest.fixture
async def telegram(server: TelegramServer) -> AsyncIterator[Telegram]:
    telegram = Telegram(server.token, base_url=server.base_url)
    await telegram.start()
    yield telegram
    await telegram.close()


class Door:
    """The webhook behind a real HTTP server; ``failing`` times nothing can be kept."""

    def __init__(self, telegram: Telegram, failing: int = 0) -> None:
        self.kept: list[Update] = []
        self.failing = failing
        app = Starlette(routes=[webhook_route(telegram, self.keep, SECRET)])
        config = uvicorn.Config(app, log_level="error", lifespan="off")
        self.http = uvicorn.Server(config)
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/telegram"

    async def keep(self, updates: Sequence[Update]) -> None:
        if self.failing:
            self.failing -= 1
            raise StoreError
        self.kept += updates

    async def __aenter__(self) -> "Door":
        self.task = asyncio.create_task(self.http.serve([self.socket]))
        while not self.http.started:  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0.01)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.http.should_exit = True
        await self.task

    async def post(self, body: bytes, secret: str | None = SECRET) -> int:
        headers = {} if secret is None else {HEADER: secret}
        async with httpx.AsyncClient() as client:
            return (await client.post(self.url, content=body, headers=headers)).status_code


async def test_updates_come_in_order_and_taps_are_answered(
    server: TelegramServer, telegram: Telegram
) -> None:
    buttons = ((Button(label="Taken", data="d:1:t"),),)
    await telegram.send(Outgoing(address=str(ALICE), text="Taken?", buttons=buttons))
    async with Door(telegram) as door:
        await telegram.set_webhook(door.url, SECRET)
        for number in range(5):
            server.say(ALICE, str(number))
        tap = server.tap(server.messages(ALICE)[0], "d:1:t")
        await server.until(lambda: tap in server.answered)
    assert [telegram.parse(update).text for update in door.kept[:5]] == list("01234")
    assert {update.bot for update in door.kept} == {"123456"}
    assert not server.updates


async def test_what_cannot_be_kept_is_not_taken_and_comes_again(
    server: TelegramServer, telegram: Telegram
) -> None:
    async with Door(telegram, failing=2) as door:
        await telegram.set_webhook(door.url, SECRET)
        server.say(ALICE, "do not lose me")
        server.say(ALICE, "nor me")
        await server.until(lambda: len(door.kept) == 2)
    assert server.webhook_statuses == [503, 503, 200, 200]
    assert [telegram.parse(update).text for update in door.kept] == ["do not lose me", "nor me"]


@pytest.mark.parametrize("secret", ["another-secret-of-16", "", None, "a-secret-of-16-char"])
async def test_a_wrong_secret_is_turned_away(telegram: Telegram, secret: str | None) -> None:
    async with Door(telegram) as door:
        assert await door.post(b'{"update_id": 1}', secret) == 403
    assert door.kept == []


async def test_odd_content_with_a_number_is_kept_as_it_came(telegram: Telegram) -> None:
    body = '{"update_id": 8, "message": ["什么", "\\ud800"], "new": {}}'
    async with Door(telegram) as door:
        assert await door.post(body.encode()) == 200
    [update] = door.kept
    assert (update.external_id, update.body) == ("8", body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'{"update_id": "1"}',
        b'{"update_id": true}',
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({"update_id": 1, "pad": "x" * (2 * 2**20)}).encode(),
    ],
    ids=["empty", "words", "list", "text id", "bool id", "bytes", "deep", "large"],
)
async def test_a_body_without_a_number_or_too_large_is_refused(
    telegram: Telegram, body: bytes
) -> None:
    async with Door(telegram) as door:
        assert await door.post(body) == 400
    assert door.kept == []


@pytest.mark.parametrize("secret", ["", "short", "with spaces in the secret", "秘" * 20])
async def test_a_secret_telegram_would_not_take_stops_the_start(
    telegram: Telegram, secret: str
) -> None:
    async def keep(updates: Sequence[Update]) -> None: ...

    with pytest.raises(ValueError, match="secret"):
        webhook_route(telegram, keep, secret)
