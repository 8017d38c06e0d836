"""The test Telegram itself: it refuses what the real one refuses."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from telegram_server import TelegramServer
from telegram_server.spec import SPEC

ALICE, WARD = 5001, -1001234
ROOT = Path(__file__).parents[2]


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(limits=True) as server:
        server.person(ALICE)
        server.group(WARD, forum=True)
        yield server


async def call(server: TelegramServer, method: str, **params: Any) -> httpx.Response:
    url = f"{server.base_url}/bot{server.token}/{method}"
    async with httpx.AsyncClient(timeout=10) as client:
        return await client.post(url, data=params)


async def test_an_update_stays_until_an_offset_confirms_it(server: TelegramServer) -> None:
    server.say(ALICE, "one")
    first = (await call(server, "getUpdates")).json()["result"]
    again = (await call(server, "getUpdates")).json()["result"]
    assert first == again and len(first) == 1
    rest = await call(server, "getUpdates", offset=first[0]["update_id"] + 1)
    assert rest.json()["result"] == []
    assert (await call(server, "getUpdates")).json()["result"] == []


async def test_a_long_poll_ends_with_the_first_update(server: TelegramServer) -> None:
    started = time.monotonic()
    polling = asyncio.create_task(call(server, "getUpdates", timeout=5))
    await asyncio.sleep(0.2)
    server.say(ALICE, "now")
    assert len((await polling).json()["result"]) == 1
    assert 0.15 < time.monotonic() - started < 2


async def test_the_second_poller_ends_the_first(server: TelegramServer) -> None:
    first = asyncio.create_task(call(server, "getUpdates", timeout=5))
    await server.until(lambda: server.made("getUpdates"))
    second = await call(server, "getUpdates")
    assert (await first).status_code == 409
    assert second.status_code == 200


async def test_thirty_a_second_one_chat_a_second_twenty_a_minute(server: TelegramServer) -> None:
    for _ in range(5):
        assert (await call(server, "sendMessage", chat_id=ALICE, text="x")).status_code == 200
    refused = await call(server, "sendMessage", chat_id=ALICE, text="x")
    assert refused.status_code == 429
    assert refused.json()["parameters"]["retry_after"] >= 1
    for _ in range(20):
        assert (await call(server, "sendMessage", chat_id=WARD, text="x")).status_code == 200
    refused = await call(server, "sendMessage", chat_id=WARD, text="x")
    assert 50 <= refused.json()["parameters"]["retry_after"] <= 60


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("sendMessage", {"chat_id": ALICE, "text": " "}, "message text is empty"),
        ("sendMessage", {"chat_id": ALICE, "text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"chat_id": 99, "text": "x"}, "chat not found"),
        (
            "sendMessage",
            {"chat_id": WARD, "text": "x", "message_thread_id": 1},
            "message thread not found",
        ),
        ("createForumTopic", {"chat_id": ALICE, "name": "x"}, "the chat is not a forum"),
        ("deleteMessage", {"chat_id": ALICE, "message_id": 7}, "message to delete not found"),
        ("getFile", {"file_id": "x"}, "wrong file_id or the file is temporarily unavailable"),
    ],
)
async def test_refusals_read_as_telegrams_do(
    server: TelegramServer, method: str, params: dict[str, Any], description: str
) -> None:
    answer = await call(server, method, **params)
    assert answer.json()["description"] == f"Bad Request: {description}"
    assert answer.status_code == answer.json()["error_code"] == 400


async def test_a_closed_topic_takes_nothing(server: TelegramServer) -> None:
    topic = (await call(server, "createForumTopic", chat_id=WARD, name="A. L.")).json()["result"]
    thread = {"chat_id": WARD, "message_thread_id": topic["message_thread_id"]}
    assert (await call(server, "closeForumTopic", **thread)).json()["result"] is True
    refused = await call(server, "sendMessage", text="x", **thread)
    assert refused.json()["description"] == "Bad Request: TOPIC_CLOSED"


async def test_reactions_and_deletions_are_seen(server: TelegramServer) -> None:
    said = server.say(ALICE, "7.2")
    where = {"chat_id": ALICE, "message_id": said["message_id"]}
    reaction = json.dumps([{"type": "emoji", "emoji": "👀"}])
    await call(server, "setMessageReaction", reaction=reaction, **where)
    assert server.reactions[ALICE, said["message_id"]][0]["emoji"] == "👀"
    sent = (await call(server, "sendMessage", chat_id=ALICE, text="x")).json()["result"]
    await call(server, "deleteMessage", chat_id=ALICE, message_id=sent["message_id"])
    assert server.messages(ALICE) == []


async def test_nobody_can_tap_a_button_that_is_not_there(server: TelegramServer) -> None:
    sent = (await call(server, "sendMessage", chat_id=ALICE, text="x")).json()["result"]
    with pytest.raises(ValueError, match="no button"):
        server.tap(sent, "d:1:t")


@pytest.mark.skipif(not SPEC.exists(), reason="the Bot API description does not lie beside us")
@pytest.mark.parametrize(
    ("method", "params", "seen"),
    [
        ("sendMessage", {"chat_id": ALICE}, "sendMessage: text is missing"),
        ("sendMessage", {"chat_id": ALICE, "text": "x", "texte": 1}, "unknown field texte"),
        ("sendMessage", {"chat_id": ALICE, "text": "x", "message_thread_id": "a"}, "no Integer"),
        ("sendMessage", {"chat_id": ALICE, "text": "x" * 4097}, "4097 characters"),
        (
            "sendMessage",
            {
                "chat_id": ALICE,
                "text": "x",
                "reply_markup": json.dumps(
                    {"inline_keyboard": [[{"text": "x", "callback_data": "y" * 65}]]}
                ),
            },
            "65 bytes",
        ),
        ("sendMesage", {"chat_id": ALICE}, "no such method"),
    ],
)
async def test_calls_against_the_description_are_noted(
    server: TelegramServer, method: str, params: dict[str, Any], seen: str
) -> None:
    await call(server, method, **params)
    [violation] = server.violations
    assert seen in violation


def test_it_runs_by_itself() -> None:
    command = [sys.executable, "-m", "tests.telegram_server", "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=environment) as process:
        try:
            assert process.stdout is not None
            url, _, token = process.stdout.readline().decode().split()
            me = httpx.get(f"{url}/bot{token}/getMe").json()
            assert me["result"]["is_bot"] is True
        finally:
            process.terminate()
